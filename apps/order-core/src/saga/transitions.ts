import { type BackOff, inHalves, retry } from '@floodgate/async'
import { isRetriableDatabaseError, withTransaction } from '@floodgate/database'
import type { Logger } from '@floodgate/runtime'
import type { Tracing } from '@floodgate/tracing'
import type { Pool, PoolClient } from 'pg'
import type { OrderFact } from '../order/decide.ts'
import {
  LOCK_SECONDS_MAX,
  type LockedOrder,
  lockExpiredOrders,
  lockFreeOrders,
  lockOrders,
  lockStaleRefunds,
} from '../order/lock-orders.ts'
import { withoutNames } from '../order/order-event.ts'
import { isFaultOfOrder, type ParkedFact, parkOrder } from '../parked/parked-orders.ts'
import type { CorrectStock } from '../stock/correct-stock.ts'
import type { EndHolds } from '../stock/end-holds.ts'
import { countDeclines } from './count-declines.ts'
import { lockSupply } from './late-payments.ts'
import {
  planTransitions,
  type TransitionOutcome,
  type TransitionPlan,
  type TransitionRequest,
} from './plan-transitions.ts'
import type { SagaMetrics } from './saga-metrics.ts'
import { recordMoves, type TracedRequest, traceRequests } from './trace-moves.ts'
import { tryCorrectStock, tryEndHolds } from './try-end-holds.ts'
import { type UnknownPaid, writeUnknownPaid } from './unknown-paid.ts'
import { type MovedOrder, writePlan } from './write-plan.ts'

export interface TransitionOptions {
  readonly pool: Pool
  readonly endHolds: EndHolds
  readonly correctStock: CorrectStock
  /** Maximum number of declined orders of one slot: the last ends it. 0 is no bound. */
  readonly declinedMax: number
  /** Whether events name the sale, the items and the language; default true. */
  readonly namesInEvents?: boolean
  /** Notifies the relay of events to publish. */
  wakeRelay(): void
  readonly log: Logger
  readonly metrics: SagaMetrics
  readonly tracing: Tracing
}

export interface Transitions {
  /**
   * Applies facts to orders, all of them in one transaction; returns one outcome per request, in their order. Safe to
   * repeat. Rejects when the database is unavailable, after a few tries; the facts may have been applied all the same.
   */
  apply(requests: readonly TransitionRequest[]): Promise<readonly TransitionOutcome[]>
  /** Cancels up to `max` pending orders whose hold is over and returns how many, including parked ones. */
  expire(max: number): Promise<number>
  /** Confirms up to `max` pending orders that cost nothing and returns how many, including parked ones. */
  confirmFree(max: number): Promise<number>
  /**
   * Announces up to `max` refunds again that were requested longer ago than `olderThanMs`, and returns how many: none
   * while another process does it.
   */
  repeatRefunds(limits: { readonly olderThanMs: number; readonly max: number }): Promise<number>
}

/** Changes existing orders; nothing else does. */
export function createTransitions(options: TransitionOptions): Transitions {
  return {
    apply: async (requests) => {
      if (requests.length === 0) return []
      const ids = [...new Set(requests.map(({ order }) => order))]
      let unknownPaid: UnknownPaid = { written: [], deleted: [] }
      const { plan } = await commitBatch(options, {
        lock: async (client) => {
          const locked = await lockOrders(client, ids)
          unknownPaid = await writeUnknownPaid(client, { requests, locked })
          return unknownPaid.written.length === 0 ? locked : await lockOrders(client, ids)
        },
        requestsFor: () => requests,
      })
      reportUnknownPaid(options, unknownPaid)
      countIgnored(options, requests, plan.outcomes)
      return plan.outcomes
    },
    expire: (max) =>
      sweep(options, {
        ...{ fact: 'hold-expired', parkedAs: 'hold-expired' },
        lock: (client) => lockExpiredOrders(client, max),
      }),
    confirmFree: (max) =>
      sweep(options, {
        // When the operator retries it, the end of its hold confirms a free order as well.
        ...{ fact: 'nothing-to-pay', parkedAs: 'hold-expired' },
        lock: (client) => lockFreeOrders(client, max),
      }),
    repeatRefunds: (limits) =>
      sweep(options, {
        ...{ fact: 'refund-repeated', parkedAs: 'refund-repeated' },
        lock: (client) => lockStaleRefunds(client, limits),
      }),
  }
}

function reportUnknownPaid({ metrics, log }: TransitionOptions, { written, deleted }: UnknownPaid): void {
  if (written.length > 0) {
    metrics.unknownPaid.inc(written.length)
    log.warn({ orders: written }, 'paid orders missing in the ledger; refunds requested')
  }
  if (deleted.length > 0) {
    metrics.deletedPaid.inc(deleted.length)
    log.error({ orders: deleted }, 'paid orders possibly deleted; nothing refunded')
  }
}

interface Batch {
  lock(client: PoolClient): Promise<readonly LockedOrder[]>
  requestsFor(orders: readonly LockedOrder[]): readonly TransitionRequest[]
}

interface Sweep {
  readonly fact: OrderFact
  /** The reason under which an order is parked that rejects the fact. */
  readonly parkedAs: Exclude<ParkedFact, 'hold-abandoned'>
  /** Locks the orders that are due, and returns their ids. */
  lock(client: PoolClient): Promise<readonly string[]>
}

/**
 * Applies a fact to all due orders, and returns their number. Parks an order whose own fault makes that fail; the
 * others still move.
 */
const sweep = async (options: TransitionOptions, { fact, parkedAs, lock }: Sweep): Promise<number> => {
  let due: readonly string[] = []
  const requestsFor = (orders: readonly LockedOrder[]) => orders.map(({ id }) => ({ order: id, fact }))
  try {
    await commitBatch(options, {
      lock: async (client) => {
        due = await lock(client)
        return due.length === 0 ? [] : await lockOrders(client, due)
      },
      requestsFor,
    })
  } catch (error) {
    if (due.length === 0 || !isFaultOfOrder(error)) throw error
    options.log.warn({ fact, orders: due.length, error }, 'batch of orders not moved; halved')
    await inHalves(due, {
      work: async (ids) => {
        await commitBatch(options, { lock: (client) => lockOrders(client, ids), requestsFor })
      },
      isFault: isFaultOfOrder,
      onCulprit: (order, cause) => park(options, { order, fact: parkedAs, error: cause }),
    })
  }
  return due.length
}

const park = async (options: TransitionOptions, parked: { order: string; fact: ParkedFact; error: unknown }) => {
  const { rows } = await options.pool.query<{ sale: string }>('select sale from orders.orders where id = $1', [
    parked.order,
  ])
  const sale = rows[0]?.sale
  if (sale !== undefined) await parkOrder(options, { ...parked, sale })
}

/** Locks, decides, writes and commits; then updates Redis and notifies the relay. */
const commitBatch = async (
  options: TransitionOptions,
  batch: Batch,
): Promise<{ plan: TransitionPlan; locked: number }> => {
  const started = performance.now()
  const { plan, requests, locked, moved } = await withRetries(() => transact(options, batch))
  if (plan.moves.length === 0) return { plan, locked }
  options.wakeRelay()
  const elapsedMs = performance.now() - started
  options.metrics.batchSeconds.observe(elapsedMs / 1_000)
  for (const { to } of plan.moves) options.metrics.transitions.inc({ to })
  recordMoves(options.tracing, requests, { outcomes: plan.outcomes, startedMs: started })
  countConfirmed(options.metrics, moved)
  options.log.info(
    {
      step: 'order.transitioned',
      transitions: plan.moves.map(({ order, from, to }) => ({ order, from, to })),
      ms: elapsedMs,
    },
    'orders moved',
  )
  await tryEndHolds(options, plan.holdEnds)
  await tryCorrectStock(options, plan.corrections)
  return { plan, locked }
}

const transact = ({ pool, declinedMax, tracing, namesInEvents = true }: TransitionOptions, batch: Batch) =>
  withTransaction(
    pool,
    async (client) => {
      const locked = await batch.lock(client)
      const orders = namesInEvents ? locked : locked.map(withoutNames)
      const requests: readonly TracedRequest[] = traceRequests(tracing, orders, batch.requestsFor(orders))
      const before = await countDeclines(client, { orders, requests })
      const supply = await lockSupply(client, { orders, requests })
      const plan = planTransitions(orders, requests, { declines: { before, max: declinedMax }, supply })
      const moved = await writePlan(client, plan)
      return { plan, requests, locked: orders.length, moved }
    },
    { lockSeconds: LOCK_SECONDS_MAX },
  )

function countConfirmed({ confirmSeconds, revived: revivedOrders }: SagaMetrics, moved: readonly MovedOrder[]): void {
  for (const { status, revived, seconds } of moved) {
    if (status !== 'confirmed') continue
    if (revived) revivedOrders.inc()
    else confirmSeconds.observe(seconds)
  }
}

const ATTEMPTS_MAX = 5
const retryBackOff: BackOff = { minMs: 40, maxMs: 320 }

/**
 * Repeats the identical batch. It may have been committed before the connection was lost; then the repetition changes
 * nothing.
 */
const withRetries = <Result>(work: () => Promise<Result>): Promise<Result> =>
  retry(work, { backOff: retryBackOff, attemptsMax: ATTEMPTS_MAX, isRetriable: isRetriableDatabaseError })

const countIgnored = (
  { metrics, log }: TransitionOptions,
  requests: readonly TransitionRequest[],
  outcomes: readonly TransitionOutcome[],
) => {
  requests.forEach(({ order, fact }, index) => {
    const outcome = outcomes[index]
    if (outcome === undefined || outcome.kind === 'moved') return
    metrics.ignored.inc({ fact })
    if (outcome.kind === 'unknown') log.warn({ order, fact }, 'order unknown')
    else log.debug({ order, fact, reason: outcome.reason }, 'nothing changed')
  })
}
