import { problemBody, saleId, stockAudit } from '@floodgate/contracts'
import { AppError, parseOrRefuse, requireOperator } from '@floodgate/service'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Pool } from 'pg'
import { z } from 'zod'
import { auditStock } from './audit.ts'
import type { Fence } from './fence.ts'

const params = z.object({ sale: saleId })

export const mountStockAudit = (
  app: OpenAPIHono,
  { pool, fence, adminToken }: { pool: Pool; fence: Fence; adminToken: string },
): void => {
  app.openAPIRegistry.registerPath({
    method: 'get',
    path: '/admin/sales/{sale}/stock',
    summary: 'Compare the stock of Redis with the ledger of Postgres',
    description:
      'Operator token. While orders come in the two may differ for a moment: units are held first, written next.',
    request: { params },
    responses: {
      200: { description: 'Both, per SKU', content: { 'application/json': { schema: stockAudit } } },
      401: { description: '`unauthorized`', content: { 'application/problem+json': { schema: problemBody } } },
      404: { description: '`not-found`', content: { 'application/problem+json': { schema: problemBody } } },
    },
  })
  app.get('/admin/sales/:sale/stock', requireOperator(adminToken), async (c) => {
    const { sale } = parseOrRefuse(params, c.req.param())
    const audit = await auditStock({ pool, redis: fence.redis }, sale)
    if (audit === undefined) throw new AppError('not-found')
    return c.json(audit, 200, { 'cache-control': 'no-store' })
  })
}
