import { FINISH_SECONDS, waitingRoomRoutes } from '@floodgate/contracts'
import { handle, NO_STORE, type Route } from '@floodgate/http'
import type { Revocations } from '../identity/revocations.ts'
import type { PollLimit } from '../line/poll-limit.ts'
import type { TakeTurnRequest } from '../line/turn-limit.ts'
import { findSaleOrThrow } from '../sales/find-sale.ts'
import type { SaleCache } from '../sales/sale-cache.ts'
import { type Extend, extensionsOf } from '../slots/extend-turn.ts'
import type { Finish } from '../slots/finish-turn.ts'
import type { SignAdmission } from '../tokens/sign-admission.ts'
import type { VerifyAdmission } from '../tokens/verify-admission.ts'

export interface PassRouteDeps {
  readonly sales: SaleCache
  readonly revocations: Pick<Revocations, 'reject' | 'rejectNow'>
  readonly verifyAdmission: VerifyAdmission
  readonly signAdmission: SignAdmission
  readonly polls: Pick<PollLimit, 'forget'>
  readonly extend: Extend
  readonly finish: Finish
  readonly takeExtension: TakeTurnRequest
  readonly takeFinish: TakeTurnRequest
}

/** Serves the shop's calls with a buyer's admission, which it has instead of a ticket: extending the turn, ending it. */
export function passRoutes(deps: PassRouteDeps): readonly Route[] {
  const { sales, verifyAdmission } = deps
  return [
    handle(waitingRoomRoutes.extendPass, async function extendPass(request, reply) {
      const sale = await findSaleOrThrow(sales, request.params.sale)
      const shown = await verifyAdmission(request.headers.authorization, { sale: sale.id, expiredForSeconds: 0 })
      const { number } = await request.body()
      // The token that the account came with is not known here: its turn is given back when that one is revoked.
      // A longer admission is a pass: where accounts buy, no stale list lets one have it.
      const account = { buyer: shown.buyer, idToken: '' }
      await (sale.snapshot.identity === null ? deps.revocations.reject(account) : deps.revocations.rejectNow(account))
      deps.takeExtension(shown)
      const slot = await deps.extend(shown, number)
      // A later poll must not get an earlier response, whichever credential it has.
      for (const place of [slot.place, 0]) deps.polls.forget({ sale: sale.id, buyer: slot.buyer, place })
      const extensions = extensionsOf(sale.snapshot, slot)
      return reply(200, { ...deps.signAdmission(sale.id, slot), extensions }, NO_STORE)
    }),
    handle(waitingRoomRoutes.finishTurn, async function finishTurn(request, reply) {
      const { id } = await findSaleOrThrow(sales, request.params.sale)
      const expiredForSeconds = FINISH_SECONDS
      const shown = await verifyAdmission(request.headers.authorization, { sale: id, expiredForSeconds })
      await request.body()
      deps.takeFinish(shown)
      await deps.finish(shown)
      return reply(204, undefined, NO_STORE)
    }),
  ]
}
