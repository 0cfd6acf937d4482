import { createBoundedMap } from '@floodgate/async'

export interface RateLimit {
  /** Names the limit in `RateLimit` fields and in the metric. */
  readonly name: string
  /** 0 turns the limit off. */
  readonly perSecond: number
  /** Size of the burst after a pause; at least 1. */
  readonly burst: number
}

export type Taken = { readonly kind: 'taken' } | { readonly kind: 'limited'; readonly retryAfterMs: number }

/** Limits requests by client; bounded memory, O(1) and synchronous. */
export interface RateLimiter {
  readonly limit: RateLimit
  /** Takes one of the client's tokens, or returns when the next one will exist. */
  take(client: string): Taken
  /** Returns an unused token. */
  giveBack(client: string): void
}

/**
 * Clients remembered at once, about 100 bytes each. Even an attacker with more addresses than that gains nothing from
 * it.
 */
const CLIENTS_MAX = 200_000
const TAKEN: Taken = { kind: 'taken' }

/**
 * Creates one token bucket per client, in the form of GCRA (ITU-T I.371): one number, the time at which the bucket
 * would be full again, so no timer and no refill is needed. Per process: N processes allow N times as much.
 */
export function createRateLimiter(
  limit: RateLimit,
  { clientsMax = CLIENTS_MAX, now = () => performance.now() }: { clientsMax?: number; now?(): number } = {},
): RateLimiter {
  const { perSecond, burst } = limit
  if (perSecond <= 0) return { limit, take: () => TAKEN, giveBack: () => undefined }
  const intervalMs = 1_000 / perSecond
  const burstMs = burst * intervalMs
  // A bucket unused for that long is full again: forgetting it changes nothing.
  const fullAtMs = createBoundedMap<number>(clientsMax, { keptMs: Math.max(1_000, burstMs), now })
  return {
    limit,
    take: (client) => {
      const nowMs = now()
      const next = Math.max(nowMs, fullAtMs.get(client) ?? 0) + intervalMs
      // A tolerance of a thousandth of a token for rounding errors.
      const waitMs = next - nowMs - burstMs
      if (waitMs > intervalMs / 1_000) return { kind: 'limited', retryAfterMs: waitMs }
      fullAtMs.set(client, next)
      return TAKEN
    },
    giveBack: (client) => {
      const known = fullAtMs.get(client)
      if (known !== undefined) fullAtMs.set(client, known - intervalMs)
    },
  }
}
