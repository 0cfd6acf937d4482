import { type Repeated, repeat } from '@floodgate/async'
import type { EventBus } from '@floodgate/event-bus'
import type { RedisClient } from '@floodgate/redis'
import { createRareWarnings, type Logger } from '@floodgate/runtime'
import type { Pool } from 'pg'
import { Counter, type Registry } from 'prom-client'
import { readLiveSales } from '../reconcile/live-sales.ts'
import { createRoundLease } from '../reconcile/round-lease.ts'
import { batchesOf, byServer } from './batches.ts'
import { createPublications } from './publications.ts'
import { publishBatch } from './publish-batch.ts'

const SECOND = 1_000
/** Pause between two rounds: an event of a sale at most twice a second. */
const PAUSE_MS_MIN = 500
/** The longest pause that still makes a sold-out item visible everywhere within two seconds. */
const PAUSE_MS_MAX = SECOND
/** The pause is this many times as long as the round, so that large catalogues do not occupy Redis. */
const PAUSE_PER_WORK = 4
/** Another process takes over this long after the last round of a process that died. */
const LEASE_MS = 3 * SECOND
const EXTEND_MS = SECOND
/** How much newer than the mark of the lease the newest version can be: versions rise by the millisecond. */
const UNMARKED_MS_MAX = 2 * EXTEND_MS
const LIST_MS = 2 * SECOND

export interface StockNewsPublisher {
  start(): void
  stop(): Promise<void>
}

/**
 * Publishes `sale.stock.v1` for every live sale, straight to the bus: what a lost event said, the next reading says
 * again, so no outbox is needed. One process at a time does it; two at once do no harm, since of two readings the newer
 * one counts. While the bus is unavailable nothing is kept but the last reading.
 */
export function createStockNews(deps: {
  readonly pool: Pool
  readonly redis: RedisClient
  readonly bus: Pick<EventBus, 'publish'>
  /** Time limit of a call of the bus. Default 5,000. */
  readonly publishMsMax?: number
  readonly log: Logger
  readonly metrics: Registry
}): StockNewsPublisher {
  const { pool, redis, bus, publishMsMax, log } = deps
  const failures = new Counter({
    name: 'floodgate_stock_news_failures_total',
    help: 'Readings of a sale that could not be read or published; the next round makes up for them',
    registers: [deps.metrics],
  })
  const warn = createRareWarnings(log)
  const lease = createRoundLease({ pool, name: 'stock-news', leaseMs: LEASE_MS })
  const publications = createPublications()
  let sales: readonly string[] = []
  let listedAtMs = Number.NEGATIVE_INFINITY
  let leasedAtMs = Number.NEGATIVE_INFINITY
  let tookMs = 0
  let rounds: Repeated | undefined

  function onFailed(unpublished: readonly string[], error: unknown): void {
    failures.inc(unpublished.length)
    const [sale = ''] = unpublished
    warn(sale, { sale, sales: unpublished.length, error }, 'stock news not published')
  }

  async function holdLease(): Promise<boolean> {
    if (performance.now() - leasedAtMs < EXTEND_MS) return true
    const newestVersion = publications.newestVersion()
    const mark = await lease.holdWithMark(newestVersion)
    if (mark === undefined) return false
    if (mark > newestVersion) {
      // Another process has published, perhaps by the clock of another Redis.
      publications.beginAgain()
      publications.beginAbove(mark + UNMARKED_MS_MAX)
      await lease.holdWithMark(publications.newestVersion())
    }
    leasedAtMs = performance.now()
    return true
  }

  async function listSales(): Promise<void> {
    if (performance.now() - listedAtMs < LIST_MS) return
    sales = (await readLiveSales(pool)).map(({ sale }) => sale)
    listedAtMs = performance.now()
    publications.keepOnly(sales)
  }

  /** Publishes the news of sales whose stock is on one server. False: the next round repeats what was left out. */
  async function publishOfServer(ofServer: readonly string[], stopping: AbortSignal): Promise<boolean> {
    for (const batch of batchesOf(ofServer, publications.itemsOf)) {
      if (stopping.aborted || !(await holdLease())) return false
      if (!(await publishBatch({ redis, bus, publishMsMax, publications, onFailed }, batch, stopping))) return false
    }
    return true
  }

  async function round(stopping: AbortSignal): Promise<void> {
    const startedMs = performance.now()
    tookMs = 0
    if (!(await holdLease())) {
      // Whatever is published meanwhile, a process that takes over begins with all items.
      publications.beginAgain()
      return
    }
    await listSales()
    await Promise.all(
      byServer(redis, sales).map(async (ofServer) => {
        // The wait for an unresponsive server is no work.
        if (await publishOfServer(ofServer, stopping)) tookMs = performance.now() - startedMs
      }),
    )
  }

  return {
    start() {
      rounds = repeat({
        everyMs: () => Math.min(PAUSE_MS_MAX, Math.max(PAUSE_MS_MIN, PAUSE_PER_WORK * tookMs)),
        work: round,
        onError: (error) => warn('', { error }, 'stock news round failed'),
      })
    },
    async stop() {
      if (rounds === undefined) return
      await rounds.stop()
      await lease.release()
    },
  }
}
