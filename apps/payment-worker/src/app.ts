import { randomUUID } from 'node:crypto'
import { type Repeated, type RepeatOptions, repeat } from '@floodgate/async'
import { closePool, createPool, createPrisma, isRetriableDatabaseError } from '@floodgate/database'
import { createBusFromConfig, type Subscription } from '@floodgate/event-bus'
import {
  createClientAddressOf,
  createDeadLetterRoutes,
  createEnforcedLimit,
  createErasureRoute,
  createHttpApp,
  createLimitedCounter,
  createListeners,
  createMoneyCheckRoute,
  createOwnRoutes,
  createTraceRoute,
  mountRoutes,
} from '@floodgate/http'
import { createOperators } from '@floodgate/operators'
import { createOutboxMetrics, createRelay } from '@floodgate/outbox'
import {
  closeGraceMsOf,
  createRetention,
  describeSettings,
  type HttpService,
  type ServiceDeps,
  stopInTime,
} from '@floodgate/runtime'
import { api } from './api.ts'
import { captureRoutes } from './capturing/capture-routes.ts'
import { createOrderCoreClient } from './charging/order-core-client.ts'
import { type Config, definition } from './config.ts'
import { GROUP, subscribeToOrders } from './consume-orders.ts'
import { eraseCharges } from './erasure/erase-orders.ts'
import { followBreaker } from './follow-breaker.ts'
import { createGateway } from './gateway/create-gateway.ts'
import { createPace } from './gateway/pace/pace.ts'
import { createPaceMetrics } from './gateway/pace/pace-metrics.ts'
import { createPaceStore } from './gateway/pace/pace-store.ts'
import { createInFlight } from './in-flight.ts'
import { createPaymentMetrics } from './metrics.ts'
import { checkMoney } from './money-check/check-money.ts'
import { createOrderBooks } from './money-check/read-orders.ts'
import { watchMoney } from './money-check/watch-money.ts'
import { createMoneyWork } from './money-work.ts'
import { createOverdueLook } from './overdue.ts'
import { refundRoutes } from './refunding/refund-routes.ts'
import { reportFailing } from './report-failing.ts'
import { createChargeRetention } from './retention/delete-charges.ts'
import { readTrace } from './trace/read-trace.ts'
import { webhookRoute } from './webhooks/webhook-route.ts'

const POOL_SIZE = 8
/** Statements are short here. An unresponsive server is given up five seconds later. */
const STATEMENT_MS_MAX = 10_000
const CLOSE_GRACE_MS_MAX = 1_000
/** Webhooks of one client that the provider did not sign. Its own are never limited. */
const REFUSED_WEBHOOKS = { name: 'refused-webhooks', perSecond: 5, burst: 100 }
/** Webhooks of one client, of a provider that signs none. It sends a rejected one again. */
const UNSIGNED_WEBHOOKS = { name: 'unsigned-webhooks', perSecond: 100, burst: 2_000 }
/** Sweeps between two checks for overdue payments. */
const OVERDUE_SWEEPS = 10

/** The payment worker: wiring only. */
export async function createApp(config: Config, deps: ServiceDeps): Promise<HttpService> {
  const { log } = deps
  const stopping = new AbortController()
  const cut = new AbortController()
  const pool = createPool(config.databaseUrl, {
    max: POOL_SIZE,
    statementTimeoutMs: STATEMENT_MS_MAX,
    arePlannedOnce: true,
    applicationName: 'payment-worker',
    onConnectionError: (error) => log.warn({ error: error.message }, 'database connection lost'),
  })
  const pace = createPace({
    store: createPaceStore(pool),
    writesPerSecondMax: config.providerWritesPerSecondMax,
    drainPerSecond: config.drainWritesPerSecond,
    metrics: createPaceMetrics(deps.metrics),
  })
  const gateway = await createGateway(config, pace)
  const charging = createInFlight(config.chargesInFlight)
  const metrics = createPaymentMetrics(deps.metrics, { breakerState: gateway.breakerState, inFlight: charging.size })
  const prisma = createPrisma(config.databaseUrl, { connectionsMax: 2 })
  const bus = createBusFromConfig(config, { ...deps, clientId: 'payment-worker', groups: [GROUP] })
  const relay = createRelay({
    schema: 'payments',
    source: '/floodgate/payment-worker',
    pool,
    databaseUrl: config.databaseUrl,
    bus,
    log,
    reachFailPoint: deps.reachFailPoint,
    ...createOutboxMetrics(deps.metrics),
  })
  const { tracing, reachFailPoint } = deps
  const orderCore = createOrderCoreClient({ url: config.orderCoreUrl, adminToken: config.adminToken })
  const work = createMoneyWork({
    ...{ pool, gateway, metrics, log, tracing, reachFailPoint, orderCore, wakeRelay: relay.wake, signal: cut.signal },
    ...{ charging, paymentKey: config.paymentKey },
  })
  const lookForOverdue = createOverdueLook({ pool, log, metrics: deps.metrics })
  const retention = createRetention({
    tasks: createChargeRetention({ pool, days: config.chargeRetentionDays }),
    ...{ config, log, metrics: deps.metrics },
  })
  let subscription: Subscription | undefined
  let sweeps: readonly Repeated[] = []

  const clientAddressOf = createClientAddressOf(config)
  const people = createOperators({ app: 'payment-worker', pool, log, metrics: deps.metrics })
  const operators = { routes: api.routes, adminToken: config.adminToken, clientAddressOf, ...people.guard }
  const app = createHttpApp({ ...config, log, metrics: deps.metrics, operators })
  const books = createOrderBooks({ url: config.orderCoreUrl, adminToken: config.adminToken })
  const money = watchMoney({
    check: () => checkMoney({ books, gateway, signal: stopping.signal }),
    everySeconds: config.moneyCheckSeconds,
    ...{ log, metrics: deps.metrics, signal: stopping.signal },
  })
  const countLimited = createLimitedCounter(deps.metrics)
  const routes = [
    createTraceRoute({ readTrace: async (order) => readTrace(await prisma.client(), order) }),
    createMoneyCheckRoute({ check: money.check }),
    ...refundRoutes({ pool, metrics, log, wakeRelay: relay.wake }),
    ...captureRoutes({ pool, capturesAreDue: work.capturesAreDue }),
    webhookRoute({
      ...{ provider: config.paymentProvider, gateway, metrics, log, noteHint: work.noteHint },
      limit: createEnforcedLimit(REFUSED_WEBHOOKS, { countLimited }),
      unsignedLimit: createEnforcedLimit(UNSIGNED_WEBHOOKS, { countLimited }),
    }),
    ...createOwnRoutes({
      ...{ app: 'payment-worker', metrics: deps.metrics, retention, isUnavailable: isRetriableDatabaseError },
      settings: describeSettings(definition, config),
      readiness: () => listeners.readiness(),
    }),
    ...createDeadLetterRoutes({ deadLetters: bus.deadLetters, groups: [GROUP], log }),
    createErasureRoute({
      name: 'payment-worker',
      erase: (request) => eraseCharges(pool, request),
      isUnavailable: isRetriableDatabaseError,
    }),
  ]
  mountRoutes(app, routes, { clientAddressOf, declared: api.routes })

  const listeners = createListeners(config, {
    api,
    log,
    metrics: deps.metrics,
    app,
    closeGraceMs: Math.min(CLOSE_GRACE_MS_MAX, closeGraceMsOf(config)),
    // No buyer calls it: ready means that it can do its work. The consumer starts after the port opens.
    opensWith: [],
    checks: {
      database: async () => {
        await pool.query('select 1 from payments.charges limit 1')
        return { ready: true }
      },
      consumer: () => subscription?.health() ?? { ready: false, detail: 'not subscribed yet' },
    },
    reports: {
      bus: () => bus.health(),
      relay: () => relay.health(),
    },
  })

  /** Runs a sweep repeatedly. The next round is the retry. */
  const every = (everyMs: number, sweep: string, work: RepeatOptions['work']): Repeated =>
    repeat({
      ...{ everyMs, signal: stopping.signal, work },
      onError: (error) => log.warn({ sweep, error }, 'sweep failed; retrying'),
    })

  return {
    async start() {
      await retention.start()
      people.start()
      await listeners.start()
      const probeEveryMs = config.breakerOpenMs
      followBreaker({ gateway, subscription: () => subscription, probeEveryMs, log, signal: stopping.signal })
      const { sweepMs } = config
      const worker = randomUUID()
      sweeps = [
        reportFailing({ worker, gateway, pool, wakeRelay: relay.wake, log, signal: stopping.signal }),
        every(sweepMs, 'charges', async (_, round) => {
          await pace.follow({ atStart: round === 0 })
          await work.charger.sweep({ all: round === 0 })
        }),
        every(sweepMs, 'charges that await buyers', () => work.charger.sweepAwaiting()),
        every(OVERDUE_SWEEPS * sweepMs, 'overdue', lookForOverdue),
        every(sweepMs, 'captures', (_, round) => work.capturer.sweep({ all: round === 0 })),
        every(sweepMs, 'refunds', (_, round) => work.refunder.sweep({ all: round === 0 })),
      ]
      money.start()
      relay.start()
      subscription = subscribeToOrders({ bus, handle: work.handleOrders })
      if (gateway.breakerState() === 'open') subscription.pause()
    },
    async stop() {
      stopping.abort()
      async function endCharges(): Promise<void> {
        await Promise.all([
          subscription?.stop(),
          ...sweeps.map((sweep) => sweep.stop()),
          retention.stop(),
          money.stop(),
        ])
        await Promise.all([charging.idle(), work.idle()])
      }
      const ending = endCharges()
      // Charges in progress may end by themselves while requests do; interrupted ones are in their records.
      const cutting = setTimeout(() => cut.abort(), closeGraceMsOf(config))
      await stopInTime({
        ...{ listeners, log, shutdownSeconds: config.shutdownSeconds },
        drain: () => ending,
        finish: async () => {
          await ending
          await people.stop()
          await relay.stop()
          await bus.close()
        },
        cut: () => closePool(pool, { workMsMax: 0 }),
        close: () => Promise.all([closePool(pool), prisma.close()]),
      })
      clearTimeout(cutting)
    },
    url: listeners.url,
    opsUrl: listeners.opsUrl,
  }
}
