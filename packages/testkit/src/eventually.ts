import { setTimeout as delay } from 'node:timers/promises'

export interface EventuallyOptions {
  readonly timeoutMs?: number
  readonly intervalMs?: number
}

/** Ends only what hangs: a machine ten times slower than ours still gets there. */
const TIMEOUT_MS = 60_000
const INTERVAL_MS = 20

/**
 * Calls `attempt` until it does not throw and returns what it returned. After `timeoutMs` (60 s) it throws, with the
 * last failure in the message and as its cause. An attempt under way is not cut short: bound it yourself.
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
