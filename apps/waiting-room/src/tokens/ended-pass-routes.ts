import { waitingRoomRoutes } from '@floodgate/contracts'
import { handle, type MaybePromise, NO_STORE, type Route } from '@floodgate/http'
import type { EndedPassOf } from './ended-pass.ts'
import { type Credentials, credentialsOf, type TicketHolder } from './identify.ts'

/** Served without Redis or Postgres: orders outlive lines. */
export function endedPassRoute(deps: {
  /** Identifies a buyer or throws. */
  identify(sale: string, credentials: Credentials): MaybePromise<TicketHolder>
  readonly endedPassOf: EndedPassOf
}): Route {
  return handle(waitingRoomRoutes.readEndedPass, async function readEndedPass({ params, headers }, reply) {
    const holder = await deps.identify(params.sale, credentialsOf(headers))
    return reply(200, deps.endedPassOf(holder), NO_STORE)
  })
}
