import { orderCoreRoutes } from '@floodgate/contracts'
import { handle, NO_STORE, type Route } from '@floodgate/http'
import { AppError } from '@floodgate/runtime'
import type { Pool } from 'pg'
import type { StockRedis } from '../stock/stock-redis.ts'
import { auditStock } from './audit.ts'

export function stockAuditRoute({ pool, stockRedis }: { pool: Pool; stockRedis: StockRedis }): Route {
  return handle(orderCoreRoutes.auditStock, async function showStockAudit({ params }, reply) {
    const audit = await auditStock({ pool, redis: stockRedis.redis }, params.sale)
    if (audit === undefined) throw new AppError('not-found')
    return reply(200, audit, NO_STORE)
  })
}
