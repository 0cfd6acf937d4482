import { saleId, stockAudit } from '@floodgate/contracts'
import { defineOperation, NO_STORE, OPERATOR_ONLY, parseOrThrow, success } from '@floodgate/http'
import { AppError } from '@floodgate/runtime'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Pool } from 'pg'
import { z } from 'zod'
import { STOCK } from '../openapi/examples.ts'
import type { StockRedis } from '../stock/stock-redis.ts'
import { auditStock } from './audit.ts'

const params = z.object({ sale: saleId })

export const stockOperation = defineOperation({
  method: 'get',
  path: '/admin/sales/{sale}/stock',
  summary: 'Compare the stock of Redis with the ledger of Postgres',
  description: 'While orders come in the two may differ for a moment: units are held first, written next.',
  security: OPERATOR_ONLY,
  request: { params },
  responses: { 200: success('Both, per SKU', stockAudit, { example: STOCK }) },
  refusals: { 'not-found': true },
})

export function mountStockAudit(app: OpenAPIHono, { pool, stockRedis }: { pool: Pool; stockRedis: StockRedis }): void {
  app.get('/admin/sales/:sale/stock', async (c) => {
    const { sale } = parseOrThrow(params, c.req.param())
    const audit = await auditStock({ pool, redis: stockRedis.redis }, sale)
    if (audit === undefined) throw new AppError('not-found')
    return c.json(audit, 200, NO_STORE)
  })
}
