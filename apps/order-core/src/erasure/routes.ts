import { orderCoreRoutes } from '@floodgate/contracts'
import { isRetriableDatabaseError } from '@floodgate/database'
import { createErasureRoute, handle, NO_STORE, type Route } from '@floodgate/http'
import type { Pool } from 'pg'
import { eraseBuyer, listErasable } from './erase-buyer.ts'

/** Serves the routes that list and erase a buyer's data. */
export function erasureRoutes({ pool }: { pool: Pool }): readonly Route[] {
  return [
    handle(orderCoreRoutes.listErasable, async function listErasableOrders({ query }, reply) {
      return reply(200, await listErasable(pool, query), NO_STORE)
    }),
    createErasureRoute({
      name: 'order-core',
      erase: (request) => eraseBuyer(pool, request),
      isUnavailable: isRetriableDatabaseError,
    }),
  ]
}
