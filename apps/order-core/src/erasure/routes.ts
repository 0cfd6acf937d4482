import { orderCoreRoutes } from '@floodgate/contracts'
import { isRetriableDatabaseError } from '@floodgate/database'
import { mountErasureRoute, NO_STORE } from '@floodgate/http'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Pool } from 'pg'
import { eraseBuyer, listErasable } from './erase-buyer.ts'

/** Lists what can be erased of a buyer, and erases it. */
export function mountErasure(app: OpenAPIHono, { pool }: { pool: Pool }): void {
  app.openapi(orderCoreRoutes.listErasable, async (c) => {
    const orders = await listErasable(pool, c.req.valid('query'))
    return c.json(orders, 200, NO_STORE)
  })
  mountErasureRoute(app, {
    name: 'order-core',
    erase: (request) => eraseBuyer(pool, request),
    isUnavailable: isRetriableDatabaseError,
  })
}
