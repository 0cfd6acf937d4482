import { createLogger } from '@floodgate/service'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { LineRedis } from '../line/line-redis.ts'
import type { LiveSale, LiveSales } from '../sales/live-sales.ts'
import { createTicker, type Ticker } from './ticker.ts'

const MINUTE = 60_000

let sales: Pick<LiveSale, 'id' | 'snapshot' | 'askedAtMs'>[]
let run: LineRedis['run']
let ticker: Ticker

beforeEach(() => {
  vi.useFakeTimers()
  sales = []
  run = vi.fn(async () => ['ok', Date.now(), 'open', '', 0, 0])
  ticker = createTicker({
    latestDeadlineMs: Date.now,
    line: { runId: () => 'run', run: (...call) => run(...call) } as LineRedis,
    sales: { all: () => sales } as unknown as LiveSales,
    log: createLogger({ app: 'waiting-room', level: 'silent' }),
    kid: () => 'kid',
    onTick: () => undefined,
    onDue: () => undefined,
  })
  ticker.start()
})
afterEach(async () => {
  await ticker.stop()
  vi.useRealTimers()
})

const saleThatIs = (state: 'open' | 'closed'): (typeof sales)[number] =>
  ({
    id: state,
    askedAtMs: performance.now(),
    snapshot: { state, isDue: false, number: Date.now(), counts: { waiting: 1, away: 0, active: 0 } },
  }) as unknown as (typeof sales)[number]

it('ticks an open sale ten times a second and is not silent', async () => {
  sales.push(saleThatIs('open'))
  await vi.advanceTimersByTimeAsync(MINUTE)
  expect(vi.mocked(run).mock.calls.length).toBeGreaterThan(590)
  expect(ticker.silentMs()).toBeLessThanOrEqual(100)
})

it('is silent while its ticks do not reach Redis', async () => {
  sales.push(saleThatIs('open'))
  run = async () => Promise.reject(new Error('away'))
  await vi.advanceTimersByTimeAsync(MINUTE)
  expect(ticker.silentMs()).toBeGreaterThanOrEqual(MINUTE)
})

it('is not silent for want of a sale, nor when one opens after hours', async () => {
  sales.push(saleThatIs('closed'))
  await vi.advanceTimersByTimeAsync(60 * MINUTE)
  expect(run).not.toHaveBeenCalled()
  sales.push(saleThatIs('open'))
  expect(ticker.silentMs()).toBeLessThanOrEqual(1_000)
})
