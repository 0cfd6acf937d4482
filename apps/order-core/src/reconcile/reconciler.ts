import { type Repeated, repeat } from '@floodgate/async'
import { readTimeline } from '@floodgate/database'
import type { Logger } from '@floodgate/runtime'
import type { Pool } from 'pg'
import type { Registry } from 'prom-client'
import { tryToProject } from '../catalogue/project.ts'
import { readCatalogue } from '../catalogue/store.ts'
import { isNotNow } from '../parked/is-not-now.ts'
import { saleKeys } from '../stock/keys.ts'
import type { StockRedis } from '../stock/stock-redis.ts'
import { createBulkhead } from './bulkhead.ts'
import { createOversoldCount } from './count-oversold.ts'
import { type ChangeCursor, cursorFrom, followChanges, readHorizon } from './follow-changes.ts'
import { areCountersWrong, type CounterState, newCounterState } from './heal-counters.ts'
import { type LiveSale, type PastSale, readLiveSale, readLiveSales, readPastSales } from './live-sales.ts'
import { resolveOverdueHolds } from './overdue-holds.ts'
import { createReconcilerMetrics } from './reconciler-metrics.ts'
import { retireSale } from './retire.ts'
import { createRoundLease } from './round-lease.ts'
import { readWrittenVersion } from './written-stock.ts'

const SECOND = 1_000
const ROUND_MS = 2 * SECOND
/** Another process takes over this long after the last sale of a process that died. */
const LEASE_MS = 6 * SECOND
const EXTEND_MS = SECOND
/** Number of past sales checked per round, in turn. */
const PAST_SALES_PER_ROUND = 5
const PAGES_PER_ROUND = 20
/** Interval of comparing counters at rest. */
const AUDIT_MS = 5 * 60 * SECOND
/** No orders arrive for past sales. */
const AUDIT_PAST_MS = Number.POSITIVE_INFINITY
/** How long a closed sale at rest is skipped, give or take a half: only admitted buyers can still order there. */
const REST_MS = 90 * SECOND
/** Number of sales in a row that Postgres or Redis cannot serve, after which the round ends. */
const NOT_NOW_MAX = 3

export interface Reconciler {
  start(): void
  stop(): Promise<void>
  /** Reconciles one sale now. */
  reconcile(sale: string): Promise<void>
  /** Reconciles all live sales and some past ones. Rejects only when Postgres cannot list them. */
  round(): Promise<void>
  /** Rebuilds a sale soon, because the ledger rejected what Redis allowed; requests meanwhile share one rebuild. */
  rebuildSoon(sale: string): void
}

interface SaleRound {
  /** Start of the changes that the first check of this process reads. */
  readonly start: Date
  readonly horizon: Date
  readonly auditMs: number
  /** Timeline of Postgres; undefined: it does not tell. */
  readonly timeline: number | undefined
}

interface SaleState {
  cursor?: ChangeCursor
  readonly counters: CounterState
  restsUntilMs: number
}

/**
 * Heals what a crash between Postgres and Redis left behind, every two seconds per live sale: moves overdue holds and
 * changed orders to the states of their rows, projects an outdated catalogue, and rebuilds stock that is from before a
 * promotion of Postgres, or differs while nothing is in progress. One process at a time does it; two at once do no harm.
 */
export function createReconciler(options: {
  readonly pool: Pool
  readonly stockRedis: StockRedis
  readonly log: Logger
  readonly metrics: Registry
  wakeRelay(): void
  /** How long after `start` holds without an order are left alone: their buyers may have waited for it. */
  readonly graceMs?: number
  /** How long a closed sale at rest is skipped. Default: 90 s. */
  readonly restMs?: number
}): Reconciler {
  const { pool, stockRedis, log, restMs = REST_MS } = options
  const stopping = new AbortController()
  const metrics = createReconcilerMetrics(options.metrics)
  const oversold = createOversoldCount({ pool, metrics: options.metrics })
  const lease = createRoundLease({ pool, name: 'reconcile', leaseMs: LEASE_MS })
  const states = new Map<string, SaleState>()
  const retiring = new Map<string, ChangeCursor>()
  let pastAfter = ''
  let leasedAtMs = Number.NEGATIVE_INFINITY
  let rounds: Repeated | undefined
  let startedAtMs = Number.NEGATIVE_INFINITY
  const bulkhead = createBulkhead({
    isNotNow,
    onFailed: ({ key: sale, error, failures, againMs }) => {
      metrics.failed.inc()
      log.warn({ sale, error, failures, againMs }, 'sale not reconciled; retried later')
    },
  })

  const rebuildSoon = (sale: string): void => {
    metrics.healed.inc({ what: 'counters' })
    stockRedis.rebuildSoon(sale, { force: true })
  }

  const readPresent = async (): Promise<Omit<SaleRound, 'auditMs'>> => ({
    ...(await readHorizon(pool)),
    timeline: await readTimeline(pool),
  })

  const look = async (live: LiveSale, how: SaleRound): Promise<void> => {
    const { sale, version, isClosed } = live
    const projected = await readWrittenVersion({ pool, stockRedis, log }, live, how.timeline)
    if (projected === undefined) return
    const mayAbandon = performance.now() - startedAtMs >= (options.graceMs ?? 0)
    const { abandoned, followed } = await resolveOverdueHolds({ pool, stockRedis, log }, sale, { mayAbandon })
    if (abandoned > 0) {
      options.wakeRelay()
      metrics.healed.inc({ what: 'abandoned' }, abandoned)
      log.warn({ sale, abandoned }, 'holds without an order released')
    }
    const state = stateOf(sale, how)
    const orders = (await follow(sale, state, how)) + followed
    if (abandoned + orders > 0) state.counters.isMoved = true
    if (orders > 0) {
      metrics.healed.inc({ what: 'orders' }, orders)
      log.warn({ sale, orders }, 'holds synchronised with their orders')
    }
    if (projected < version) await project(sale)
    const nowMs = performance.now()
    if (await areCountersWrong({ pool, stockRedis, log }, { sale, state: state.counters, nowMs, auditMs: how.auditMs }))
      rebuildSoon(sale)
    else if (isClosed && (await isAtRest(sale, state))) state.restsUntilMs = nowMs + restMs * (0.5 + Math.random())
  }

  const stateOf = (sale: string, { auditMs }: SaleRound): SaleState => {
    const known = states.get(sale)
    if (known !== undefined) return known
    const counters = newCounterState({ isMoved: auditMs < Number.POSITIVE_INFINITY })
    const state = { counters, restsUntilMs: Number.NEGATIVE_INFINITY }
    states.set(sale, state)
    return state
  }

  /** Tells whether a sale is at rest: no order moves, the counters agree, and nothing is held. */
  const isAtRest = async (sale: string, { counters }: SaleState): Promise<boolean> =>
    !counters.isMoved && (await stockRedis.redis.zcard(saleKeys(sale).holds)) === 0

  const isAwake = ({ sale, isClosed }: LiveSale): boolean => {
    const { restsUntilMs } = states.get(sale) ?? { restsUntilMs: Number.NEGATIVE_INFINITY }
    return !isClosed || performance.now() >= restsUntilMs
  }

  /** Reads what changed since the last check, or, at the first check of this process, within ten minutes. */
  const follow = async (sale: string, state: SaleState, { start, horizon }: SaleRound): Promise<number> => {
    let mended = 0
    for (let page = 0; page < PAGES_PER_ROUND; page += 1) {
      const cursor = state.cursor ?? cursorFrom(start)
      const changes = await followChanges({ pool, stockRedis }, { sale, cursor, horizon })
      state.cursor = changes.cursor
      mended += changes.mended
      if (changes.read > 0) state.counters.isMoved = true
      if (!changes.isPartial) break
    }
    return mended
  }

  const project = async (sale: string): Promise<void> => {
    const catalogue = await readCatalogue(pool, sale)
    if (catalogue !== undefined) await tryToProject(stockRedis, catalogue)
  }

  const round = async (): Promise<void> => {
    const live = await readLiveSales(pool)
    const past = await readPastSales(pool, { after: pastAfter, max: PAST_SALES_PER_ROUND })
    pastAfter = past.length < PAST_SALES_PER_ROUND ? '' : (past.at(-1)?.sale ?? '')
    const since = await readPresent()
    await forEachSale(live.filter(isAwake), (sale) => look(sale, { ...since, auditMs: AUDIT_MS }))
    await forEachSale(past, (sale) =>
      sale.isRetirable ? retire(sale) : look(sale, { ...since, auditMs: AUDIT_PAST_MS }),
    )
  }

  const retire = async ({ sale, epoch }: PastSale): Promise<void> => {
    const next = await retireSale({ pool, redis: stockRedis.redis }, { sale, epoch, from: retiring.get(sale) })
    if (next !== undefined) return void retiring.set(sale, next)
    retiring.delete(sale)
    states.delete(sale)
    log.info({ sale }, 'stock of a past sale retired')
  }

  /** Reconciles each sale. A failing sale is skipped for a while; the others are not affected. */
  const forEachSale = async <Sale extends LiveSale>(
    sales: readonly Sale[],
    work: (sale: Sale) => Promise<void>,
  ): Promise<void> => {
    let notNow = 0
    for (const each of sales) {
      if (stopping.signal.aborted) return
      if (performance.now() - leasedAtMs > EXTEND_MS) await holdLease()
      const ended = await bulkhead.run(each.sale, () => work(each))
      if (ended === 'not-now') notNow += 1
      else if (ended === 'done') notNow = 0
      // Each may have waited for its time limit: the next round begins with the sales behind these.
      if (notNow === NOT_NOW_MAX) return
    }
  }

  const holdLease = async (): Promise<boolean> => {
    const isHeld = await lease.hold()
    if (isHeld) leasedAtMs = performance.now()
    return isHeld
  }

  const roundWithLease = async (): Promise<void> => {
    if (await holdLease()) {
      const startedMs = performance.now()
      await round()
      await oversold.count().catch((error: unknown) => log.warn({ error }, 'oversold units not counted'))
      metrics.roundSeconds.observe((performance.now() - startedMs) / SECOND)
    } else {
      // The next first check here begins ten minutes back, whatever another process has read since.
      states.clear()
      retiring.clear()
      oversold.forget()
    }
  }

  return {
    reconcile: async (sale) => {
      const live = await readLiveSale(pool, sale)
      if (live !== undefined) await look(live, { ...(await readPresent()), auditMs: AUDIT_MS })
    },
    round,
    start: () => {
      startedAtMs = performance.now()
      rounds = repeat({
        everyMs: ROUND_MS,
        signal: stopping.signal,
        work: roundWithLease,
        onError: (error) => log.warn({ error }, 'reconciler round failed'),
      })
    },
    stop: async () => {
      stopping.abort()
      if (rounds === undefined) return
      await rounds.stop()
      await lease.release()
    },
    rebuildSoon,
  }
}
