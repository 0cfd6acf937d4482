import { idempotencyKey, orderPlaced, orderRequest, problemBody } from '@floodgate/contracts'
import { answerPlainly, readJsonBody, traceparentOf } from '@floodgate/service'
import type { OpenAPIHono } from '@hono/zod-openapi'
import { z } from 'zod'
import type { PlaceOrder } from './place-order.ts'

/** `POST /orders`, whatever the hot route leaves (see hot-route.ts). Parsing happens once, here, and not again in a validator. */
export const mountCheckout = (app: OpenAPIHono, placeOrder: PlaceOrder): void => {
  document(app)
  app.post('/orders', async (c) =>
    answerPlainly(
      c,
      await placeOrder({
        authorization: c.req.header('authorization'),
        idempotencyKey: c.req.header('idempotency-key'),
        traceparent: traceparentOf(c),
        body: () => readJsonBody(c, orderRequest),
      }),
    ),
  )
}

const document = (app: OpenAPIHono): void => {
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
      401: problem('`admission-missing`, `admission-invalid`, `admission-expired`'),
      409: problem('`sale-closed`, `sold-out` (`skus`, `final`), `over-limit`, `order-exists` (`Location`)'),
      413: problem('`too-large`'),
      415: problem('`wrong-media-type`'),
      422: problem('`unknown-sku`, `price-changed`, `key-reused`'),
      503: problem('`busy`, `unavailable`, with `Retry-After`'),
    },
  })
}
