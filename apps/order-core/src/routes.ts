import type { AdmissionVerifier } from '@floodgate/admission'
import type { CountLimited, Route } from '@floodgate/http'
import { createLinkVerifier } from '@floodgate/order-link'
import type { RedisClient } from '@floodgate/redis'
import type { Logger } from '@floodgate/runtime'
import type { Tracing } from '@floodgate/tracing'
import type { Pool } from 'pg'
import { createCatalogueCache } from './catalogue/catalogue-cache.ts'
import { catalogueRoute, catalogueRoutes } from './catalogue/routes.ts'
import type { Checkout } from './checkout/checkout.ts'
import { createPlaceOrder } from './checkout/place-order.ts'
import { checkoutRoute } from './checkout/routes.ts'
import { createSeal } from './checkout/seal.ts'
import { traceCheckout } from './checkout/trace-checkout.ts'
import type { ClientLimits } from './client-limits.ts'
import type { Config } from './config.ts'
import { erasureRoutes } from './erasure/routes.ts'
import { orderRoutes } from './orders/buyer-routes.ts'
import { listOrdersRoute } from './orders/list-orders.ts'
import { operatorRoutes } from './orders/operator-routes.ts'
import { createOrderAccess } from './orders/order-access.ts'
import { orderHistoryRoute } from './orders/order-history.ts'
import { parkedRoutes } from './orders/parked-routes.ts'
import { createReadBuyerOrder } from './orders/read-orders.ts'
import { refundRoutes } from './orders/refund-routes.ts'
import { resumeRoute } from './orders/resume-route.ts'
import { stockAuditRoutes } from './reconcile/audit-routes.ts'
import type { Refunds } from './refunds/create-refunds.ts'
import type { Saga } from './saga/create-saga.ts'
import { createWakeHold } from './stock/move-deadlines.ts'
import type { StockRedis } from './stock/stock-redis.ts'
import type { Vouchers } from './vouchers/create-vouchers.ts'

export interface RouteDeps {
  readonly config: Pick<Config, 'emailKey' | 'paymentKey'>
  readonly pool: Pool
  readonly redis: RedisClient
  readonly stockRedis: StockRedis
  readonly verifier: AdmissionVerifier
  /** Counts an order whose admission had expired. */
  countEnded(): void
  readonly checkout: Checkout
  readonly vouchers: Pick<Vouchers, 'buyerRoutes' | 'operatorRoutes'>
  readonly saga: Pick<Saga, 'apply'>
  readonly refunds: Refunds
  readonly limits: ClientLimits
  readonly countLimited: CountLimited
  readonly log: Logger
  readonly tracing: Tracing
  wakeRelay(): void
}

/** Creates the handlers of all requests about sales and orders: those of a rush, for the fast path (ADR 0013), and others. */
export function createRoutes(deps: RouteDeps): { readonly fast: readonly Route[]; readonly others: readonly Route[] } {
  const { config, pool, redis, stockRedis, verifier, countEnded, vouchers, saga, refunds, limits, log } = deps
  const { countLimited, tracing, wakeRelay } = deps
  const placeOrder = createPlaceOrder({
    checkout: traceCheckout(deps.checkout, tracing),
    ...{ verifier, countLimited, countEnded },
  })
  const accessOrder = createOrderAccess({
    verifier,
    verifyLink: createLinkVerifier(config.emailKey),
    readOrder: createReadBuyerOrder(pool),
  })
  const reads = { pool, accessOrder, limit: limits.orderReads }
  return {
    fast: [
      checkoutRoute(placeOrder, limits.orders),
      catalogueRoute(createCatalogueCache({ pool, redis }), limits.catalogue),
      ...vouchers.buyerRoutes,
      ...orderRoutes({ ...reads, apply: saga.apply, requestRefund: refunds.request, verifier }),
    ],
    others: [
      ...catalogueRoutes({ pool, stockRedis }),
      ...vouchers.operatorRoutes,
      listOrdersRoute({ pool }),
      orderHistoryRoute({ pool }),
      resumeRoute({ ...reads, seal: createSeal(config.paymentKey), wakeRelay }),
      ...erasureRoutes({ pool }),
      ...stockAuditRoutes({ pool, stockRedis }),
      ...operatorRoutes({ pool, apply: saga.apply, repeatRefunds: refunds.changes.repeat }),
      ...refundRoutes({ pool, requestRefund: refunds.request }),
      ...parkedRoutes({ pool, apply: saga.apply, wakeHold: createWakeHold(redis), log }),
    ],
  }
}
