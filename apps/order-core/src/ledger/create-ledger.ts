import { durationBucketsSeconds, type Logger } from '@floodgate/runtime'
import type { Pool } from 'pg'
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { NewOrder } from '../order/order.ts'
import { commitBatch } from './commit-batch.ts'
import type { CommitOutcome, Outcomes } from './commit-outcome.ts'
import { createGroupCommit, type GroupCommit } from './group-commit.ts'

const SECOND = 1_000
/** At most a third of the time that a hold waits for its commit; by then the buyer has stopped waiting. */
const GIVE_UP_MS_MAX = 5 * SECOND
const sizeBuckets = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024]

/** Creates the group commit on a pool, with its metrics. */
export function createLedger(options: {
  readonly pool: Pool
  readonly config: {
    readonly holdSeconds: number
    readonly chargeMarginSeconds: number
    readonly commitSeconds: number
    readonly batchMax: number
    readonly queueMax: number
  }
  readonly log: Logger
  readonly metrics: Registry
}): GroupCommit {
  const { pool, config, log } = options
  const registers = [options.metrics]
  const sizes = new Histogram({
    name: 'floodgate_commit_batch_orders',
    help: 'Orders that one commit wrote',
    buckets: sizeBuckets,
    registers,
  })
  const durations = new Histogram({
    name: 'floodgate_commit_duration_seconds',
    help: 'Time of one group commit, retries included',
    buckets: durationBucketsSeconds,
    registers,
  })
  const failures = new Counter({
    name: 'floodgate_commit_failures_total',
    help: 'Tries of a group commit that failed and were repeated, split or given up',
    registers,
  })
  const stale = new Counter({
    name: 'floodgate_commit_stale_orders_total',
    help: 'Orders whose hold belongs to another epoch than the ledger: not written, and the stock is checked',
    registers,
  })
  const holdMs = config.holdSeconds * SECOND
  function countStale(sale: string | undefined, outcomes: Outcomes): void {
    const orders = outcomes.values().reduce((count, { kind }) => (kind === 'stale' ? count + 1 : count), 0)
    if (orders === 0) return
    stale.inc(orders)
    log.warn({ sale, orders }, 'stale holds rejected')
  }
  const ledger = createGroupCommit<NewOrder, CommitOutcome>({
    batchMax: config.batchMax,
    queueMax: config.queueMax,
    onBatch: ({ size, ms }) => {
      sizes.observe(size)
      durations.observe(ms / SECOND)
    },
    commit: async (batch) => {
      const outcomes = await commitBatch(
        {
          pool,
          times: { holdMs, chargeMarginMs: Math.min(config.chargeMarginSeconds * SECOND, holdMs / 2) },
          giveUpAfterMs: Math.min(GIVE_UP_MS_MAX, (config.commitSeconds * SECOND) / 3),
          onError: (error, orders) => {
            failures.inc()
            log.warn({ orders, error }, 'group commit failed')
          },
        },
        batch,
      )
      countStale(batch[0]?.sale, outcomes)
      return outcomes
    },
  })
  new Gauge({
    name: 'floodgate_commit_queue_orders',
    help: 'Orders waiting for or in a group commit',
    registers,
    collect() {
      this.set(ledger.size())
    },
  })
  return ledger
}
