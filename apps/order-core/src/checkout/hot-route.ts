import { orderRequest } from '@floodgate/contracts'
import { type HotRoute, parseJson } from '@floodgate/service'
import type { PlaceOrder } from './place-order.ts'

/** What everybody who was let in asks for once, in one rush: past Hono (ADR 0013). */
export const hotCheckoutRoute = (placeOrder: PlaceOrder): HotRoute => ({
  method: 'POST',
  path: '/orders',
  body: 'json',
  answer: ({ headers, traceparent, text }) => {
    const { authorization, 'idempotency-key': key } = headers
    return placeOrder({
      authorization,
      idempotencyKey: typeof key === 'string' ? key : undefined,
      traceparent,
      body: () => parseJson(text, orderRequest),
    })
  },
})
