import { randomUUID } from 'node:crypto'
import { waitingRoomRoutes } from '@floodgate/contracts'
import { closePool, createPool, isRetriableDatabaseError } from '@floodgate/database'
import {
  createClientAddressOf,
  createFastPath,
  createHttpApp,
  createIgnoredProxyWarning,
  createLimitedCounter,
  createListeners,
  createOwnRoutes,
  createSocketServer,
  mountRoutes,
  rejectWithoutUpgrade,
} from '@floodgate/http'
import { createOperatorRetention, createOperators } from '@floodgate/operators'
import { openAssets } from '@floodgate/pages'
import { closeRedis, openRedis, trackRunId } from '@floodgate/redis'
import {
  closeGraceMsOf,
  createRetention,
  describeSettings,
  type HttpService,
  type ServiceDeps,
  stopInTime,
} from '@floodgate/runtime'
import { LANGUAGES } from '@floodgate/texts'
import { type Accounts, createAccounts } from './accounts.ts'
import { createTickFailures } from './admission/tick-failures.ts'
import { createTicker } from './admission/ticker.ts'
import { createAfterTick } from './after-tick.ts'
import { api } from './api.ts'
import { createArchiver } from './archive/archiver.ts'
import { createArchiveRetention } from './archive/prune-archive.ts'
import { createRoomBus } from './bus.ts'
import { createBuyerRoutes } from './buyer-routes.ts'
import { type Config, definition } from './config.ts'
import { createHealth } from './health.ts'
import { identifyUnrevoked } from './identity/revocations.ts'
import { createJobs, type Jobs } from './jobs.ts'
import { createPresence } from './line/presence.ts'
import { createStatusReader } from './line/read-status.ts'
import { gaugeLines } from './line-gauges.ts'
import { createLiveHub } from './live/live-hub.ts'
import { createRoomMetrics } from './metrics.ts'
import { createOperatorRoutes } from './operator-routes.ts'
import { createHeadlines } from './pages/headline.ts'
import { servePages } from './pages/navigations.ts'
import { mountPages } from './pages/routes.ts'
import { createRegistry } from './processes/registry.ts'
import { createPurchaseSpans } from './purchase-spans.ts'
import { createLineRedis } from './redis/line-redis.ts'
import { createLineMemory } from './sales/line-memory.ts'
import { reviveSale } from './sales/reconcile-sales.ts'
import { createSaleCache, isInDemand } from './sales/sale-cache.ts'
import { createFinish } from './slots/finish-turn.ts'
import { followOrdersSeen } from './slots/follow-orders-seen.ts'
import { followPaymentDelay } from './slots/payment-delay.ts'
import { revocationsRoute } from './slots/revocation-routes.ts'
import { createTokens } from './tokens/create-tokens.ts'
import { endedPassRoute } from './tokens/ended-pass-routes.ts'
import { openKeyFile } from './tokens/key-file.ts'
import { keysRoute } from './tokens/keys-route.ts'
import { createTraceLog } from './trace-log.ts'

const POOL_CONNECTIONS_MAX = 8
/** Grace for running requests at a stop: none takes long. */
const CLOSE_GRACE_MS_MAX = 2_000
/** The waiting room uses only short statements. */
const STATEMENT_MS_MAX = 10_000

/** The waiting room, wired by hand: each part knows only parts before it. */
export async function createApp(config: Config, deps: ServiceDeps): Promise<HttpService> {
  const { log } = deps
  const { adminToken, shopToken } = config
  const keyFile = await openKeyFile(config.floodgateKeys, log)
  const pool = createPool(config.databaseUrl, {
    max: POOL_CONNECTIONS_MAX,
    statementTimeoutMs: STATEMENT_MS_MAX,
    applicationName: 'floodgate-waiting-room',
  })
  const redis = openRedis({ url: config.redisUrl, name: `waiting-room-${process.pid}`, role: 'scripts', log })
  const guard = trackRunId(redis)
  const line = createLineRedis({ redis, guard })
  const metrics = createRoomMetrics(deps.metrics)
  const countLimited = createLimitedCounter(deps.metrics)
  const traceLog = createTraceLog(log)
  const spans = createPurchaseSpans(deps.tracing, { joinsShare: config.traceJoinsRatio })

  const sales = createSaleCache({ line, pool, log, recoveryMs: config.recoverySeconds * 1_000 })
  const processName = randomUUID()
  const registry = createRegistry({ line, process: processName })
  const memory = createLineMemory({
    ...{ line, guard, registry, process: processName, sales, log },
    // A revoked buyer who was put back leaves again.
    onRestored: () => accounts.endAgain(),
  })
  const { restartReporter, recentActs } = memory
  const bus = createRoomBus(config, { ...deps, pool, line, restore: sales.restore, recentActs })
  const { wakeRelay } = bus
  const ordersSeen = followOrdersSeen({ line, process: processName, health: bus.ordersHealth })
  const paymentDelay = followPaymentDelay({ line, delayedPercent: config.delayedAdmissionPercent })
  const archive = createArchiver({
    ...{ line, pool, log, entriesMax: config.logEntriesMax },
    countFailure: (work) => metrics.failures.inc({ work }),
    countCut: (entries) => metrics.logCut.inc(entries),
  })

  const tokens = createTokens(config, keyFile.current)
  const { identify, kid } = tokens
  const accounts: Accounts = createAccounts({
    ...{ line, pool, sales, log, onLeftClosed },
    onGivenBack: (sale) => jobs.revokeSoon(sale),
    onRevoked: () => hub.closeRevoked(),
  })
  // Repeats work that Redis may have forgotten.
  guard.onRestart(accounts.endAgain)
  const { revocations, endRevoked } = accounts
  const presence = createPresence({ line, log })
  const status = createStatusReader({ line, sales, signAdmission: tokens.signAdmission, presence, revocations })
  const hub = createLiveHub({
    ...{ line, sales, status, revocations, log },
    identify: identifyUnrevoked(identify, revocations),
  })

  const jobs: Jobs = createJobs({
    ...{ line, pool, sales, log, metrics, archive, wakeRelay, ordersSeen, paymentDelay, config },
    ...{ hub, revocations, endRevoked },
    isFirst: () => registry.rankOf('*') === 0,
  })
  const failures = createTickFailures({
    log,
    count: (state) => metrics.tickFailures.inc({ state }),
    countBeat: () => metrics.failures.inc({ work: 'beat' }),
  })
  const ticker = createTicker({
    ...{ line, sales, registry, failures, log, latestDeadlineMs: ordersSeen.latestDeadlineMs },
    ...{ kid, rateShare: paymentDelay.rateShare },
    ...createAfterTick({
      ...{ line, pool, log, wakeRelay, metrics, sales, restartReporter, recentActs, kid },
      ...{ archive, jobs, traceLog, spans, hub },
    }),
  })
  sales.listen({
    onPlace: (sale, place) => restartReporter.noteSeen(sale, { place }),
    onSnapshot: (sale, news) => {
      status.noteLeavers(sale.id, news)
      recentActs.learn(sale.id, news)
      ticker.noteSnapshot(sale)
      traceLog.flushJoins(sale.id)
      hub.onSnapshot(sale, news)
    },
    onAwake: jobs.wake,
  })

  const clientAddressOf = createClientAddressOf(config, createIgnoredProxyWarning(deps))
  const { allowedOrigins, publicUrl, answerMsMax } = config
  const http = { log, metrics: deps.metrics, allowedOrigins, publicUrl, answerMsMax }
  const limited = { limits: config, clientAddressOf, countLimited }
  const sockets = createSocketServer({ route: hub.route, allowedOrigins, publicUrl, ...limited, log })
  gaugeLines(deps.metrics, {
    totals: ticker.totals,
    failing: failures.byState,
    snapshots: () =>
      [...sales.all()].filter((sale) => isInDemand(sale) || hub.isWatched(sale.id)).map(({ snapshot }) => snapshot),
    sockets: sockets.count,
    ...{ revocations, rateShare: paymentDelay.rateShare },
  })

  const { orderCoreUrl, notifierUrl, paymentWorkerUrl } = config
  const urls = { publicUrl, orderCoreUrl, notifierUrl, paymentWorkerUrl }
  const pages = { ...urls, assets: openAssets(), languages: LANGUAGES }
  const people = createOperators({ app: 'waiting-room', pool, log, metrics: deps.metrics })
  const operators = { routes: api.routes, adminToken, shopToken, clientAddressOf, ...people.guard }
  const app = createHttpApp({ ...http, operators, aroundRoutes: servePages(pages) })
  async function onLeftClosed(sale: string): Promise<void> {
    await reviveSale(line, sale)
    ticker.changed(sale)
  }
  const finish = createFinish({
    ...{ line, sales, log, recentActs, onGivenBack: jobs.revokeSoon },
    countFinish: (outcome) => metrics.finishes.inc({ outcome }),
  })
  const buyerRoutes = createBuyerRoutes(config, {
    ...{ ...tokens, finish },
    ...{ line, sales, status, metrics, log, countLimited, recentActs },
    onJoined: (sale, joined) => {
      traceLog.joined(sale, joined.buyer)
      spans.joined(sale, joined)
      ticker.joined(sale)
    },
    onGivenBack: jobs.revokeSoon,
    onLeftClosed,
    ...{ revocations, verifyIdToken: accounts.verifyIdToken, onRevoked: accounts.endOf },
  })
  const retention = createRetention({
    tasks: [
      ...createArchiveRetention({ pool, days: config.archiveDays }),
      ...createOperatorRetention({ pool, days: config.auditRetentionDays }),
    ],
    ...{ config, log, metrics: deps.metrics },
  })
  const routes = [
    ...createOperatorRoutes(config, {
      ...{ line, pool, sales, bus, log, finish, revocations },
      ...tokens,
      onChanged: ticker.changed,
    }),
    revocationsRoute({ pool, sales }),
    endedPassRoute({ ...tokens, identify: identifyUnrevoked(identify, { reject: revocations.rejectToken }) }),
    ...createOwnRoutes({
      ...{ app: 'waiting-room', metrics: deps.metrics, retention, isUnavailable: isRetriableDatabaseError },
      settings: describeSettings(definition, config),
      readiness: () => listeners.readiness(),
    }),
    ...buyerRoutes,
    rejectWithoutUpgrade(waitingRoomRoutes.watchTicket),
    keysRoute(keyFile.current),
  ]
  mountRoutes(app, routes, { clientAddressOf, declared: api.routes })
  const paysElsewhere = config.checkoutPayment === 'provider-page'
  mountPages(app, { ...pages, paysElsewhere, buyerCookie: tokens.cookie, readHeadline: createHeadlines(sales) })

  const listeners = createListeners(config, {
    ...{ api, log, metrics: deps.metrics, app, sockets },
    tryFastPath: createFastPath(buyerRoutes, { ...http, clientAddressOf }),
    closeGraceMs: Math.min(CLOSE_GRACE_MS_MAX, closeGraceMsOf(config)),
    // The ticker starts after the port opens.
    opensWith: ['redis'],
    ...createHealth({ line, pool, bus, ticker, failures }),
  })
  async function finishWork(): Promise<void> {
    keyFile.stop()
    await Promise.all([people.stop(), ticker.stop(), jobs.stop(), bus.stop(), retention.stop()])
    await Promise.all([presence.stop(), memory.stop()])
  }
  return {
    url: listeners.url,
    opsUrl: listeners.opsUrl,
    start: async () => {
      await retention.start()
      people.start()
      await listeners.start()
      bus.start()
      jobs.start()
      ticker.start()
    },
    stop: () =>
      stopInTime({
        ...{ listeners, log, shutdownSeconds: config.shutdownSeconds },
        finish: finishWork,
        cut: async () => {
          redis.disconnect()
          await closePool(pool, { workMsMax: 0 })
        },
        close: () => Promise.all([closeRedis(redis), closePool(pool)]),
      }),
  }
}
