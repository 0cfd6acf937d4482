import type { Redis, RunIdGuard } from '@floodgate/redis'
import { expect, it, vi } from 'vitest'
import { createStockRedis } from './stock-redis.ts'

it('Retry-After grows with the duration of the rebuild, from 1 to 5 s', async () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  const going = Promise.withResolvers<'rebuilt'>()
  const stockRedis = createStockRedis({
    redis: {} as Redis,
    runIdGuard: { current: () => 'run' } as Partial<RunIdGuard> as RunIdGuard,
    rebuildSale: () => going.promise,
  })
  expect(stockRedis.retryAfterSeconds('tea')).toBe(1)
  const rebuilding = stockRedis.rebuild('tea')
  expect(stockRedis.retryAfterSeconds('tea')).toBe(1)
  vi.advanceTimersByTime(2_500)
  expect(stockRedis.retryAfterSeconds('tea')).toBe(3)
  expect(stockRedis.retryAfterSeconds('coffee')).toBe(1)
  vi.advanceTimersByTime(60_000)
  expect(stockRedis.retryAfterSeconds('tea')).toBe(5)
  going.resolve('rebuilt')
  await rebuilding
  expect(stockRedis.retryAfterSeconds('tea')).toBe(1)
  vi.useRealTimers()
})
