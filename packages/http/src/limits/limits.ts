import { AppError, SITE_FACTOR } from '@floodgate/runtime'
import { Counter, type Registry } from 'prom-client'
import { createRateLimiter, type RateLimit } from './rate-limiter.ts'
import { siteOf } from './sites.ts'

/** Counts rejections by all limits of a process, by the limit's name. */
export type CountLimited = (limit: string) => void

const NAME = 'floodgate_limited_total'

/** Returns the counter of a registry, always the same one. */
export function createLimitedCounter(metrics: Registry): CountLimited {
  const known = metrics.getSingleMetric(NAME)
  const counter =
    known instanceof Counter
      ? known
      : new Counter({
          name: NAME,
          help: 'Requests, sockets and connections rejected by a limit of this process',
          labelNames: ['limit'],
          registers: [metrics],
        })
  return function countLimited(limit) {
    return counter.inc({ limit })
  }
}

export interface EnforcedLimit {
  /** Takes one of the client's tokens; throws `too-many-requests` when it has none. */
  take(client: string): void
  /** Takes a token if the client has one; else returns false, and counts nothing. */
  tryTake(client: string): boolean
  giveBack(client: string): void
  /** Counts the rejection of a client without a token, and returns its problem. */
  problem(client: string): AppError
}

const seconds = (ms: number): number => Math.max(1, Math.ceil(ms / 1_000))

/**
 * Formats the `RateLimit-Policy` and `RateLimit` fields (draft-ietf-httpapi-ratelimit-headers-10) of a client with
 * nothing left.
 */
export function rateLimitFields(policy: { name: string; quota: number; windowMs: number; resetMs: number }) {
  const { name, quota, windowMs, resetMs } = policy
  return {
    'ratelimit-policy': `"${name}";q=${quota};w=${seconds(windowMs)}`,
    ratelimit: `"${name}";r=0;t=${seconds(resetMs)}`,
  }
}

/**
 * Limits the rate of each address, and of each IPv6 /48 at `siteFactor` times as much (0: no such bound). Rejects with
 * `429 too-many-requests`, `Retry-After` and `RateLimit` fields, and counts it.
 */
export function createEnforcedLimit(
  limit: RateLimit,
  options: { readonly countLimited: CountLimited; readonly siteFactor?: number; now?(): number },
): EnforcedLimit {
  const { countLimited, siteFactor = SITE_FACTOR, now } = options
  const { name } = limit
  const clock = now === undefined ? {} : { now }
  const addresses = createRateLimiter(limit, clock)
  const sites = createRateLimiter(
    { name, perSecond: limit.perSecond * siteFactor, burst: Math.max(1, limit.burst * siteFactor) },
    clock,
  )

  function giveBack(client: string): void {
    addresses.giveBack(client)
    const site = siteOf(client)
    if (site !== undefined) sites.giveBack(site)
  }

  /** Takes a token from every bucket, or from none. */
  function takeAll(client: string): { readonly limit: RateLimit; readonly retryAfterMs: number } | undefined {
    const first = addresses.take(client)
    if (first.kind === 'limited') return { limit: addresses.limit, retryAfterMs: first.retryAfterMs }
    const site = siteOf(client)
    const second = site === undefined ? first : sites.take(site)
    if (second.kind === 'taken') return undefined
    addresses.giveBack(client)
    return { limit: sites.limit, retryAfterMs: second.retryAfterMs }
  }

  function limitProblem({ perSecond, burst }: RateLimit, retryAfterMs: number): AppError {
    countLimited(name)
    return new AppError('too-many-requests', {
      detail: 'Too many requests from this address or its network. Try again after the time that `Retry-After` states.',
      members: { limit: name },
      retryAfterSeconds: retryAfterMs / 1_000,
      headers: rateLimitFields({ name, quota: burst, windowMs: (burst / perSecond) * 1_000, resetMs: retryAfterMs }),
    })
  }
  return {
    take: (client) => {
      const rejected = takeAll(client)
      if (rejected !== undefined) throw limitProblem(rejected.limit, rejected.retryAfterMs)
    },
    tryTake: (client) => takeAll(client) === undefined,
    giveBack,
    problem: (client) => {
      const rejected = takeAll(client)
      if (rejected !== undefined) return limitProblem(rejected.limit, rejected.retryAfterMs)
      giveBack(client)
      return limitProblem(limit, 1_000 / limit.perSecond)
    },
  }
}
