import { afterAll, beforeAll, expect, it } from 'vitest'
import { lineKeys } from '../redis/keys.ts'
import { readSnapshot } from '../snapshot/snapshot.ts'
import { connectVirtualLine, type VirtualLine } from '../testing/virtual-line.ts'
import { admit } from './admit.ts'

let virtual: VirtualLine
beforeAll(async () => {
  virtual = await connectVirtualLine()
})
afterAll(() => virtual.close())

const tickThrough = async (sale: string, ms: number, everyMs = 100) => {
  for (let passed = 0; passed < ms; passed += everyMs) {
    virtual.clock.advance(everyMs)
    await admit(virtual.line, sale, 'kid')
  }
}
const fairnessOf = async (sale: string) => (await readSnapshot(virtual.line, sale))?.fairness
const crowd = (count: number) => Array.from({ length: count }, (_, index) => `b${index}`)

it('of a normal line: the rate is exact, no buyer waits without reason, none is overtaken', async () => {
  const { id } = await virtual.openSale({ admitPerSecond: 10 })
  await virtual.joinAndStay(id, crowd(400))
  await tickThrough(id, 25_000)
  const fairness = await fairnessOf(id)
  expect(Math.abs(fairness?.rateError ?? 1)).toBeLessThanOrEqual(0.01)
  expect(fairness?.longestStallSeconds).toBeLessThanOrEqual(0.2)
  expect(fairness).toMatchObject({ inversions: 0, setAsideTooSoon: 0 })
})

it.each([0.25, 0.45])(
  'of a normal line at %d buyers a second: too few are due in ten seconds to judge by',
  async (rate) => {
    const { id } = await virtual.openSale({ admitPerSecond: rate, maxActive: 1_000 })
    await virtual.joinAndStay(id, crowd(100))
    const errors: number[] = []
    for (let second = 0; second < 200; second += 1) {
      await tickThrough(id, 1_000, 200)
      errors.push(Math.abs((await fairnessOf(id))?.rateError ?? 0))
    }
    expect(Math.max(...errors)).toBeLessThanOrEqual(0.1)
  },
)

it('of a line whose rate changes: what was admitted before does not count', async () => {
  const { id } = await virtual.openSale({ admitPerSecond: 20 })
  await virtual.joinAndStay(id, crowd(400))
  await tickThrough(id, 9_000)
  await virtual.line.redis.hset(lineKeys(id).sale, 'rate', 2)
  await tickThrough(id, 2_000)
  expect(await fairnessOf(id)).toMatchObject({ rateError: null })
})

it('of the rate are of the present only while buyers are due', async () => {
  const currentOf = async () => (await readSnapshot(virtual.line, id))?.presentRateError
  const { id } = await virtual.openSale({ admitPerSecond: 10 })
  await virtual.joinAndStay(id, crowd(100))
  await tickThrough(id, 3_000)
  await tickThrough(id, 5_000, 5_000)
  await tickThrough(id, 4_000)
  const disturbed = (await fairnessOf(id))?.rateError ?? 0
  expect(disturbed).toBeLessThan(-0.2)
  expect(await currentOf()).toBe(disturbed)
  await tickThrough(id, 45_000)
  expect(await fairnessOf(id), 'the last figure stays').toMatchObject({ rateError: disturbed })
  expect(await currentOf()).toBe(null)
})

it('of a line without ticks for a while: the stall and the missing admissions show', async () => {
  const { id } = await virtual.openSale({ admitPerSecond: 10 })
  await virtual.joinAndStay(id, crowd(400))
  await tickThrough(id, 3_000)
  await tickThrough(id, 5_000, 5_000)
  await tickThrough(id, 4_000)
  const fairness = await fairnessOf(id)
  expect(fairness?.rateError).toBeLessThan(-0.2)
  expect(fairness?.longestStallSeconds).toBeGreaterThan(4)
})

it('a stall lasts from the moment when a buyer is due to the next admission', async () => {
  const stallOf = async () => (await readSnapshot(virtual.line, id))?.stallSeconds ?? Number.NaN
  const { id } = await virtual.openSale({ admitPerSecond: 1, maxActive: 1 })
  await virtual.joinAndStay(id, crowd(20))
  await tickThrough(id, 10_000)
  expect(await stallOf(), 'no slot is free').toBe(0)
  await virtual.line.redis.hset(lineKeys(id).sale, 'stalledMs', 5_000)
  expect(await stallOf()).toBe(4)
  await tickThrough(id, 100)
  expect(await stallOf()).toBe(0)
})

it('of a line without demand are zero: all slots are taken, or no buyer is present', async () => {
  const { id } = await virtual.openSale({ admitPerSecond: 10, maxActive: 1 })
  await virtual.joinAndStay(id, crowd(50))
  await tickThrough(id, 30_000)
  expect(await fairnessOf(id)).toMatchObject({ rateError: null })
  expect((await fairnessOf(id))?.longestStallSeconds).toBeLessThanOrEqual(0.2)
})

it('show how long the first in line has waited', async () => {
  const { id } = await virtual.openSale({ admitPerSecond: 0.1, maxActive: 1 })
  expect(await fairnessOf(id)).toMatchObject({ oldestWaiterSeconds: null })
  await virtual.joinAndStay(id, ['first', 'second'])
  await tickThrough(id, 20_000)
  await virtual.joinAndStay(id, ['third'])
  await tickThrough(id, 10_000)
  const waited = (await fairnessOf(id))?.oldestWaiterSeconds ?? 0
  expect(waited).toBeGreaterThan(28)
  expect(waited).toBeLessThanOrEqual(30.1)
})

it('a buyer admitted after a later place counts as overtaken, once', async () => {
  const { id } = await virtual.openSale({ admitPerSecond: 10 })
  await virtual.joinAndStay(id, crowd(3))
  const { line } = lineKeys(id)
  // No script does this: the first in line is missing for a moment.
  await virtual.redis.zrem(line, 'b0')
  await tickThrough(id, 500)
  await virtual.redis.zadd(line, 1, 'b0')
  const told: number[] = []
  for (let ticks = 0; ticks < 5; ticks += 1) {
    virtual.clock.advance(100)
    const tick = await admit(virtual.line, id, 'kid')
    if (tick.kind === 'ok') told.push(tick.inversions)
  }
  expect(told.reduce((sum, count) => sum + count, 0)).toBe(1)
  expect(await fairnessOf(id)).toMatchObject({ inversions: 1 })
})
