import { durationBucketsSeconds, type Logger } from '@floodgate/runtime'
import type { Pool } from 'pg'
import { Counter, Histogram, type Registry } from 'prom-client'
import { createGroupCommit, type GroupCommit } from '../ledger/group-commit.ts'
import { type IssueOutcome, issueVouchers, type NewClaim } from './issue-vouchers.ts'

const SECOND = 1_000
/** By then the buyer has stopped waiting. */
const GIVE_UP_MS = 5 * SECOND

/** Creates the group commit of claims on a pool, with its metrics. */
export function createVoucherLedger({
  pool,
  config,
  log,
  metrics,
}: {
  readonly pool: Pool
  readonly config: { readonly batchMax: number; readonly queueMax: number }
  readonly log: Logger
  readonly metrics: Registry
}): GroupCommit<NewClaim, IssueOutcome> {
  const durations = new Histogram({
    name: 'floodgate_voucher_commit_duration_seconds',
    help: 'Time of one group commit of claimed vouchers, retries included',
    buckets: durationBucketsSeconds,
    registers: [metrics],
  })
  const failures = new Counter({
    name: 'floodgate_voucher_commit_failures_total',
    help: 'Tries of a group commit of claimed vouchers that failed and were repeated, split or given up',
    registers: [metrics],
  })
  return createGroupCommit<NewClaim, IssueOutcome>({
    batchMax: config.batchMax,
    queueMax: config.queueMax,
    onBatch: ({ ms }) => durations.observe(ms / SECOND),
    commit: (batch) =>
      issueVouchers(
        {
          pool,
          giveUpAfterMs: GIVE_UP_MS,
          onError: (error, claims) => {
            failures.inc()
            log.warn({ claims, error }, 'group commit of vouchers failed')
          },
        },
        batch,
      ),
  })
}
