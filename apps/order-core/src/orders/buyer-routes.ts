import type { AdmissionVerifier } from '@floodgate/admission'
import { orderList, orderResource, problemBody, uuid } from '@floodgate/contracts'
import { AppError, parseOrRefuse, type Route, traceparentOf } from '@floodgate/service'
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi'
import type { Pool } from 'pg'
import { z } from 'zod'
import type { Transitions } from '../saga/transitions.ts'
import { admittedBearer, admittedBuyer } from './admitted-buyer.ts'
import { orderResourceOf } from './order-resource.ts'
import type { OwnOrder } from './own-order.ts'
import { readOrdersOfBuyer } from './read-orders.ts'

const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: problemBody } },
})
const refusals = {
  401: problem('`admission-missing`, `admission-invalid`, `admission-expired` (more than 24 h ago)'),
  503: problem('`unavailable`, with `Retry-After`'),
}
const oneOrder = {
  description: 'The order',
  content: { 'application/json': { schema: orderResource } },
}
const path = { params: z.object({ id: uuid }) }
const noStore = { 'cache-control': 'no-store' }

const listRoute = createRoute({
  method: 'get',
  path: '/orders',
  summary: "The bearer's own orders in the admission's sale, newest first, 100 at most",
  responses: {
    200: { description: 'The orders', content: { 'application/json': { schema: orderList } } },
    ...refusals,
  },
})
const readDocument = {
  method: 'get',
  path: '/orders/{id}',
  summary: 'One order of the bearer',
  request: path,
  responses: { 200: oneOrder, 404: problem("`not-found`, also for another buyer's order"), ...refusals },
} as const
const cancelRoute = createRoute({
  method: 'delete',
  path: '/orders/{id}',
  summary: 'Cancel a pending order; repeating it is fine',
  request: path,
  responses: {
    200: oneOrder,
    404: problem("`not-found`, also for another buyer's order"),
    409: problem('`order-not-cancellable`: it is paid, with its `state`'),
    ...refusals,
  },
})

export interface BuyerRouteOptions {
  readonly pool: Pool
  readonly ownOrder: OwnOrder
  readonly apply: Transitions['apply']
  readonly verifier: AdmissionVerifier
}

/** `GET /orders/{id}`: buyers wait for their payment by it, so the fast path serves it (ADR 0013), many in one statement. */
export function ownOrderRoute({ ownOrder, verifier }: Pick<BuyerRouteOptions, 'ownOrder' | 'verifier'>): Route {
  return {
    method: 'GET',
    path: '/orders/:id',
    handle: async ({ parameter, headers }) => {
      const { id } = parseOrRefuse(path.params, { id: parameter })
      const order = await ownOrder(id, await admittedBearer(headers.authorization, verifier))
      const body = JSON.stringify(orderResourceOf(order))
      return { status: 200, headers: { 'content-type': 'application/json', ...noStore }, body }
    },
  }
}

/** Listing and cancelling one's own orders, with an admission that is valid or ended less than 24 h ago. */
export const mountBuyerRoutes = (app: OpenAPIHono, { pool, ownOrder, apply, verifier }: BuyerRouteOptions): void => {
  app.openapi(listRoute, async (c) => {
    const orders = await readOrdersOfBuyer(pool, await admittedBuyer(c, verifier))
    return c.json({ orders: orders.map(orderResourceOf) }, 200, noStore)
  })

  app.openAPIRegistry.registerPath(readDocument)

  app.openapi(cancelRoute, async (c) => {
    const buyer = await admittedBuyer(c, verifier)
    const { id } = await ownOrder(c.req.valid('param').id, buyer)
    const request = { order: id, fact: 'cancelled-by-buyer', traceparent: traceparentOf(c) } as const
    await apply([request])
    const order = await ownOrder(id, buyer)
    if (order.status !== 'cancelled')
      throw new AppError('order-not-cancellable', { members: { state: orderResourceOf(order).status } })
    return c.json(orderResourceOf(order), 200, noStore)
  })
}
