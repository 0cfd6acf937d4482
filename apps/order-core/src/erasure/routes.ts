import { buyerId, erasableOrders, problemBody, saleId } from '@floodgate/contracts'
import { isRetriableDatabaseError } from '@floodgate/database'
import { mountErasureRoute, requireOperator } from '@floodgate/service'
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi'
import type { Pool } from 'pg'
import { z } from 'zod'
import { eraseBuyer, listErasable } from './erase-buyer.ts'

const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: problemBody } },
})

/** Lists what can be erased of a buyer, and erases it. */
export function mountErasure(app: OpenAPIHono, { pool, adminToken }: { pool: Pool; adminToken: string }): void {
  const listRoute = createRoute({
    method: 'get',
    path: '/admin/erasures',
    summary: "A buyer's orders that can be erased, and those that have to stay for now",
    security: [{ operator: [] }],
    middleware: requireOperator(adminToken),
    request: { query: z.strictObject({ buyer: buyerId, sale: saleId.optional() }) },
    responses: {
      200: { description: 'The orders', content: { 'application/json': { schema: erasableOrders } } },
      400: problem('`invalid-request`'),
      401: problem('`unauthorized`'),
      503: problem('`unavailable`, with `Retry-After`'),
    },
  })
  app.openapi(listRoute, async (c) => {
    const orders = await listErasable(pool, c.req.valid('query'))
    return c.json(orders, 200, { 'cache-control': 'no-store' })
  })
  mountErasureRoute(app, {
    name: 'order-core',
    erase: (request) => eraseBuyer(pool, request),
    isUnavailable: isRetriableDatabaseError,
    adminToken,
  })
}
