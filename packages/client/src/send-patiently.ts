import { pause } from '@floodgate/async'
import type { Received, Send } from './send.ts'

export interface Patience {
  /** How long a request is retried. */
  readonly msMax: number
  /** Default: as often as `msMax` allows. */
  readonly attemptsMax?: number
  /** The statuses that are retried. Default: 503. */
  readonly statuses?: readonly number[]
  /** The longest pause before a retry, regardless of `Retry-After`. Default: none. */
  readonly pauseMsMax?: number
  /** Returns whether a request that failed with this error is retried. Default: the error is thrown. */
  isRetriable?(error: unknown): boolean
}

const RETRY_MS = 250
const UNAVAILABLE = [503]

/**
 * Retries a request at the time that `Retry-After` requests. Finally returns the last response, or throws the last
 * error.
 * Only for idempotent requests. All of ours are, a join and an order by their key.
 */
export function sendPatiently(send: Send, patience: Patience): Send {
  const { msMax, attemptsMax = Number.POSITIVE_INFINITY, statuses = UNAVAILABLE } = patience
  return async function sendPatiently(method, path, outgoing) {
    const deadline = performance.now() + msMax
    for (let attempts = 1; ; attempts += 1) {
      const isLast = attempts >= attemptsMax || performance.now() > deadline
      let received: Received | undefined
      try {
        received = await send(method, path, outgoing)
        if (isLast || !statuses.includes(received.status)) return { ...received, attempts }
      } catch (error) {
        if (isLast || patience.isRetriable?.(error) !== true) throw error
      }
      outgoing?.signal?.throwIfAborted()
      await pause(Math.min(patience.pauseMsMax ?? Number.POSITIVE_INFINITY, retryAfterMs(received)), outgoing?.signal)
      outgoing?.signal?.throwIfAborted()
    }
  }
}

/** Returns the pause by `Retry-After`, with jitter so that a crowd does not return at once. */
export function retryAfterMs(received: Received | undefined): number {
  const seconds = Number(received?.headers.get('retry-after') ?? 0) || 0
  return Math.max(RETRY_MS, seconds * 1_000) * (1 + Math.random() / 4)
}
