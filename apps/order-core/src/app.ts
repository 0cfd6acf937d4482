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
import { checkSaleWindow, createCheckout } from './checkout/checkout.ts'
import { createRevocations } from './checkout/revocations.ts'
import { createSaleWindowCache } from './checkout/sale-window-cache.ts'
import { createSeal } from './checkout/seal.ts'
import { createClientLimits } from './client-limits.ts'
import { type Config, definition } from './config.ts'
import { createPaymentWatch } from './delays/watch-payments.ts'
import { createLedger } from './ledger/create-ledger.ts'
import { findOrders } from './order/find-orders.ts'
import { createReconciler } from './reconcile/reconciler.ts'
import { createVoucherRounds } from './reconcile/voucher-rounds.ts'
import { createRefunds } from './refunds/create-refunds.ts'
import { createOrderRetention } from './retention/delete-orders.ts'
import { createRoutes } from './routes.ts'
import { createSaga, GROUPS } from './saga/create-saga.ts'
import { createSagaMetrics } from './saga/saga-metrics.ts'
import { createCorrectStock } from './stock/correct-stock.ts'
import { createEndHolds } from './stock/end-holds.ts'
import { createTakeHold } from './stock/hold.ts'
import { createLoadBuyer } from './stock/load-buyers.ts'
import { createMarkCommittedSoon } from './stock/mark-committed.ts'
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
    arePlannedOnce: true,
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

  const wakeRelay = () => relay.wake()
  const runIdGuard = trackRunId(redis)
  const stockRedis = createRebuildingStock({ pool, redis, runIdGuard, log, metrics, reachFailPoint })
  const revocations = createRevocations({ pool, stockRedis, log, wakeRelay })
  const payments = createPaymentWatch({ pool, redis, config, log, metrics, wakeRelay })
  const correctStock = createCorrectStock(stockRedis)
  const sagaMetrics = createSagaMetrics(metrics)
  const refunds = createRefunds({
    ...{ pool, correctStock, log, metrics: sagaMetrics, namesInEvents: config.orderEventNames },
    wakeRelay,
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
    wakeRelay,
    reachFailPoint,
    ...{ log, metrics, tracing },
  })
  const ledger = createLedger({ pool, config, log, metrics })
  const voucherRounds = createVoucherRounds({ pool, stockRedis, log, metrics })
  const reconciler = createReconciler({
    ...{ pool, stockRedis, log, metrics },
    wakeRelay,
    graceMs: config.commitSeconds * SECOND,
  })
  const stockNews = createStockNews({ pool, redis, bus, log, metrics })
  const retention = createRetention({
    tasks: createOrderRetention({ pool, days: config.orderRetentionDays }),
    ...{ config, log, metrics },
  })
  const expected = { jwksUrl: config.jwksUrl, issuer: config.admissionIssuer, audience: config.admissionAudience }
  const onThreads = createAdmissionVerifier({ ...expected, onThreads: true })
  const { verifier, countEnded } = watchAdmissions(onThreads, { expected, log, metrics })
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
    isClaimed: vouchers.isClaimed,
    takeHold: createTakeHold(stockRedis, createLoadBuyer({ pool, redis })),
    sealEmail: createSeal(config.emailKey),
    sealPaymentMethod: config.orderPlacedVersion === 1 ? undefined : createSeal(config.paymentKey),
    ...{ commitWithinMs, now: Date.now, reachFailPoint, log, onDisagreement },
    confirmFreeSoon: saga.confirmFreeSoon,
    markCommittedSoon: createMarkCommittedSoon({ stockRedis, log }),
    onAccepted: coalesce((orders) => log.info({ step: 'order.accepted', orders }, 'orders accepted')),
    onPlaced: wakeRelay,
  })

  const { allowedOrigins, answerMsMax } = config
  const clientAddressOf = createClientAddressOf(config, createIgnoredProxyWarning({ log, metrics }))
  const people = createOperators({ app: 'order-core', pool, log, metrics })
  const { adminToken, shopToken } = config
  const operators = { routes: api.routes, adminToken, shopToken, clientAddressOf, ...people.guard }
  const app = createHttpApp({ log, metrics, allowedOrigins, answerMsMax, operators })
  const toProblem = (error: unknown) => toAppError(asUnavailable(error))
  app.onError((error, c) => problemResponse(toProblem(error), c))
  const { fast, others } = createRoutes({
    ...{ config, pool, redis, stockRedis, verifier, countEnded, checkout, vouchers, saga, refunds, limits },
    ...{ countLimited, log, tracing, wakeRelay },
  })
  const routes = [
    ...fast,
    ...others,
    ...createOwnRoutes({
      ...{ app: 'order-core', metrics, retention, isUnavailable: isRetriableDatabaseError },
      settings: describeSettings(definition, config),
      readiness: () => listeners.readiness(),
    }),
    ...createDeadLetterRoutes({ deadLetters: bus.deadLetters, groups: GROUPS, log }),
  ]
  mountRoutes(app, routes, { clientAddressOf, declared: api.routes })
  const tryFastPath = createFastPath(fast, {
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
