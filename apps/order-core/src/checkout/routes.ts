import { idempotencyKey, orderPlaced, orderRequest } from '@floodgate/contracts'
import { defineOperation, type EnforcedLimit, jsonBody, type Route, success } from '@floodgate/http'
import { z } from 'zod'
import { ORDER_PLACED, ORDER_REQUEST } from '../openapi/examples.ts'
import type { PlaceOrder } from './place-order.ts'

/** `POST /orders`: once per admitted buyer, all in one rush, served by the fast path (ADR 0013). */
export function checkoutRoute(placeOrder: PlaceOrder, limit: EnforcedLimit): Route {
  return {
    method: 'POST',
    path: '/orders',
    body: 'json',
    handle: (request) => {
      limit.take(request.client)
      const { authorization, 'idempotency-key': key, 'accept-language': acceptLanguage } = request.headers
      return placeOrder({
        authorization,
        idempotencyKey: typeof key === 'string' ? key : undefined,
        traceparent: request.traceparent,
        acceptLanguage,
        body: () => request.json(orderRequest),
      })
    },
  }
}

export const placeOrderOperation = defineOperation({
  method: 'post',
  path: '/orders',
  summary: 'Place the one order of an admission',
  description:
    'A SKU may be named once. All items together cost at most 2^53 - 1 (9007199254740991) of the minor unit; more is 400. ' +
    'The same key and body again get the same bytes, and place nothing.',
  security: [{ admission: [] }],
  request: {
    headers: z.object({
      'idempotency-key': idempotencyKey,
      'accept-language': z
        .string()
        .optional()
        .describe(
          'Languages for the `title` of problems (RFC 9110 §12.5.4), and for the mails about the order where its sale has none of its own. Without it, and where none of them is there: English',
        ),
    }),
    body: jsonBody(orderRequest, ORDER_REQUEST),
  },
  responses: {
    201: success('The order, its stock held until `holdExpiresAt`', orderPlaced, {
      example: ORDER_PLACED,
      headers: { Location: 'The path of the order', 'Idempotent-Replayed': '`true` for a repetition' },
    }),
  },
  refusals: {
    'key-missing': true,
    'admission-missing': true,
    'admission-invalid': true,
    'admission-expired': 'only an order that was placed before is answered again',
    'admission-revoked': true,
    'sold-out': 'with what is left (`items`)',
    'over-limit': 'with `skus`',
    'order-exists': 'its path is in `Location`',
    'too-many-declined': true,
    'order-abandoned': 'order again with a new key',
    'sale-closed': {
      status: 409,
      why: 'only days after the close: whoever was let in before it may order until the pass ends',
    },
    'unknown-sku': 'with `skus`',
    'price-changed': 'with the current prices (`items`)',
    'key-reused': true,
    'too-many-requests': true,
  },
})
