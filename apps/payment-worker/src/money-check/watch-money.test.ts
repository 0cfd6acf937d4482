import type { MoneyCheck } from '@floodgate/contracts'
import { silentLogger } from '@floodgate/testkit/fixtures'
import { Registry } from 'prom-client'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { watchMoney } from './watch-money.ts'

const RIGHT: MoneyCheck = { ok: true, charges: 1, orders: 1, underWay: 0, findings: [] }
const WRONG: MoneyCheck = {
  ...RIGHT,
  ok: false,
  findings: [{ order: 'o', problem: 'charged-more-than-once', status: 'confirmed', charges: ['a', 'b'] }],
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const watching = (check: () => Promise<MoneyCheck>, everySeconds: number) => {
  const metrics = new Registry()
  const watch = watchMoney({ check, everySeconds, log: silentLogger, metrics, signal: new AbortController().signal })
  const read = async (name: string) => (await metrics.getMetricsAsJSON()).find((each) => each.name === name)?.values
  return {
    watch,
    findings: async () => (await read('floodgate_money_check_findings'))?.filter(({ value }) => value > 0),
    everySeconds: async () => (await read('floodgate_money_check_interval_seconds'))?.[0]?.value,
    checkedAt: async () => (await read('floodgate_money_check_timestamp_seconds'))?.[0]?.value,
  }
}

it('the findings of the newest check are exported by problem, and those that are gone as 0', async () => {
  const results = [WRONG, RIGHT]
  const { watch, findings } = watching(async () => results.shift() ?? RIGHT, 0)
  expect(await findings()).toEqual([])
  await watch.check()
  expect(await findings()).toEqual([{ labels: { problem: 'charged-more-than-once' }, value: 1 }])
  await watch.check()
  expect(await findings()).toEqual([])
})

it('a check runs a minute after the start and then every period, give or take a fifth', async () => {
  const check = vi.fn(async () => RIGHT)
  const { watch } = watching(check, 600)
  watch.start()
  await vi.advanceTimersByTimeAsync(59_000)
  expect(check).toHaveBeenCalledTimes(0)
  await vi.advanceTimersByTimeAsync(1_000)
  expect(check).toHaveBeenCalledTimes(1)
  await vi.advanceTimersByTimeAsync(479_000)
  expect(check).toHaveBeenCalledTimes(1)
  await vi.advanceTimersByTimeAsync(241_000)
  expect(check).toHaveBeenCalledTimes(2)
  await watch.stop()
})

it.each([0, 600])('how often the money is checked is exported: every %d seconds', async (everySeconds) => {
  expect(await watching(async () => RIGHT, everySeconds).everySeconds()).toBe(everySeconds)
})

it('a failed check leaves the time of the last one, and is repeated', async () => {
  let isDown = false
  const { watch, checkedAt } = watching(async () => {
    if (isDown) throw new Error('unavailable')
    return RIGHT
  }, 10)
  expect(await checkedAt(), 'never checked').toBeUndefined()
  watch.start()
  await vi.advanceTimersByTimeAsync(10_000)
  const before = await checkedAt()
  expect(before).toBeCloseTo(Date.now() / 1_000, 0)
  isDown = true
  await vi.advanceTimersByTimeAsync(30_000)
  expect(await checkedAt()).toBe(before)
  isDown = false
  await vi.advanceTimersByTimeAsync(12_000)
  expect(await checkedAt()).toBeGreaterThan(before ?? 0)
  await watch.stop()
})

it('a period of 0 checks only for callers', async () => {
  const check = vi.fn(async () => RIGHT)
  const { watch } = watching(check, 0)
  watch.start()
  await vi.advanceTimersByTimeAsync(1_000_000)
  expect(check).toHaveBeenCalledTimes(0)
  await watch.stop()
})
