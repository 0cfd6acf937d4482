import { type BackOff, doublingMs } from '@floodgate/async'

const SECOND = 1_000
const AGAIN: BackOff = { minMs: 2 * SECOND, maxMs: 60 * SECOND }

export interface BulkheadFailure {
  readonly key: string
  readonly error: unknown
  /** Number of failures in a row. */
  readonly failures: number
  readonly againMs: number
}

/**
 * Runs work by key. Skips a failing key for a while, twice as long after each failure in a row; other keys are not
 * affected. Skips a temporary failure for the shortest time only.
 */
export function createBulkhead(options: {
  onFailed(failure: BulkheadFailure): void
  isNotNow?(error: unknown): boolean
  now?(): number
}): { run(key: string, work: () => Promise<void>): Promise<'done' | 'left-out' | 'failed' | 'not-now'> } {
  const now = options.now ?? performance.now.bind(performance)
  const failing = new Map<string, { failures: number; againAtMs: number }>()
  return {
    async run(key, work) {
      const before = failing.get(key)
      if (before !== undefined && now() < before.againAtMs) return 'left-out'
      try {
        await work()
        failing.delete(key)
        return 'done'
      } catch (error) {
        const isNotNow = options.isNotNow?.(error) === true
        const failures = isNotNow ? 1 : (before?.failures ?? 0) + 1
        const againMs = doublingMs(AGAIN, failures - 1)
        failing.set(key, { failures, againAtMs: now() + againMs })
        options.onFailed({ key, error, failures, againMs })
        return isNotNow ? 'not-now' : 'failed'
      }
    },
  }
}
