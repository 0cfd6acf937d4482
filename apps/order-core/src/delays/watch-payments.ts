import { type Repeated, repeat } from '@floodgate/async'
import type { RedisClient } from '@floodgate/redis'
import type { Logger } from '@floodgate/runtime'
import type { Pool } from 'pg'
import type { Registry } from 'prom-client'
import { createRoundLease } from '../reconcile/round-lease.ts'
import { createDelayMetrics } from './delay-metrics.ts'
import { followPayments } from './follow-payments.ts'
import type { PaymentVerdict } from './judge-payments.ts'
import { createNotePayments } from './note-payments.ts'
import { STRETCHED_MAX, stretchHolds } from './stretch-holds.ts'

const SECOND = 1_000
const ROUND_MS = 1_000
/** Another process takes over this long after the last round of a process that died. */
const LEASE_MS = 5_000
/** A round this late: the process was stopped, or its machine. */
const PAUSED_MS = 3_000

export interface PaymentWatchOptions {
  readonly pool: Pool
  readonly redis: RedisClient
  readonly config: {
    readonly paymentSilenceSeconds: number
    readonly paymentCalmSeconds: number
    /** By how much one hold is made longer at most; 0: never. */
    readonly holdStretchSecondsMax: number
  }
  wakeRelay(): void
  readonly log: Logger
  readonly metrics: Registry
}

export interface PaymentWatch {
  /** Notes what payment events say; see `createNotePayments`. */
  readonly note: ReturnType<typeof createNotePayments>
  start(): void
  stop(): Promise<void>
  health(): { readonly ready: boolean; readonly detail?: string }
}

/**
 * Watches payments, in one process at a time: announces when a delay begins and ends, and makes the holds of unpaid
 * orders longer while it lasts. A worker counts as silent only once this process has watched for that long without a
 * break: after a start, or an outage of Postgres, the answers of the time before are still on their way.
 */
export function createPaymentWatch(options: PaymentWatchOptions): PaymentWatch {
  const { pool, redis, config, log } = options
  const silenceMs = config.paymentSilenceSeconds * SECOND
  const calmMs = config.paymentCalmSeconds * SECOND
  const stretchMsMax = config.holdStretchSecondsMax * SECOND
  const metrics = createDelayMetrics(options.metrics)
  const lease = createRoundLease({ pool, name: 'payment-watch', leaseMs: LEASE_MS })
  /** Since when no round failed or came late; what was answered before then may not have arrived. */
  let steadySinceMs = Number.POSITIVE_INFINITY
  let lastRoundMs = Number.NEGATIVE_INFINITY
  let isDelayed = false
  let rounds: Repeated | undefined

  function follow(verdict: PaymentVerdict): void {
    isDelayed = verdict.kind !== 'as-usual' && verdict.kind !== 'ends'
    metrics.delayed.set(isDelayed ? 1 : 0)
    if (verdict.kind === 'begins') {
      metrics.delays.inc({ cause: verdict.cause })
      log.warn({ step: 'payments.delayed', cause: verdict.cause }, 'payments delayed')
    }
    if (verdict.kind === 'ends') log.info({ step: 'payments.resumed' }, 'payments resumed')
    if (verdict.kind === 'ends' || ('announce' in verdict && verdict.announce)) options.wakeRelay()
  }

  async function stretchAll(stopping: AbortSignal): Promise<void> {
    for (let count = STRETCHED_MAX; count === STRETCHED_MAX && !stopping.aborted; ) {
      count = await stretchHolds({ pool, redis, log, stretchMsMax })
      if (count === 0) return
      metrics.stretched.inc(count)
      options.wakeRelay()
      log.info({ step: 'order.hold-stretched', orders: count }, 'holds stretched')
    }
  }

  async function round(stopping: AbortSignal): Promise<void> {
    if (!(await lease.hold())) {
      isDelayed = false
      metrics.delayed.set(0)
      lastRoundMs = Number.NEGATIVE_INFINITY
      return
    }
    const nowMs = performance.now()
    if (nowMs - lastRoundMs > PAUSED_MS) steadySinceMs = nowMs
    lastRoundMs = nowMs
    const mayBeSilent = nowMs - steadySinceMs >= silenceMs
    follow(await followPayments(pool, { silenceMs, calmMs }, { mayBeSilent }))
    if (isDelayed && stretchMsMax > 0) await stretchAll(stopping)
  }

  return {
    note: createNotePayments({ pool, silenceMs }),
    start() {
      rounds = repeat({
        everyMs: ROUND_MS,
        work: round,
        onError(error) {
          lastRoundMs = Number.NEGATIVE_INFINITY
          log.warn({ error }, 'payments not watched; retrying')
        },
      })
    },
    async stop() {
      if (rounds === undefined) return
      await rounds.stop()
      await lease.release()
    },
    health: () => (isDelayed ? { ready: false, detail: 'payments are delayed' } : { ready: true }),
  }
}
