import { type Repeated, repeat } from '@floodgate/async'
import type { Logger } from '@floodgate/runtime'
import type { SagaMetrics } from './saga-metrics.ts'
import type { Transitions } from './transitions.ts'

const ORDERS_PER_BATCH = 200
const ROUND_MS_MAX = 60_000

export interface RefundSweep {
  start(): void
  stop(): Promise<void>
}

/**
 * Announces refunds again that have been in progress for longer than `olderThanMs`: a lost request would keep a buyer's
 * money. The worker makes one refund for any number of requests, and announces an earlier one again.
 */
export function createRefundSweep(options: {
  /** Those of orders that are over, and those of paid ones. */
  readonly sources: readonly Transitions['repeatRefunds'][]
  readonly olderThanMs: number
  readonly metrics: Pick<SagaMetrics, 'refundsRepeated'>
  readonly log: Logger
}): RefundSweep {
  const { olderThanMs, metrics, log } = options
  let sweeps: Repeated | undefined

  async function sweep(stopping: AbortSignal): Promise<void> {
    for (const repeatRefunds of options.sources) await sweepAll(repeatRefunds, stopping)
  }

  async function sweepAll(repeatRefunds: Transitions['repeatRefunds'], stopping: AbortSignal): Promise<void> {
    for (let count = ORDERS_PER_BATCH; count >= ORDERS_PER_BATCH && !stopping.aborted; ) {
      count = await repeatRefunds({ olderThanMs, max: ORDERS_PER_BATCH })
      if (count === 0) return
      metrics.refundsRepeated.inc(count)
      log.warn({ refunds: count, olderThanMs }, 'refunds requested again')
    }
  }

  return {
    start() {
      sweeps = repeat({
        everyMs: Math.min(ROUND_MS_MAX, olderThanMs / 5),
        work: sweep,
        onError: (error) => log.warn({ error }, 'refund sweep failed; retrying'),
      })
    },
    async stop() {
      await sweeps?.stop()
    },
  }
}
