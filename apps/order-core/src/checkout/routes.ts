import { orderCoreRoutes } from '@floodgate/contracts'
import { type EnforcedLimit, handle, type Route } from '@floodgate/http'
import type { PlaceOrder } from './place-order.ts'

/** Serves `POST /orders`: once per admitted buyer, all in one rush, on the fast path (ADR 0013). */
export function checkoutRoute(placeOrder: PlaceOrder, limit: EnforcedLimit): Route {
  return handle(orderCoreRoutes.placeOrder, function handlePlaceOrder(request) {
    limit.take(request.client)
    const { authorization, 'idempotency-key': key, 'accept-language': acceptLanguage } = request.headers
    return placeOrder({
      authorization,
      idempotencyKey: typeof key === 'string' ? key : undefined,
      traceparent: request.traceparent,
      acceptLanguage,
      body: () => request.body(),
    })
  })
}
