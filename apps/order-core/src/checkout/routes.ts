import {
  idempotencyKey,
  orderPlaced,
  orderRequest,
  priceChangedProblem,
  problemBody,
  soldOutProblem,
} from '@floodgate/contracts'
import type { EnforcedLimit, Route } from '@floodgate/service'
import type { OpenAPIHono } from '@hono/zod-openapi'
import { z } from 'zod'
import type { PlaceOrder } from './place-order.ts'

/** `POST /orders`: once per admitted buyer, all in one rush, served by the fast path (ADR 0013). */
export function checkoutRoute(placeOrder: PlaceOrder, limit: EnforcedLimit): Route {
  return {
    method: 'POST',
    path: '/orders',
    body: 'json',
    handle: (request) => {
      limit.take(request.client)
      const { authorization, 'idempotency-key': key } = request.headers
      return placeOrder({
        authorization,
        idempotencyKey: typeof key === 'string' ? key : undefined,
        traceparent: request.traceparent,
        body: () => request.json(orderRequest),
      })
    },
  }
}

export function mountCheckoutDocument(app: OpenAPIHono): void {
  const problem = (description: string) => ({
    description,
    content: { 'application/problem+json': { schema: problemBody } },
  })
  app.openAPIRegistry.registerPath({
    method: 'post',
    path: '/orders',
    summary: 'Place the one order of an admission',
    request: {
      headers: z.object({
        authorization: z.string().describe('`Bearer`, then the admission'),
        'idempotency-key': idempotencyKey,
      }),
      body: { required: true, content: { 'application/json': { schema: orderRequest } } },
    },
    responses: {
      201: {
        description: 'The order, its stock held until `holdExpiresAt`. The same key and body again: the same bytes.',
        content: { 'application/json': { schema: orderPlaced } },
      },
      400: problem('`key-missing`, `invalid-request`'),
      401: problem('`admission-missing`, `admission-invalid`, `admission-expired`, `admission-revoked`'),
      409: {
        description:
          '`sold-out`, `over-limit` (`skus`), `order-exists` (`Location`), `too-many-declined`, `order-abandoned` (order again with a new key), ' +
          '`sale-closed` (only days after the close: whoever was let in before it may order until the pass ends)',
        content: { 'application/problem+json': { schema: z.union([soldOutProblem, problemBody]) } },
      },
      413: problem('`too-large`'),
      415: problem('`wrong-media-type`'),
      422: {
        description: '`unknown-sku` (`skus`), `price-changed`, `key-reused`',
        content: { 'application/problem+json': { schema: z.union([priceChangedProblem, problemBody]) } },
      },
      429: problem('`too-many-requests`, with `Retry-After` and `RateLimit`'),
      503: problem('`busy`, `unavailable`, with `Retry-After`'),
    },
  })
}
