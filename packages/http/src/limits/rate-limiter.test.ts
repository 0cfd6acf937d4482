import { AppError } from '@floodgate/runtime'
import { Registry } from 'prom-client'
import { expect, it } from 'vitest'
import { createEnforcedLimit, createLimitedCounter } from './limits.ts'
import { createRateLimiter } from './rate-limiter.ts'

const startLimiter = (limit: { perSecond: number; burst: number }, clientsMax = 100) => {
  let nowMs = 1_000_000
  const limiter = createRateLimiter({ name: 'things', ...limit }, { clientsMax, now: () => nowMs })
  const takeMany = (client: string, count: number) => {
    let taken = 0
    for (let at = 0; at < count; at += 1) if (limiter.take(client).kind === 'taken') taken += 1
    return taken
  }
  return { limiter, takeMany, pass: (ms: number) => (nowMs += ms) }
}

it('allows a client its burst at once, and its rate after that', () => {
  const { takeMany, pass } = startLimiter({ perSecond: 50, burst: 2_000 })
  expect(takeMany('a', 5_000)).toBe(2_000)
  pass(1_000)
  expect(takeMany('a', 5_000)).toBe(50)
  pass(100)
  expect(takeMany('a', 5_000)).toBe(5)
})

it('enforces the rate over any period, however the requests are spread', () => {
  const { takeMany, pass } = startLimiter({ perSecond: 3, burst: 7 })
  let taken = 0
  for (let at = 0; at < 1_000; at += 1) {
    taken += takeMany('a', 2)
    pass(100)
  }
  expect(taken).toBeGreaterThanOrEqual(3 * 99)
  expect(taken).toBeLessThanOrEqual(3 * 100 + 7)
})

it('refills up to the burst and no further', () => {
  const { takeMany, pass } = startLimiter({ perSecond: 50, burst: 100 })
  expect(takeMany('a', 200)).toBe(100)
  pass(3_600_000)
  expect(takeMany('a', 200)).toBe(100)
})

it('announces when the next token will exist, and then it does', () => {
  const { limiter, takeMany, pass } = startLimiter({ perSecond: 20, burst: 3 })
  takeMany('a', 3)
  const rejected = limiter.take('a')
  expect(rejected).toEqual({ kind: 'limited', retryAfterMs: 50 })
  pass(49)
  expect(limiter.take('a').kind).toBe('limited')
  pass(1)
  expect(limiter.take('a').kind).toBe('taken')
})

it('counts each client separately', () => {
  const { takeMany } = startLimiter({ perSecond: 1, burst: 5 })
  expect([takeMany('a', 9), takeMany('b', 9)]).toEqual([5, 5])
})

it('returns a token', () => {
  const { limiter, takeMany } = startLimiter({ perSecond: 1, burst: 5 })
  expect(takeMany('a', 5)).toBe(5)
  limiter.giveBack('a')
  expect(takeMany('a', 5)).toBe(1)
})

it('is off at a rate of 0', () => {
  const { takeMany } = startLimiter({ perSecond: 0, burst: 1 })
  expect(takeMany('a', 10_000)).toBe(10_000)
})

it('forgets a client only once its bucket is full, up to the bound of clients', () => {
  const { takeMany, pass } = startLimiter({ perSecond: 1, burst: 10 }, 100)
  expect(takeMany('a', 20)).toBe(10)
  for (let client = 0; client < 45; client += 1) takeMany(String(client), 1)
  pass(1_000)
  expect(takeMany('a', 20)).toBe(1)
})

it('rejects with 429, Retry-After and RateLimit fields, and counts it', async () => {
  const metrics = new Registry()
  const limit = { name: 'things', perSecond: 50, burst: 2_000 }
  const enforced = createEnforcedLimit(limit, {
    countLimited: createLimitedCounter(metrics),
    now: () => 0,
  })
  for (let at = 0; at < 2_000; at += 1) enforced.take('a')
  expect(enforced.tryTake('a')).toBe(false)
  let rejected: unknown
  try {
    enforced.take('a')
  } catch (error) {
    rejected = error
  }
  if (!(rejected instanceof AppError)) throw new Error('was not rejected')
  expect([rejected.code, rejected.status, rejected.retryable]).toEqual(['too-many-requests', 429, true])
  expect(rejected.headers).toEqual({
    'retry-after': '1',
    'ratelimit-policy': '"things";q=2000;w=40',
    ratelimit: '"things";r=0;t=1',
  })
  expect(await metrics.metrics()).toContain('floodgate_limited_total{limit="things"} 1')
})
