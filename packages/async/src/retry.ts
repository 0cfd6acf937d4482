import { type BackOff, backOffMs } from './back-off.ts'
import { pause } from './pause.ts'

export interface RetryOptions {
  readonly backOff: BackOff
  /** Ends the pauses; a running attempt must check it itself. Without it, one of the two below is the bound. */
  readonly signal?: AbortSignal
  /** Default: none. */
  readonly attemptsMax?: number
  /** Called with each failure before another attempt; `failures` counts them: 1, 2, … */
  onFailure?(error: unknown, failures: number): void
  /** False: the error is thrown at once. Default: every error is retriable. */
  isRetriable?(error: unknown): boolean
  /** Default `Math.random`. */
  random?(): number
}

/**
 * Calls `work` until it succeeds, with pauses that double in between. Throws the last error when it is not retriable or
 * `attemptsMax` is reached, and the signal's reason once that aborts.
 */
export async function retry<Result>(work: () => Promise<Result>, options: RetryOptions): Promise<Result> {
  const { backOff, signal, attemptsMax = Number.POSITIVE_INFINITY, random = Math.random } = options
  for (let failures = 1; ; failures += 1) {
    try {
      return await work()
    } catch (error) {
      signal?.throwIfAborted()
      if (failures >= attemptsMax || options.isRetriable?.(error) === false) throw error
      options.onFailure?.(error, failures)
      await pause(backOffMs(backOff, failures - 1, random()), signal)
      signal?.throwIfAborted()
    }
  }
}
