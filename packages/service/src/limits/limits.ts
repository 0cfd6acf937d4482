import { Counter, type Registry } from 'prom-client'
import { AppError } from '../app-error.ts'
import { createRateLimiter, type RateLimit, type RateLimiter } from './rate-limiter.ts'

/** Counts refusals of all limits of a process, by the limit's name. */
export type CountLimited = (limit: string) => void

const NAME = 'floodgate_limited_total'

/** The counter of a registry: one, however often it is asked for. */
export function createLimitedCounter(metrics: Registry): CountLimited {
  const known = metrics.getSingleMetric(NAME)
  const counter =
    known instanceof Counter
      ? known
      : new Counter({
          name: NAME,
          help: 'Requests, sockets and connections refused by a limit of this process',
          labelNames: ['limit'],
          registers: [metrics],
        })
  return (limit) => counter.inc({ limit })
}

export interface EnforcedLimit {
  /** Takes one of the client's tokens; throws `too-many-requests` when it has none. */
  take(client: string): void
  /** Takes one where there is one; false, and nothing counted, when there is none. */
  tryTake(client: string): boolean
  giveBack(client: string): void
  /** The refusal of a client without a token, counted. */
  refusal(client: string): AppError
}

const seconds = (ms: number): number => Math.max(1, Math.ceil(ms / 1_000))

/** `RateLimit-Policy` and `RateLimit` fields (draft-ietf-httpapi-ratelimit-headers-10) of a client that has nothing left. */
export function rateLimitFields(policy: { name: string; quota: number; windowMs: number; resetMs: number }) {
  const { name, quota, windowMs, resetMs } = policy
  return {
    'ratelimit-policy': `"${name}";q=${quota};w=${seconds(windowMs)}`,
    ratelimit: `"${name}";r=0;t=${seconds(resetMs)}`,
  }
}

/** A rate limit that refuses with `429 too-many-requests`, `Retry-After` and `RateLimit` fields, and counts it. */
export function createEnforcedLimit(
  limit: RateLimit,
  { countLimited, limiter = createRateLimiter(limit) }: { countLimited: CountLimited; limiter?: RateLimiter },
): EnforcedLimit {
  const { name, burst, perSecond } = limit
  function refusalAfter(retryAfterMs: number): AppError {
    countLimited(name)
    return new AppError('too-many-requests', {
      detail: 'Too many requests from this address. Try again after the time that `Retry-After` states.',
      members: { limit: name },
      retryAfterSeconds: retryAfterMs / 1_000,
      headers: rateLimitFields({ name, quota: burst, windowMs: (burst / perSecond) * 1_000, resetMs: retryAfterMs }),
    })
  }
  return {
    take: (client) => {
      const taken = limiter.take(client)
      if (taken.kind === 'limited') throw refusalAfter(taken.retryAfterMs)
    },
    tryTake: (client) => limiter.take(client).kind === 'taken',
    giveBack: limiter.giveBack,
    refusal: (client) => {
      const taken = limiter.take(client)
      if (taken.kind === 'limited') return refusalAfter(taken.retryAfterMs)
      limiter.giveBack(client)
      return refusalAfter(1_000 / perSecond)
    },
  }
}
