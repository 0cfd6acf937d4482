import { pause } from '@floodgate/async'
import type { Received, Send } from './send.ts'

export interface Patience {
  /** How long a request is repeated. */
  readonly msMax: number
  /** Default: as often as `msMax` allows. */
  readonly attemptsMax?: number
  /** The statuses after which a request is repeated. Default: 503. */
  readonly statuses?: readonly number[]
  /** The longest pause before a repetition, whatever `Retry-After` asks for. Default: none. */
  readonly pauseMsMax?: number
  /** Whether a request that failed with this error is repeated. Default: the error is thrown. */
  isRetriable?(error: unknown): boolean
}

const RETRY_MS = 250
const UNAVAILABLE = [503]

/**
 * Repeats a request as late as `Retry-After` asks. Once the patience is used up it returns the last response, or throws the last
 * error. For requests that may be repeated: all of ours may, a join and an order by their key.
 */
export function sendPatiently(send: Send, patience: Patience): Send {
  const { msMax, attemptsMax = Number.POSITIVE_INFINITY, statuses = UNAVAILABLE } = patience
  return async function sendUntilAnswered(method, path, outgoing) {
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

/** The pause that a response asks for, spread a little so that a crowd does not return as one. */
export function retryAfterMs(received: Received | undefined): number {
  const seconds = Number(received?.headers.get('retry-after') ?? 0) || 0
  return Math.max(RETRY_MS, seconds * 1_000) * (1 + Math.random() / 4)
}
