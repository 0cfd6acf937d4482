import { createAdmissionVerifier } from '@floodgate/admission'
import { notifierRoutes } from '@floodgate/contracts'
import { closePool, createPool, createPrisma, isRetriableDatabaseError } from '@floodgate/database'
import { createBusFromConfig, type Subscription } from '@floodgate/event-bus'
import {
  besideOthers,
  createClientAddressOf,
  createDeadLetterRoutes,
  createEnforcedLimit,
  createErasureRoute,
  createFastPath,
  createHttpApp,
  createIgnoredProxyWarning,
  createLimitedCounter,
  createListeners,
  createOwnRoutes,
  createSocketServer,
  createTraceRoute,
  mountRoutes,
  oneOfSocketRoutes,
  rejectWithoutUpgrade,
} from '@floodgate/http'
import { createOperators } from '@floodgate/operators'
import {
  closeGraceMsOf,
  createRetention,
  describeSettings,
  type HttpService,
  type ServiceDeps,
  stopInTime,
} from '@floodgate/runtime'
import { api } from './api.ts'
import { type Config, definition } from './config.ts'
import { GROUPS, subscribeToOrders } from './consume-orders.ts'
import { eraseNotices } from './erasure/erase-orders.ts'
import { inboxRoutes } from './inbox/inbox-routes.ts'
import { openLiveChannel } from './live/live-channel.ts'
import { createLiveHub } from './live/live-hub.ts'
import { createLiveRoute } from './live/live-route.ts'
import { readStates } from './live/state-store.ts'
import { createMailing } from './mail/mailing.ts'
import { hostOf } from './mail/notice.ts'
import { createNotifierMetrics } from './metrics.ts'
import { readAddressKeys } from './reminders/address-keys.ts'
import { createAddresses } from './reminders/addresses.ts'
import { createReminders } from './reminders/reminders.ts'
import { createNoticeRetention } from './retention/delete-notices.ts'
import { openLiveStock } from './stock/live-stock.ts'
import { readTrace } from './trace/read-trace.ts'
import { createWebhooks } from './webhooks/webhooks.ts'

const POOL_SIZE = 10
/** Statements are short here. An unresponsive server is given up 5 s after this limit. */
const STATEMENT_MS_MAX = 10_000
const CLOSE_GRACE_MS_MAX = 1_000

/** The notifier: wiring only. `url` is known once it has started. */
export function createApp(config: Config, deps: ServiceDeps): HttpService {
  const { log } = deps
  const hub = createLiveHub()
  const metrics = createNotifierMetrics(deps.metrics, { sockets: hub.count, stockSockets: () => stock.count() })
  const pool = createPool(config.databaseUrl, {
    max: POOL_SIZE,
    statementTimeoutMs: STATEMENT_MS_MAX,
    applicationName: 'notifier',
    onConnectionError: (error) => log.warn({ error: error.message }, 'database connection lost'),
  })
  const prisma = createPrisma(config.databaseUrl, { connectionsMax: 2 })
  const bus = createBusFromConfig(config, { ...deps, clientId: 'notifier', groups: GROUPS })
  const mailing = createMailing(config, { ...deps, pool })
  const webhooks = createWebhooks(config, { ...deps, pool })
  const onReadFailed = (error: unknown) => {
    metrics.liveFailures.inc()
    log.warn({ error }, 'states of watched orders not read')
  }
  const readAgain = () => {
    const watched = hub.orders()
    if (watched.length > 0) readStates(pool, watched).then(hub.deliver, onReadFailed)
  }
  const channel = openLiveChannel({
    ...{ redisUrl: config.redisUrl, log },
    ...{ onNews: hub.deliver, onPayments: readAgain, onConnected: readAgain },
  })
  const countLimited = createLimitedCounter(deps.metrics)
  const stock = openLiveStock({
    ...{ redisUrl: config.redisUrl, socketsMax: config.socketsMax, log, countLimited },
    onReadFailed: (error) => {
      metrics.liveFailures.inc()
      log.warn({ error }, 'stock boards not read')
    },
  })
  const addresses = createAddresses(config.emailKey, () => readAddressKeys(pool, config.emailKey))
  const reminders = createReminders(config, {
    ...{ pool, log, countLimited, addresses, mailHost: hostOf(config.mailFrom), onMailQueued: mailing.wake },
  })
  const clientAddressOf = createClientAddressOf(config, createIgnoredProxyWarning(deps))
  const verifier = createAdmissionVerifier({
    jwksUrl: config.jwksUrl,
    issuer: config.admissionIssuer,
    audience: config.admissionAudience,
  })
  const liveRoute = createLiveRoute({
    verifier,
    readStates: (orderIds) => readStates(pool, orderIds),
    hub,
    onReadFailed,
  })
  const sockets = createSocketServer({
    allowedOrigins: config.allowedOrigins,
    publicUrl: config.publicUrl,
    limits: config,
    clientAddressOf,
    countLimited,
    log,
    route: oneOfSocketRoutes([stock.sockets, besideOthers(liveRoute)]),
  })
  const retention = createRetention({
    tasks: createNoticeRetention({
      pool,
      mailDays: config.mailRetentionDays,
      stateDays: config.stateRetentionDays,
      webhookDays: config.webhookRetentionDays,
      inboxDays: config.inboxRetentionDays,
    }),
    ...{ config, log, metrics: deps.metrics },
  })
  let subscriptions: readonly Subscription[] = []

  const people = createOperators({ app: 'notifier', pool, log, metrics: deps.metrics })
  const { adminToken, shopToken } = config
  const operators = { routes: api.routes, adminToken, shopToken, clientAddressOf, ...people.guard }
  const app = createHttpApp({ ...config, log, metrics: deps.metrics, operators })
  const routes = [
    rejectWithoutUpgrade(notifierRoutes.watchOrder),
    stock.boardRoute,
    ...stock.otherRoutes,
    ...reminders.routes,
    ...mailing.routes,
    ...webhooks.routes,
    ...inboxRoutes({
      ...{ pool, verifier },
      limit: createEnforcedLimit(
        { name: 'inbox-reads', perSecond: config.readsPerSecond, burst: config.readsBurst },
        { countLimited, siteFactor: config.ipv6SiteFactor },
      ),
    }),
    createTraceRoute({ readTrace: async (order) => readTrace(await prisma.client(), order) }),
    ...createOwnRoutes({
      ...{ app: 'notifier', metrics: deps.metrics, retention, isUnavailable: isRetriableDatabaseError },
      settings: describeSettings(definition, config),
      readiness: () => listeners.readiness(),
    }),
    ...createDeadLetterRoutes({ deadLetters: bus.deadLetters, groups: GROUPS, log }),
    createErasureRoute({
      name: 'notifier',
      erase: async ({ orders, email }) =>
        eraseNotices(pool, { orders, addressHashes: email === undefined ? [] : await addresses.hashes(email) }),
      isUnavailable: isRetriableDatabaseError,
    }),
  ]
  mountRoutes(app, routes, { clientAddressOf, declared: api.routes })

  const listeners = createListeners(config, {
    api,
    log,
    metrics: deps.metrics,
    app,
    sockets,
    tryFastPath: createFastPath([stock.boardRoute], { ...config, log, metrics: deps.metrics, clientAddressOf }),
    closeGraceMs: Math.min(CLOSE_GRACE_MS_MAX, closeGraceMsOf(config)),
    // Buyers watch orders: read from Postgres when they connect, from Redis afterwards.
    checks: {
      database: async () => {
        await pool.query('select 1 from notices.mails limit 1')
        return { ready: true }
      },
      redis: () => ({ ready: channel.ready() && stock.ready() }),
    },
    // Mails wait, and states arrive later.
    reports: {
      mail: mailing.health,
      webhooks: webhooks.health,
      bus: () => bus.health(),
      consumers: () => {
        const notReady = subscriptions.map((each) => each.health()).find((health) => !health.ready)
        return notReady ?? { ready: subscriptions.length > 0 }
      },
    },
  })

  return {
    async start() {
      await retention.start()
      people.start()
      await listeners.start()
      mailing.start()
      webhooks.start()
      const orders = subscribeToOrders({
        bus,
        pool,
        metrics,
        channel,
        mailHost: hostOf(config.mailFrom),
        onMailQueued: mailing.wake,
        mailDays: config.mailRetentionDays,
        stateDays: config.stateRetentionDays,
        endpoints: webhooks.endpoints,
        onWebhookQueued: webhooks.wake,
        webhookDays: config.webhookRetentionDays,
        inboxDays: config.inboxRetentionDays,
      })
      subscriptions = [...orders, stock.subscribe(bus), reminders.subscribe(bus)]
      reminders.start()
    },
    stop: () =>
      stopInTime({
        ...{ listeners, log, shutdownSeconds: config.shutdownSeconds },
        drain: () => Promise.all([mailing.stop(), webhooks.stop()]),
        finish: async () => {
          await Promise.all([
            people.stop(),
            retention.stop(),
            reminders.stop(),
            ...subscriptions.map((subscription) => subscription.stop()),
          ])
          await Promise.all([bus.close(), channel.close(), stock.close()])
        },
        cut: () => closePool(pool, { workMsMax: 0 }),
        close: () => Promise.all([closePool(pool), prisma.close()]),
      }),
    url: listeners.url,
    opsUrl: listeners.opsUrl,
  }
}
