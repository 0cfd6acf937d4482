import { waitingRoomRoutes } from '@floodgate/contracts'
import { handle, NO_STORE, type Route } from '@floodgate/http'
import { findSaleOrThrow } from '../sales/find-sale.ts'
import type { SaleCache } from '../sales/sale-cache.ts'
import type { Finish } from '../slots/finish-turn.ts'
import type { ShopTokens } from '../tokens/sign-handover.ts'

/** Serves the reports of the shop's server, and the diagnosis tokens of operators. */
export function shopOperatorRoutes(deps: {
  readonly sales: SaleCache
  readonly finish: Finish
  readonly shopTokens: Pick<ShopTokens, 'signDiagnosis'>
}): readonly Route[] {
  const { sales } = deps
  return [
    handle(waitingRoomRoutes.finishSlot, async function finishSlot(request, reply) {
      const { sale, slot } = request.params
      const { id } = await findSaleOrThrow(sales, sale)
      await request.body()
      await deps.finish({ sale: id, slot })
      return reply(204, undefined, NO_STORE)
    }),
    handle(waitingRoomRoutes.createDiagnosisToken, async function createDiagnosisToken(request, reply) {
      const { sale, minutes } = await request.body()
      const { id } = await findSaleOrThrow(sales, sale)
      return reply(201, deps.shopTokens.signDiagnosis({ sale: id, minutes }), NO_STORE)
    }),
  ]
}
