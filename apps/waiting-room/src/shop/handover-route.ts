import { checkReturnUrl, waitingRoomRoutes, withHandover } from '@floodgate/contracts'
import { handle, NO_STORE, type RejectForeignOrigin, type Route } from '@floodgate/http'
import { AppError } from '@floodgate/runtime'
import type { IdentifyAllowed } from '../identity/revocations.ts'
import type { StatusReader } from '../line/read-status.ts'
import type { TakeTurnRequest } from '../line/turn-limit.ts'
import { findSaleOrThrow } from '../sales/find-sale.ts'
import type { SaleCache } from '../sales/sale-cache.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { credentialsOf } from '../tokens/identify.ts'
import type { SignAdmission } from '../tokens/sign-admission.ts'
import type { ShopTokens } from '../tokens/sign-handover.ts'

export interface HandoverRouteDeps {
  readonly sales: SaleCache
  readonly identify: IdentifyAllowed
  readonly status: StatusReader
  readonly rejectForeignOrigin: RejectForeignOrigin
  readonly takeRequest: TakeTurnRequest
  readonly signAdmission: SignAdmission
  readonly shopTokens: Pick<ShopTokens, 'signHandover'>
  countHandover(outcome: 'handed-over' | 'no-turn' | 'no-return'): void
}

/** Returns the destination of an admitted buyer: the URL it came from where the sale allows it, else the sale's default. */
function returnUrlOf({ returnOrigins, defaultReturnUrl }: Snapshot, wanted: string | undefined): URL | undefined {
  return checkReturnUrl(wanted, returnOrigins) ?? checkReturnUrl(defaultReturnUrl, returnOrigins)
}

/** Serves the handover of an admitted buyer back to the shop. */
export function handoverRoute(deps: HandoverRouteDeps): Route {
  function rejection(code: 'no-turn' | 'no-return', detail: string): AppError {
    deps.countHandover(code)
    return new AppError(code, { detail })
  }
  return handle(waitingRoomRoutes.handOver, async function handOver(request, reply) {
    const sale = await findSaleOrThrow(deps.sales, request.params.sale)
    deps.rejectForeignOrigin(request.headers)
    const holder = await deps.identify(sale.id, credentialsOf(request.headers))
    const { return: wanted } = await request.body()
    deps.takeRequest(holder)
    const url = returnUrlOf(sale.snapshot, wanted)
    if (url === undefined) throw rejection('no-return', 'The sale names no shop for this return URL, and no default.')
    const slot = await deps.status.findTurn(sale, holder)
    if (slot === undefined) throw rejection('no-turn', 'Your turn has ended, was given back, or has not begun.')
    const { admission } = deps.signAdmission(sale.id, slot)
    const turn = { sale: sale.id, buyer: slot.buyer, slot: slot.slot, origin: url.origin }
    const { token, expiresAt } = deps.shopTokens.signHandover(turn)
    deps.countHandover('handed-over')
    return reply(200, { url: withHandover(url, `${admission}.${token}`), expiresAt }, NO_STORE)
  })
}
