import type { AdmissionVerifier } from '@floodgate/admission'
import { orderList, orderResource, problemBody, uuid } from '@floodgate/contracts'
import {
  AppError,
  type EnforcedLimit,
  type PlainAnswer,
  parseOrRefuse,
  type Route,
  type RouteRequest,
} from '@floodgate/service'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Pool } from 'pg'
import { z } from 'zod'
import type { Transitions } from '../saga/transitions.ts'
import { admittedBearer } from './admitted-buyer.ts'
import type { OrderAccess } from './order-access.ts'
import { orderResourceOf } from './order-resource.ts'
import { readOrdersOfBuyer } from './read-orders.ts'

const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: problemBody } },
})
const refusals = {
  401: problem('`admission-missing`, `admission-invalid`, `admission-expired` (more than 24 h ago)'),
  429: problem('`too-many-requests`, with `Retry-After` and `RateLimit`'),
  503: problem('`unavailable`, with `Retry-After`'),
}
const orderRefusals = {
  ...refusals,
  401: problem(`${refusals[401].description}; \`link-invalid\`, \`link-expired\``),
  403: problem('`link-forbidden`: the link is of another order'),
  404: problem("`not-found`, also for another buyer's order"),
  410: problem('`order-gone`: the order of the link was deleted, or its buyer erased'),
}
const oneOrder = {
  description: 'The order',
  content: { 'application/json': { schema: orderResource } },
}
const path = { params: z.object({ id: uuid }) }

const listDocument = {
  method: 'get',
  path: '/orders',
  summary: "The bearer's own orders in the admission's sale, newest first, 100 at most",
  responses: {
    200: { description: 'The orders', content: { 'application/json': { schema: orderList } } },
    ...refusals,
  },
} as const
const readDocument = {
  method: 'get',
  path: '/orders/{id}',
  summary: "One order: of the admission's buyer, or of the link in its mail",
  request: path,
  responses: { 200: oneOrder, ...orderRefusals },
} as const
const cancelDocument = {
  method: 'delete',
  path: '/orders/{id}',
  summary: 'Cancel a pending order, with an admission or the link in its mail; repeating it is fine',
  request: path,
  responses: {
    200: oneOrder,
    ...orderRefusals,
    409: problem('`order-not-cancellable`: it is paid, with its `state`'),
  },
} as const

export interface BuyerRouteOptions {
  readonly pool: Pool
  readonly accessOrder: OrderAccess
  /** The saga's: every cancellation goes the same way. */
  readonly apply: Transitions['apply']
  readonly verifier: AdmissionVerifier
  readonly limit: EnforcedLimit
}

const answer = (body: object): PlainAnswer => ({
  status: 200,
  headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  body: JSON.stringify(body),
})

/**
 * Reading and cancelling one's own orders, with an admission that is valid or ended less than 24 h ago; one of them also with
 * the link of its mail (ADR 0038). Buyers wait for their payment by reading: the fast path serves it (ADR 0013), many in one
 * statement.
 */
export function buyerRoutes({ pool, accessOrder, apply, verifier, limit }: BuyerRouteOptions): readonly Route[] {
  /** How to read the order of the path, for a caller who may. */
  async function accessTo({ parameter, headers, client }: RouteRequest) {
    limit.take(client)
    const { id } = parseOrRefuse(path.params, { id: parameter })
    return await accessOrder(id, headers.authorization)
  }

  return [
    {
      method: 'GET',
      path: '/orders',
      handle: async ({ headers, client }) => {
        limit.take(client)
        const orders = await readOrdersOfBuyer(pool, await admittedBearer(headers.authorization, verifier))
        return answer({ orders: orders.map(orderResourceOf) })
      },
    },
    {
      method: 'GET',
      path: '/orders/:id',
      handle: async (request) => {
        const readOrder = await accessTo(request)
        return answer(orderResourceOf(await readOrder()))
      },
    },
    {
      method: 'DELETE',
      path: '/orders/:id',
      handle: async (request) => {
        const readOrder = await accessTo(request)
        const { id } = await readOrder()
        await apply([{ order: id, fact: 'cancelled-by-buyer', traceparent: request.traceparent }])
        const cancelled = await readOrder()
        if (cancelled.status !== 'cancelled')
          throw new AppError('order-not-cancellable', { members: { state: orderResourceOf(cancelled).status } })
        return answer(orderResourceOf(cancelled))
      },
    },
  ]
}

export function mountBuyerDocuments(app: OpenAPIHono): void {
  for (const document of [listDocument, readDocument, cancelDocument]) app.openAPIRegistry.registerPath(document)
}
