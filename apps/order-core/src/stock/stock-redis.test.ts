import type { Redis, RunIdGuard } from '@floodgate/redis'
import { expect, it, vi } from 'vitest'
import { createFence } from './stock-redis.ts'

it('Retry-After grows with the time that a rebuild has taken, from 1 to 5 s', async () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  const going = Promise.withResolvers<'rebuilt'>()
  const fence = createFence({
    redis: {} as Redis,
    runIdGuard: { current: () => 'run' } as RunIdGuard,
    rebuildSale: () => going.promise,
  })
  expect(fence.retryAfterSeconds('tea')).toBe(1)
  const rebuilding = fence.rebuild('tea')
  expect(fence.retryAfterSeconds('tea')).toBe(1)
  vi.advanceTimersByTime(2_500)
  expect(fence.retryAfterSeconds('tea')).toBe(3)
  expect(fence.retryAfterSeconds('coffee')).toBe(1)
  vi.advanceTimersByTime(60_000)
  expect(fence.retryAfterSeconds('tea')).toBe(5)
  going.resolve('rebuilt')
  await rebuilding
  expect(fence.retryAfterSeconds('tea')).toBe(1)
  vi.useRealTimers()
})
