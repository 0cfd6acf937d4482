import { setTimeout as delay } from 'node:timers/promises'

export interface EventuallyOptions {
  readonly timeoutMs?: number
  readonly intervalMs?: number
}

/** Ends only a hanging test: a machine ten times slower than ours still passes. */
const TIMEOUT_MS = 60_000
const INTERVAL_MS = 20

/**
 * Calls `attempt` until it does not throw, and returns its result. Throws after `timeoutMs` (60 s), with the last
 * failure in the message and as its cause. Does not interrupt a running attempt: bound it yourself.
 */
export async function eventually<Result>(
  attempt: () => Result | Promise<Result>,
  options: EventuallyOptions = {},
): Promise<Result> {
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS
  const deadline = performance.now() + timeoutMs
  for (let attempts = 1; ; attempts += 1) {
    try {
      return await attempt()
    } catch (error) {
      if (performance.now() >= deadline) {
        const reason = error instanceof Error ? error.message : String(error)
        throw new Error(`Not within ${timeoutMs} ms (${attempts} attempts): ${reason}`, { cause: error })
      }
    }
    await delay(options.intervalMs ?? INTERVAL_MS)
  }
}
