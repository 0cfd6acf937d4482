import { checkMoneyRoute, type MoneyCheck } from '@floodgate/contracts'
import { NO_STORE } from '../responses/no-store.ts'
import { handle } from '../routes/handle.ts'
import type { Route } from '../routes/route.ts'

/** `GET /admin/money-check`: checks that every amount taken belongs to one order, or was refunded. */
export function createMoneyCheckRoute(options: { check(): Promise<MoneyCheck> }): Route {
  return handle(checkMoneyRoute, async function checkMoney(_, reply) {
    return reply(200, await options.check(), NO_STORE)
  })
}
