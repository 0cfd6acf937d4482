import { buyerId, erasableOrders, saleId } from '@floodgate/contracts'
import { isRetriableDatabaseError } from '@floodgate/database'
import { defineOperation, mountErasureRoute, NO_STORE, OPERATOR_ONLY, success } from '@floodgate/http'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Pool } from 'pg'
import { z } from 'zod'
import { ERASABLE } from '../openapi/examples.ts'
import { eraseBuyer, listErasable } from './erase-buyer.ts'

export const listErasableOperation = defineOperation({
  method: 'get',
  path: '/admin/erasures',
  summary: "A buyer's orders that can be erased, and those that have to stay for now",
  security: OPERATOR_ONLY,
  request: { query: z.strictObject({ buyer: buyerId, sale: saleId.optional() }) },
  responses: { 200: success('The orders', erasableOrders, { example: ERASABLE }) },
})

/** Lists what can be erased of a buyer, and erases it. */
export function mountErasure(app: OpenAPIHono, { pool }: { pool: Pool }): void {
  app.openapi(listErasableOperation, async (c) => {
    const orders = await listErasable(pool, c.req.valid('query'))
    return c.json(orders, 200, NO_STORE)
  })
  mountErasureRoute(app, {
    name: 'order-core',
    erase: (request) => eraseBuyer(pool, request),
    isUnavailable: isRetriableDatabaseError,
  })
}
