import { randomUUID } from 'node:crypto'
import { createBoundedMap } from '@floodgate/async'
import { closePool, createPool, isRetriableDatabaseError } from '@floodgate/database'
import {
  createClientAddressOf,
  createFastPath,
  createHttpApp,
  createIgnoredProxyNote,
  createLimitedCounter,
  createListeners,
  createSocketServer,
  mountDeadLetterRoutes,
  mountErasureRoute,
  mountRoutes,
} from '@floodgate/http'
import { openAssets } from '@floodgate/pages'
import { closeRedis, createRedis, isRedisUnavailable, trackRunId } from '@floodgate/redis'
import {
  closeGraceMsOf,
  createRareWarnings,
  createRetention,
  type Service,
  type ServiceDeps,
  stopInTime,
} from '@floodgate/runtime'
import { LANGUAGES } from '@floodgate/texts'
import { createTickFailures } from './admission/tick-failures.ts'
import { createTicker } from './admission/ticker.ts'
import { api } from './api.ts'
import { createArchiver } from './archive/archiver.ts'
import { createArchiveRetention } from './archive/prune-archive.ts'
import { createRoomBus } from './bus.ts'
import { createBuyerRoutes } from './buyer-routes.ts'
import type { Config } from './config.ts'
import { eraseFromLines } from './erasure/erase-buyer.ts'
import { type Background, startBackground } from './jobs.ts'
import { createPresence } from './line/presence.ts'
import { createStatusReader } from './line/read-status.ts'
import { mountLiveRefusal } from './line/ticket-routes.ts'
import { createLiveHub } from './live/live-hub.ts'
import { createRoomMetrics } from './metrics.ts'
import { headlineOf } from './pages/headline.ts'
import { answerNavigations } from './pages/navigations.ts'
import { mountPages } from './pages/routes.ts'
import { createRegistry } from './processes/registry.ts'
import { createLineRedis } from './redis/line-redis.ts'
import { mountLogRoutes } from './sales/log-routes.ts'
import { createRecentActs } from './sales/recent-acts.ts'
import { recordScheduledAct, retireSale, reviveSale } from './sales/reconcile-sales.ts'
import { createSaleActs } from './sales/sale-acts.ts'
import { createLiveSales, isInDemand } from './sales/sale-cache.ts'
import { mountSaleRoutes } from './sales/sale-routes.ts'
import { createWitness } from './sales/witness.ts'
import { followOrdersSeen } from './slots/follow-orders-seen.ts'
import { mountRevocations } from './slots/revocation-routes.ts'
import { GROUP } from './slots/slot-events.ts'
import { createBuyerCookie } from './tokens/buyer-cookie.ts'
import { createEndedPasses } from './tokens/ended-pass.ts'
import { mountEndedPass } from './tokens/ended-pass-routes.ts'
import { createIdentify } from './tokens/identify.ts'
import { openKeyFile } from './tokens/key-file.ts'
import { mountKeys } from './tokens/keys-route.ts'
import { createPasses } from './tokens/sign-admission.ts'
import { createTicketCookie } from './tokens/ticket-cookie.ts'
import { createTickets } from './tokens/tickets.ts'
import { createRoomLog } from './trace-log.ts'

const poolConnectionsMax = 8
/** Of running requests at a stop: none takes long. */
const CLOSE_GRACE_MS_MAX = 2_000
/** The waiting room's work is made of short statements. */
const STATEMENT_MS_MAX = 10_000
/** Of the schedule, asked for within a minute: more are recorded more often than once a second. */
const DUE_ACTS_MAX = 20_000
/** A sale at rest is ticked once a second: a tick is a second late at most. */
const TICK_SILENCE_MS_MAX = 2_000

export interface WaitingRoom extends Service {
  /** Where it listens, once started. */
  readonly url: () => string
  readonly opsUrl: () => string
}

/** The waiting room, wired by hand. */
export const createApp = async (config: Config, deps: ServiceDeps): Promise<WaitingRoom> => {
  const { log } = deps
  const keyFile = await openKeyFile(config.floodgateKeys, log)
  const keys = keyFile.current
  const pool = createPool(config.databaseUrl, {
    max: poolConnectionsMax,
    statementTimeoutMs: STATEMENT_MS_MAX,
    applicationName: 'floodgate-waiting-room',
  })
  const redis = createRedis({ url: config.redisUrl, name: `waiting-room-${process.pid}`, role: 'scripts', log })
  const guard = trackRunId(redis, {
    onRestart: (runId, previous) => {
      witness.restarted(runId, previous)
      recentActs.restarted()
    },
  })
  const line = createLineRedis({ redis, guard })
  const metrics = createRoomMetrics(deps.metrics, {
    totals: () => ticker.totals(),
    failing: () => failures.byState(),
    snapshots: () =>
      [...sales.all()].filter((sale) => isInDemand(sale) || hub.isWatched(sale.id)).map(({ snapshot }) => snapshot),
    sockets: () => sockets.count(),
  })
  const bus = createRoomBus(config, {
    ...deps,
    pool,
    line,
    restore: (sale, kind) => sales.restore(sale, kind),
  })
  const { wakeRelay } = bus
  const recoveryMs = config.recoverySeconds * 1_000

  const sales = createLiveSales({
    line,
    pool,
    log,
    recoveryMs,
    onPlace: (sale, place) => witness.saw(sale, { place }),
    onSnapshot: (sale, news) => {
      status.learn(sale.id, news)
      recentActs.learn(sale.id, news)
      ticker.noteSnapshot(sale)
      roomLog.flushJoins(sale.id)
      hub.onSnapshot(sale, news)
    },
    onAwake: () => {
      background?.wake()
    },
  })
  const tickets = createTickets(keys)
  const cookie = createBuyerCookie({ keys, publicUrl: config.publicUrl })
  const ticketCookie = createTicketCookie(config)
  const identify = createIdentify({ tickets, cookie, ticketCookie })
  const signing = { keys, issuer: config.admissionIssuer, audience: config.admissionAudience }
  const passOf = createPasses(signing)
  const presence = createPresence({ line, log })
  const status = createStatusReader({ line, sales, passOf, presence })
  const hub = createLiveHub({ line, sales, status, identify, log })
  const clientAddressOf = createClientAddressOf(config, createIgnoredProxyNote(deps))
  const countLimited = createLimitedCounter(deps.metrics)
  const sockets = createSocketServer({
    route: hub.route,
    allowedOrigins: config.allowedOrigins,
    publicUrl: config.publicUrl,
    limits: config,
    clientAddressOf,
    countLimited,
    log,
  })
  const roomLog = createRoomLog(log)
  const due = createBoundedMap<number>(DUE_ACTS_MAX, { keptMs: 60_000 })
  const ordersSeen = followOrdersSeen({ line, process: randomUUID(), health: bus.ordersHealth })
  const processName = randomUUID()
  const registry = createRegistry({ line, process: processName })
  const witness = createWitness({ line, registry, process: processName, sales: sales.ids, log })
  const lastSeenMs = () => registry.lastBeat().atMs
  const recentActs = createRecentActs({ line, log, lastSeenMs })
  const warn = createRareWarnings(log)
  const archive = createArchiver({
    ...{ line, pool, log, entriesMax: config.logEntriesMax },
    countFailure: (work) => metrics.failures.inc({ work }),
    countCut: (entries) => metrics.logCut.inc(entries),
  })
  const failures = createTickFailures({
    log,
    count: (state) => metrics.tickFailures.inc({ state }),
    countBeat: () => metrics.failures.inc({ work: 'beat' }),
  })
  const kid = () => keys().admissionKey(Date.now()).kid
  const ticker = createTicker({
    latestDeadlineMs: ordersSeen.latestDeadlineMs,
    line,
    sales,
    registry,
    failures,
    log,
    kid,
    onTick: (sale, tick, ms) => {
      const { admitted } = tick
      metrics.noteTick(tick, ms)
      sales.sawPlace(sale, tick.highestPlace)
      witness.saw(sale, { logId: tick.newestLogId })
      recentActs.note(
        sale,
        admitted.map((each) => ({ ...each, atMs: tick.nowMs, kid: kid() })),
      )
      archive.note(sale, tick.newestLogId)
      if (tick.leaving > 0) background?.revokeSoon(sale)
      roomLog.admitted(sale, admitted)
      roomLog.flushJoins(sale)
      // The news of an admission is in the line's log: reading it now tells our sockets without waiting for the next snapshot.
      if (admitted.some(({ buyer }) => hub.isListening(sale, buyer))) sales.refreshAnew(sale).catch(() => undefined)
    },
    onDue: (sale, act) => {
      // Each tick says it again until it is written down; Postgres is asked once a second.
      const what = `${sale} ${act}`
      if (performance.now() - (due.get(what) ?? Number.NEGATIVE_INFINITY) < 1_000) return
      due.set(what, performance.now())
      recordScheduledAct({ line, pool, log, wakeRelay }, sale, act).catch((error: unknown) =>
        warn(what, { sale, act, error }, 'scheduled act not recorded'),
      )
    },
    onOver: async (sale) => {
      if (archive.isBehind(sale)) return false
      await retireSale(line, sale)
      witness.forget(sale)
      return true
    },
  })

  const app = createHttpApp({
    log,
    metrics: deps.metrics,
    allowedOrigins: config.allowedOrigins,
    publicUrl: config.publicUrl,
    answerMsMax: config.answerMsMax,
    operators: { operations: api.operations, adminToken: config.adminToken },
  })
  const pageUrls = {
    publicUrl: config.publicUrl,
    orderCoreUrl: config.orderCoreUrl,
    notifierUrl: config.notifierUrl,
    paymentWorkerUrl: config.paymentWorkerUrl,
  }
  const assets = openAssets()
  answerNavigations(app, { ...pageUrls, assets, languages: LANGUAGES })
  const noteJoined = (sale: string, buyer: string) => {
    roomLog.joined(sale, buyer)
    ticker.joined(sale)
  }
  const routes = createBuyerRoutes(config, {
    line,
    sales,
    tickets,
    cookie,
    ticketCookie,
    identify,
    status,
    metrics,
    log,
    countLimited,
    onJoined: noteJoined,
    onGivenBack: (sale) => background?.revokeSoon(sale),
    onLeft: (sale, left) => recentActs.note(sale, [{ ...left, atMs: lastSeenMs() }]),
    onLeftClosed: async (sale) => {
      await reviveSale(line, sale)
      ticker.changed(sale)
    },
  })
  mountSaleRoutes(app, {
    acts: createSaleActs({ line, pool, wakeRelay, onChanged: ticker.changed }),
    sales,
    pool,
    isDevelopment: config.environment === 'development',
  })
  mountLogRoutes(app, { line, pool, sales })
  mountErasureRoute(app, {
    name: 'waiting-room',
    erase: (request) => eraseFromLines({ pool, redis }, request),
    isUnavailable: (error) => isRedisUnavailable(error) || isRetriableDatabaseError(error),
  })
  mountRevocations(app, { pool, sales })
  mountEndedPass(app, { identify, endedPassOf: createEndedPasses(signing) })
  mountDeadLetterRoutes(app, { deadLetters: bus.deadLetters, groups: [GROUP], log })
  mountRoutes(app, routes, { clientAddressOf })
  mountLiveRefusal(app)
  mountPages(app, {
    ...pageUrls,
    assets,
    languages: LANGUAGES,
    buyerCookie: cookie,
    readHeadline: async (id) => {
      const sale = await sales.find(id)
      return sale === undefined ? undefined : headlineOf(sale.snapshot)
    },
  })
  mountKeys(app, keys)

  const listeners = createListeners(config, {
    api,
    log,
    metrics: deps.metrics,
    app,
    tryFastPath: createFastPath(routes, {
      log,
      metrics: deps.metrics,
      allowedOrigins: config.allowedOrigins,
      publicUrl: config.publicUrl,
      answerMsMax: config.answerMsMax,
      clientAddressOf,
    }),
    sockets,
    closeGraceMs: Math.min(CLOSE_GRACE_MS_MAX, closeGraceMsOf(config)),
    // The ticker begins behind the port.
    opensWith: ['redis'],
    checks: {
      redis: async () => {
        line.runId()
        return { ready: (await redis.ping()) === 'PONG' }
      },
      ticker: () => {
        if (ticker.lastTickAgeMs() > TICK_SILENCE_MS_MAX)
          return { ready: false, detail: 'no tick reached Redis lately' }
        return { ready: true }
      },
    },
    // The line goes on without them.
    reports: {
      postgres: async () => {
        await pool.query('select version from rooms.sales limit 0')
        return { ready: true }
      },
      bus: () => bus.health(),
      // Sales whose scripts fail, even all of them: buyers keep their places and can be answered.
      ticks: () => {
        const detail = failures.detail()
        return { ready: detail === undefined, ...(detail === undefined ? {} : { detail }) }
      },
    },
  })
  const retention = createRetention({
    tasks: createArchiveRetention({ pool, days: config.archiveDays }),
    ...{ config, log, metrics: deps.metrics },
  })
  let background: Background | undefined
  async function finishWork(): Promise<void> {
    keyFile.stop()
    await Promise.all([ticker.stop(), background?.stop(), bus.stop(), retention.stop()])
    await Promise.all([presence.stop(), witness.stop(), recentActs.stop()])
  }
  return {
    url: listeners.url,
    opsUrl: listeners.opsUrl,
    start: async () => {
      await retention.start()
      await listeners.start()
      bus.start()
      background = startBackground({
        ...{ line, pool, sales, log, metrics, archive, wakeRelay, ordersSeen, config },
        isFirst: () => registry.rankOf('*') === 0,
        hub,
      })
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
