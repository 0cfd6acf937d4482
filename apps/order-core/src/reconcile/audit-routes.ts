import { orderCoreRoutes, type StockAudit } from '@floodgate/contracts'
import { handle, NO_STORE, type Route } from '@floodgate/http'
import { AppError } from '@floodgate/runtime'
import type { Pool } from 'pg'
import type { StockRedis } from '../stock/stock-redis.ts'
import { auditStock } from './audit.ts'

/** Serves the comparison of Redis and the ledger, and the repair of the former. */
export function stockAuditRoutes({ pool, stockRedis }: { pool: Pool; stockRedis: StockRedis }): readonly Route[] {
  async function audit(sale: string): Promise<StockAudit> {
    const compared = await auditStock({ pool, redis: stockRedis.redis }, sale)
    if (compared === undefined) throw new AppError('not-found')
    return compared
  }
  return [
    handle(orderCoreRoutes.auditStock, async function showStockAudit({ params }, reply) {
      return reply(200, await audit(params.sale), NO_STORE)
    }),
    handle(orderCoreRoutes.repairStock, async function repairStock(request, reply) {
      const { sale } = request.params
      await request.body()
      // An unknown sale has no stock to rebuild.
      await audit(sale)
      await stockRedis.rebuild(sale, { force: true })
      return reply(200, await audit(sale), NO_STORE)
    }),
  ]
}
