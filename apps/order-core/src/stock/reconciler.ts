import { setTimeout as sleep } from 'node:timers/promises'
import { untilNextPoll } from '@floodgate/database'
import type { Logger } from '@floodgate/service'
import type { Pool } from 'pg'
import { Counter, type Registry } from 'prom-client'
import { tryToProject } from '../catalogue/project.ts'
import { readCatalogue } from '../catalogue/store.ts'
import { readOrders } from '../ledger/read-orders.ts'
import { isNotNow } from '../saga/is-not-now.ts'
import { auditStock } from './audit.ts'
import { readRedisStock } from './availability.ts'
import { createBulkhead } from './bulkhead.ts'
import type { Fence } from './fence.ts'
import { followRow, restoreRecord } from './follow-row.ts'
import { saleKeys } from './keys.ts'
import { resolveOverdueHolds } from './overdue-holds.ts'
import { isWritten } from './rebuild/read-fence.ts'
import { retirableSales, retireSale } from './retire.ts'

const SECOND = 1_000
const ROUND_MS = 2 * SECOND
const ORDERS_PER_ROUND = 1_000
/** Sales in a row that Postgres or Redis cannot serve, until the round ends. */
const NOT_NOW_MAX = 3

export interface Reconciler {
  start(): void
  stop(): Promise<void>
  /** One look at one sale, now. */
  reconcile(sale: string): Promise<void>
  /** One look at all sales. Rejects only when Postgres cannot tell which they are. */
  round(): Promise<void>
  /** The ledger refused what Redis allowed: brings Redis back to the ledger, once however often it is asked meanwhile. */
  rebuildSoon(sale: string): void
}

/**
 * Heals what a crash between Postgres and Redis left behind, every two seconds per sale: overdue holds, and orders whose
 * last change is older than five seconds, follow their rows; a catalogue that is behind is projected; bare counters that
 * still differ while nothing is under way are rebuilt. Every process runs it: all of it may run twice.
 */
export const createReconciler = (options: {
  readonly pool: Pool
  readonly fence: Fence
  readonly log: Logger
  readonly metrics: Registry
  readonly wakeRelay: () => void
  /** Holds without an order are left alone for this long after `start`: their buyers may have waited for it. */
  readonly graceMs?: number
}): Reconciler => {
  const { pool, fence, log } = options
  const stopping = new AbortController()
  const healed = new Counter({
    name: 'floodgate_stock_healed_total',
    help: 'What the reconciler put right, by what it was',
    labelNames: ['what'],
    registers: [options.metrics],
  })
  const failed = new Counter({
    name: 'floodgate_stock_reconcile_failures_total',
    help: 'Looks at one sale that failed; each failure doubles the time until the next look, up to a minute',
    registers: [options.metrics],
  })
  /** What differed at the last look, per sale: counters are healed when they stand still and differ. */
  const suspicious = new Map<string, string>()
  let running: Promise<void> = Promise.resolve()
  let startedAtMs = Number.NEGATIVE_INFINITY
  const bulkhead = createBulkhead({
    isNotNow,
    onFailed: ({ key: sale, error, failures, againMs }) => {
      failed.inc()
      log.warn({ sale, error, failures, againMs }, 'sale not reconciled; retried later')
    },
  })

  const rebuildSoon = (sale: string): void => {
    healed.inc({ what: 'counters' })
    fence.rebuildSoon(sale, { force: true })
  }

  const reconcile = async (sale: string): Promise<void> => {
    // Nothing else can be told from a stock that is lost or half written, and no other sale waits for it.
    if (!(await isWritten({ pool, redis: fence.redis }, { sale, runId: fence.runId() }))) {
      fence.rebuildSoon(sale)
      return
    }
    const mayAbandon = performance.now() - startedAtMs >= (options.graceMs ?? 0)
    const { abandoned, followed } = await resolveOverdueHolds({ pool, fence, log }, sale, { mayAbandon })
    if (abandoned > 0) {
      options.wakeRelay()
      healed.inc({ what: 'abandoned' }, abandoned)
      log.warn({ sale, abandoned }, 'holds without an order were given back')
    }
    const orders = (await followRecent({ pool, fence }, sale)) + followed
    if (orders > 0) {
      healed.inc({ what: 'orders' }, orders)
      log.warn({ sale, orders }, 'holds were brought to where their orders are')
    }
    await projectIfBehind({ pool, fence }, sale)
    await healCounters(sale)
  }

  const healCounters = async (sale: string): Promise<void> => {
    const audit = await auditStock({ pool, redis: fence.redis }, sale)
    const differing = audit === undefined || audit.agree ? '' : JSON.stringify(audit.skus.filter((sku) => !sku.agree))
    const before = suspicious.get(sale)
    if (differing === '') suspicious.delete(sale)
    else suspicious.set(sale, differing)
    if (differing === '' || differing !== before || !(await isQuiet({ pool, fence }, sale))) return
    suspicious.delete(sale)
    log.error({ sale, differing: audit?.skus.filter((sku) => !sku.agree) }, 'counters differ in a quiet sale')
    rebuildSoon(sale)
  }

  const round = async (): Promise<void> => {
    await forEachSale(await activeSales(pool), reconcile)
    await forEachSale(await retirableSales(pool), async (sale) => {
      if (await retireSale(fence.redis, sale)) log.info({ sale }, 'stock of a past sale retired')
    })
  }

  /** A sale that fails is left out for a while, and no other sale with it. */
  const forEachSale = async (sales: readonly string[], work: (sale: string) => Promise<void>): Promise<void> => {
    let notNow = 0
    for (const sale of sales) {
      if (stopping.signal.aborted) return
      const ended = await bulkhead.run(sale, () => work(sale))
      if (ended === 'not-now') notNow += 1
      else if (ended === 'done') notNow = 0
      // Each may have waited for its time limit: the next round begins with the sales behind these.
      if (notNow === NOT_NOW_MAX) return
    }
  }

  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        await round()
      } catch (error) {
        log.warn({ error }, 'the reconciler could not finish its round')
      }
      await sleep(untilNextPoll(ROUND_MS), undefined, { signal: stopping.signal }).catch(() => undefined)
    }
  }

  return {
    reconcile,
    round,
    start: () => {
      startedAtMs = performance.now()
      running = run()
    },
    stop: async () => {
      stopping.abort()
      await running
    },
    rebuildSoon,
  }
}

/** Sales that are not over for more than a day, or still have open orders. */
const activeSales = async (pool: Pool): Promise<readonly string[]> => {
  const { rows } = await pool.query<{ sale: string }>(
    `select c.sale from orders.catalogues c left join orders.sales s on s.id = c.sale
     where s.closed_at is null or s.closed_at > now() - interval '1 day'
       or exists (select from orders.stock where stock.sale = c.sale and held > 0)
     order by c.sale`,
  )
  return rows.map((row) => row.sale)
}

/** Orders that changed in the last ten minutes, but not in the last five seconds: those are still on their way. */
const followRecent = async ({ pool, fence }: { pool: Pool; fence: Fence }, sale: string): Promise<number> => {
  const { rows } = await pool.query<{ id: string }>(
    `select id from orders.orders
     where sale = $1 and updated_at between now() - interval '10 minutes' and now() - interval '5 seconds'
     order by updated_at desc limit ${ORDERS_PER_ROUND}`,
    [sale],
  )
  const orders = await readOrders(
    pool,
    rows.map((row) => row.id),
  )
  const outcomes = await Promise.all(
    [...orders.values()].map(async (order) => {
      const outcome = await followRow(fence, order)
      return outcome === 'unknown' ? await restoreRecord(fence, order) : outcome
    }),
  )
  return outcomes.filter((outcome) => outcome === 'settled' || outcome === 'pended' || outcome === 'restored').length
}

/** A catalogue whose way to Redis was cut off. */
const projectIfBehind = async ({ pool, fence }: { pool: Pool; fence: Fence }, sale: string): Promise<void> => {
  const [catalogue, stock] = await Promise.all([readCatalogue(pool, sale), readRedisStock(fence.redis, sale)])
  if (catalogue !== undefined && stock.version < catalogue.version) await tryToProject(fence, catalogue)
}

/** No order came or ended for a while, and every hold in Redis is that of an open order: none waits for its commit. */
const isQuiet = async ({ pool, fence }: { pool: Pool; fence: Fence }, sale: string): Promise<boolean> => {
  const holds = await fence.redis.zcard(saleKeys(sale).holds)
  const { rows } = await pool.query<{ quiet: boolean; open: number }>(
    `select
       not exists (select from orders.orders where sale = $1 and updated_at > now() - interval '5 seconds') as quiet,
       (select count(*)::int from orders.orders where sale = $1 and status = 'pending') as open`,
    [sale],
  )
  const [now] = rows
  return now?.quiet === true && holds <= now.open
}
