import { createAdmissionVerifier } from '@floodgate/admission'
import { coalesce } from '@floodgate/async'
import { closePool, createPool, isRetriableDatabaseError } from '@floodgate/database'
import { createBusFromConfig } from '@floodgate/event-bus'
import {
  createClientAddressOf,
  createDeadLetterRoutes,
  createFastPath,
  createHttpApp,
  createIgnoredProxyWarning,
  createLimitedCounter,
  createListeners,
  createOwnRoutes,
  mountRoutes,
  problemResponse,
  toAppError,
} from '@floodgate/http'
import { createOperators } from '@floodgate/operators'
import { createLinkVerifier } from '@floodgate/order-link'
import { createOutboxMetrics, createRelay } from '@floodgate/outbox'
import { closeRedis, openRedis, trackRunId } from '@floodgate/redis'
import {
  closeGraceMsOf,
  createRetention,
  describeSettings,
  type HttpService,
  type ServiceDeps,
  stopInTime,
} from '@floodgate/runtime'
import { watchAdmissions } from './admission/watch-admissions.ts'
import { api } from './api.ts'
import { createCatalogueCache } from './catalogue/catalogue-cache.ts'
import { catalogueRoute, catalogueRoutes } from './catalogue/routes.ts'
import { checkSaleWindow, createCheckout } from './checkout/checkout.ts'
import { createPlaceOrder } from './checkout/place-order.ts'
import { createRevocations } from './checkout/revocations.ts'
import { checkoutRoute } from './checkout/routes.ts'
import { createSaleWindowCache } from './checkout/sale-window-cache.ts'
import { createSeal } from './checkout/seal.ts'
import { traceCheckout } from './checkout/trace-checkout.ts'
import { createClientLimits } from './client-limits.ts'
import { type Config, definition } from './config.ts'
import { createPaymentWatch } from './delays/watch-payments.ts'
import { erasureRoutes } from './erasure/routes.ts'
import { createLedger } from './ledger/create-ledger.ts'
import { findOrders } from './order/find-orders.ts'
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
import { createReconciler } from './reconcile/reconciler.ts'
import { createVoucherRounds } from './reconcile/voucher-rounds.ts'
import { createRefunds } from './refunds/create-refunds.ts'
import { createOrderRetention } from './retention/delete-orders.ts'
import { createSaga, GROUPS } from './saga/create-saga.ts'
import { createSagaMetrics } from './saga/saga-metrics.ts'
import { createCorrectStock } from './stock/correct-stock.ts'
import { createEndHolds } from './stock/end-holds.ts'
import { createTakeHold } from './stock/hold.ts'
import { createLoadBuyer } from './stock/load-buyers.ts'
import { createMarkCommittedSoon } from './stock/mark-committed.ts'
import { createWakeHold } from './stock/move-deadlines.ts'
import { createRebuildingStock } from './stock/rebuild/rebuilding-stock.ts'
import { createStockNews } from './stock-news/stock-news.ts'
import { asUnavailable } from './unavailable.ts'
import { createVouchers } from './vouchers/create-vouchers.ts'

const SECOND = 1_000

/** The order core: holds stock, writes orders, and carries them to their end. */
export async function createApp(config: Config, deps: ServiceDeps): Promise<HttpService> {
  const { log, metrics, reachFailPoint, tracing } = deps
  const { databaseUrl, redisUrl } = config
  const clientId = `order-core-${process.pid}`
  const pool = createPool(databaseUrl, {
    max: config.poolMax,
    statementTimeoutMs: 10 * SECOND,
    applicationName: clientId,
  })
  const redis = openRedis({ url: redisUrl, name: clientId, role: 'scripts', log })
  const bus = createBusFromConfig(config, { ...deps, clientId, groups: GROUPS })
  const relay = createRelay({
    schema: 'orders',
    source: '/floodgate/order-core',
    pool,
    databaseUrl,
    bus,
    log,
    reachFailPoint,
    ...createOutboxMetrics(metrics),
  })

  const runIdGuard = trackRunId(redis)
  const stockRedis = createRebuildingStock({ pool, redis, runIdGuard, log, metrics, reachFailPoint })
  const revocations = createRevocations({ pool, stockRedis, log, wakeRelay: () => relay.wake() })
  const payments = createPaymentWatch({ pool, redis, config, log, metrics, wakeRelay: () => relay.wake() })
  const correctStock = createCorrectStock(stockRedis)
  const sagaMetrics = createSagaMetrics(metrics)
  const refunds = createRefunds({
    ...{ pool, correctStock, log, metrics: sagaMetrics, namesInEvents: config.orderEventNames },
    wakeRelay: () => relay.wake(),
  })
  const saga = createSaga({
    pool,
    bus,
    stock: { endHolds: createEndHolds(stockRedis), correctStock },
    refunds: refunds.changes,
    sagaMetrics,
    rememberRevocations: revocations.remember,
    notePayments: payments.note,
    declinedMax: config.declinedMax,
    namesInEvents: config.orderEventNames,
    refundRepeatMs: config.refundRepeatSeconds * SECOND,
    wakeRelay: () => relay.wake(),
    reachFailPoint,
    ...{ log, metrics, tracing },
  })
  const ledger = createLedger({ pool, config, log, metrics })
  const voucherRounds = createVoucherRounds({ pool, stockRedis, log, metrics })
  const reconciler = createReconciler({
    ...{ pool, stockRedis, log, metrics },
    wakeRelay: () => relay.wake(),
    graceMs: config.commitSeconds * SECOND,
  })
  const stockNews = createStockNews({ pool, redis, bus, log, metrics })
  const retention = createRetention({
    tasks: createOrderRetention({ pool, days: config.orderRetentionDays }),
    ...{ config, log, metrics },
  })
  const expected = { jwksUrl: config.jwksUrl, issuer: config.admissionIssuer, audience: config.admissionAudience }
  const { verifier, countEnded } = watchAdmissions(createAdmissionVerifier(expected), { expected, log, metrics })
  const sales = createSaleWindowCache(pool)
  const commitWithinMs = config.commitSeconds * SECOND
  const countLimited = createLimitedCounter(metrics)
  const limits = createClientLimits(config, countLimited)
  const onDisagreement = (sale: string) => reconciler.rebuildSoon(sale)
  const vouchers = createVouchers({
    ...{ pool, stockRedis, verifier, countEnded, limits, log, metrics, onDisagreement },
    config: { ...config, commitWithinMs },
    checkWindow: (admission) => checkSaleWindow({ sales, now: Date.now }, admission),
  })
  const checkout = createCheckout({
    ...{ stockRedis, ledger, sales },
    readOrder: async (id) => (await findOrders(pool, [id])).get(id),
    findVoucher: vouchers.findVoucher,
    takeHold: createTakeHold(stockRedis, createLoadBuyer({ pool, redis })),
    sealEmail: createSeal(config.emailKey),
    sealPaymentMethod: config.orderPlacedVersion === 1 ? undefined : createSeal(config.paymentKey),
    ...{ commitWithinMs, now: Date.now, reachFailPoint, log, onDisagreement },
    confirmFreeSoon: saga.confirmFreeSoon,
    markCommittedSoon: createMarkCommittedSoon({ stockRedis, log }),
    onAccepted: coalesce((orders) => log.info({ step: 'order.accepted', orders }, 'orders accepted')),
    onPlaced: () => relay.wake(),
  })

  const { allowedOrigins, answerMsMax } = config
  const clientAddressOf = createClientAddressOf(config, createIgnoredProxyWarning({ log, metrics }))
  const people = createOperators({ app: 'order-core', pool, log, metrics })
  const { adminToken, shopToken } = config
  const operators = { routes: api.routes, adminToken, shopToken, clientAddressOf, ...people.guard }
  const app = createHttpApp({ log, metrics, allowedOrigins, answerMsMax, operators })
  const toProblem = (error: unknown) => toAppError(asUnavailable(error))
  app.onError((error, c) => problemResponse(toProblem(error), c))
  const accessOrder = createOrderAccess({
    verifier,
    verifyLink: createLinkVerifier(config.emailKey),
    readOrder: createReadBuyerOrder(pool),
  })
  const buyerRoutes = [
    checkoutRoute(
      createPlaceOrder({ checkout: traceCheckout(checkout, tracing), verifier, countLimited, countEnded }),
      limits.orders,
    ),
    catalogueRoute(createCatalogueCache({ pool, redis }), limits.catalogue),
    ...vouchers.buyerRoutes,
    ...orderRoutes({
      pool,
      accessOrder,
      apply: saga.apply,
      requestRefund: refunds.request,
      verifier,
      limit: limits.orderReads,
    }),
  ]
  const routes = [
    ...buyerRoutes,
    ...catalogueRoutes({ pool, stockRedis }),
    ...vouchers.operatorRoutes,
    listOrdersRoute({ pool }),
    orderHistoryRoute({ pool }),
    resumeRoute({
      ...{ pool, accessOrder, limit: limits.orderReads, seal: createSeal(config.paymentKey) },
      wakeRelay: () => relay.wake(),
    }),
    ...erasureRoutes({ pool }),
    ...stockAuditRoutes({ pool, stockRedis }),
    ...operatorRoutes({ pool, apply: saga.apply, repeatRefunds: refunds.changes.repeat }),
    ...refundRoutes({ pool, requestRefund: refunds.request }),
    ...parkedRoutes({ pool, apply: saga.apply, wakeHold: createWakeHold(redis), log }),
    ...createOwnRoutes({
      ...{ app: 'order-core', metrics: metrics, retention, isUnavailable: isRetriableDatabaseError },
      settings: describeSettings(definition, config),
      readiness: () => listeners.readiness(),
    }),
    ...createDeadLetterRoutes({ deadLetters: bus.deadLetters, groups: GROUPS, log }),
  ]
  mountRoutes(app, routes, { clientAddressOf, declared: api.routes })
  const tryFastPath = createFastPath(buyerRoutes, {
    ...{ log, metrics, allowedOrigins, answerMsMax },
    ...{ clientAddressOf, toProblem },
  })

  const listeners = createListeners(config, {
    api,
    log,
    metrics,
    app,
    tryFastPath,
    closeGraceMs: closeGraceMsOf(config),
    // An order needs both.
    checks: {
      redis: () => (runIdGuard.isAnyKnown() ? { ready: true } : { ready: false, detail: 'not connected' }),
      database: async () => {
        await pool.query('select from orders.fences limit 1')
        return { ready: true }
      },
    },
    // Orders are accepted without them, and continue once they are back.
    reports: {
      bus: () => bus.health(),
      relay: () => relay.health(),
      saga: () => saga.health(),
      payments: payments.health,
    },
  })
  return {
    url: listeners.url,
    opsUrl: listeners.opsUrl,
    start: async () => {
      await retention.start()
      people.start()
      await listeners.start()
      relay.start()
      revocations.start()
      await saga.start()
      payments.start()
      reconciler.start()
      stockNews.start()
      voucherRounds.start()
    },
    stop: () =>
      stopInTime({
        ...{ listeners, log, shutdownSeconds: config.shutdownSeconds },
        finish: async () => {
          await Promise.all([ledger.stop(), vouchers.stop()])
          await people.stop()
          const working = [voucherRounds, saga, payments, reconciler, stockNews, revocations, stockRedis, retention]
          await Promise.all(working.map((each) => each.stop()))
          await relay.stop()
          await bus.close()
        },
        cut: async () => {
          redis.disconnect()
          await closePool(pool, { workMsMax: 0 })
        },
        close: () => Promise.all([closeRedis(redis), closePool(pool)]),
      }),
  }
}
