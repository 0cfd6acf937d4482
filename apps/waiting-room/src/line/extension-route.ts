import { waitingRoomRoutes } from '@floodgate/contracts'
import { andThen, handle, type RejectForeignOrigin, type Route } from '@floodgate/http'
import type { IdentifyAllowed } from '../identity/revocations.ts'
import { requireSale } from '../sales/find-sale.ts'
import type { SaleCache } from '../sales/sale-cache.ts'
import type { Extend } from '../slots/extend-turn.ts'
import { credentialsOf } from '../tokens/identify.ts'
import type { PollLimit } from './poll-limit.ts'
import { pollResponse } from './poll-response.ts'
import type { StatusReader } from './read-status.ts'
import type { TakeTurnRequest } from './turn-limit.ts'

export interface ExtensionRouteDeps {
  readonly sales: SaleCache
  readonly identify: IdentifyAllowed
  readonly status: StatusReader
  readonly polls: PollLimit
  readonly rejectForeignOrigin: RejectForeignOrigin
  readonly extend: Extend
  readonly takeRequest: TakeTurnRequest
}

/**
 * Serves the simple action for more time that WCAG 2.2.1 requires. Responds like a poll, with the longer admission.
 */
export function extensionRoute(deps: ExtensionRouteDeps): Route {
  const { sales, identify, status, polls, extend } = deps
  return handle(waitingRoomRoutes.extendTurn, function extendTurn(request) {
    return andThen(requireSale(sales, request.parameter), (sale) => {
      deps.rejectForeignOrigin(request.headers)
      return andThen(identify(sale.id, credentialsOf(request.headers)), (holder) =>
        andThen(request.body(), ({ number }) => {
          deps.takeRequest(holder)
          return (
            extend(holder, number)
              .then(async (slot) =>
                // Which ID tokens have seen a pass is noted where it is read.
                pollResponse(
                  holder.idToken === undefined ? status.admitted(sale, slot) : await status.fromRedis(sale, holder),
                ),
              )
              // A later poll must not get an earlier response.
              .finally(() => polls.forget(holder))
          )
        }),
      )
    })
  })
}
