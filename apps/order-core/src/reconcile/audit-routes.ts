import { orderCoreRoutes } from '@floodgate/contracts'
import { NO_STORE, parseOrThrow } from '@floodgate/http'
import { AppError } from '@floodgate/runtime'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Pool } from 'pg'
import type { StockRedis } from '../stock/stock-redis.ts'
import { auditStock } from './audit.ts'

export function mountStockAudit(app: OpenAPIHono, { pool, stockRedis }: { pool: Pool; stockRedis: StockRedis }): void {
  app.get('/admin/sales/:sale/stock', async (c) => {
    const { sale } = parseOrThrow(orderCoreRoutes.auditStock.request.params, c.req.param())
    const audit = await auditStock({ pool, redis: stockRedis.redis }, sale)
    if (audit === undefined) throw new AppError('not-found')
    return c.json(audit, 200, NO_STORE)
  })
}
