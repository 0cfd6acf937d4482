import { seededRandom } from '@floodgate/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connectVirtualLine, type VirtualLine } from '../testing/virtual-line.ts'
import { admit } from './admit.ts'

let virtual: VirtualLine
beforeAll(async () => {
  virtual = await connectVirtualLine()
})
afterAll(() => virtual.close())

/** Returns the times of ticks on a grid of 100 ms; `lateMs` draws how late each one is. */
const tickTimes = (options: { tickers: number; seconds: number; lateMs(tick: number, ticker: number): number }) => {
  const times: number[] = []
  for (let ticker = 0; ticker < options.tickers; ticker += 1)
    for (let tick = 1; tick <= options.seconds * 10; tick += 1)
      times.push(tick * 100 + ticker * 7 + Math.floor(options.lateMs(tick, ticker)))
  return times.sort((one, other) => one - other)
}

/** Runs the ticks; returns the time of every admission, in ms after the start. */
const run = async (sale: string, times: readonly number[], rateShare = 1): Promise<number[]> => {
  const startMs = virtual.clock.now()
  const admissions: number[] = []
  for (const time of times) {
    virtual.clock.advance(Math.max(0, startMs + time - virtual.clock.now()))
    const result = await admit(virtual.line, sale, 'kid', rateShare)
    if (result.kind === 'ok') for (const _ of result.admitted) admissions.push(time)
  }
  return admissions
}

/** Returns the maximum and minimum count in any window [t, t + ms), while there is demand. */
const extremes = (admissions: readonly number[], ms: number, untilMs: number) => {
  let most = 0
  let least = Number.POSITIVE_INFINITY
  for (let at = 0; at + ms <= untilMs; at += 50) {
    const within = admissions.filter((time) => time > at && time <= at + ms).length
    most = Math.max(most, within)
    least = Math.min(least, within)
  }
  return { most, least }
}
const closedSecondMost = (admissions: readonly number[]) =>
  Math.max(...admissions.map((at) => admissions.filter((time) => time >= at && time <= at + 1_000).length))

const rates = [1, 5, 8, 50, 500]
const seconds = 14
const crowd = (rate: number) => Array.from({ length: Math.ceil(rate * (seconds + 3)) + 5 }, (_, index) => `b${index}`)
const patterns = {
  'timers on time': () => () => 0,
  'late timers': () => {
    const random = seededRandom(7)
    return function lateMs() {
      return random() * 90
    }
  },
}

for (const rate of rates)
  for (const tickers of [1, 3])
    for (const [name, pattern] of Object.entries(patterns))
      it(`${rate}/s with ${tickers} ticker(s), ${name}: any 10 s and any second stay within their bounds`, async () => {
        virtual.clock.advance(100_000 - (virtual.clock.now() % 100_000))
        const sale = await virtual.openSale({ admitPerSecond: rate })
        await virtual.joinAndStay(sale.id, crowd(rate))
        const admissions = await run(sale.id, tickTimes({ tickers, seconds, lateMs: pattern() }))
        const { most, least } = extremes(admissions, 10_000, seconds * 1_000)
        const slack = Math.max(0.01 * 10 * rate, 1)
        expect(most).toBeLessThanOrEqual(10 * rate + slack)
        expect(least).toBeGreaterThanOrEqual(10 * rate - slack)
        expect(closedSecondMost(admissions)).toBeLessThanOrEqual(Math.max(1.2 * rate, rate + 1))
      })

describe('a stall', () => {
  it.each(rates)('of 0.9 s of the only ticker loses nothing at %d/s, and is made up gradually', async (rate) => {
    virtual.clock.advance(100_000 - (virtual.clock.now() % 100_000))
    const sale = await virtual.openSale({ admitPerSecond: rate })
    await virtual.joinAndStay(sale.id, crowd(rate))
    const times = tickTimes({ tickers: 1, seconds, lateMs: () => 0 }).filter((time) => time <= 2_000 || time >= 2_900)
    const admissions = await run(sale.id, times)
    const expected = rate * seconds
    expect(Math.abs(admissions.length - expected)).toBeLessThanOrEqual(Math.max(0.01 * expected, 1))
    expect(closedSecondMost(admissions)).toBeLessThanOrEqual(Math.max(1.2 * rate, rate + 1))
  })

  it('of one ticker of three has no effect', async () => {
    virtual.clock.advance(100_000 - (virtual.clock.now() % 100_000))
    const sale = await virtual.openSale({ admitPerSecond: 50 })
    await virtual.joinAndStay(sale.id, crowd(50))
    const lateMs = (tick: number, ticker: number) => (ticker === 0 && tick > 20 && tick < 60 ? (60 - tick) * 100 : 0)
    const admissions = await run(sale.id, tickTimes({ tickers: 3, seconds, lateMs }))
    const { most, least } = extremes(admissions, 10_000, seconds * 1_000)
    expect(most).toBeLessThanOrEqual(505)
    expect(least).toBeGreaterThanOrEqual(495)
  })
})

it('a share of the rate admits that share, of full accuracy, and the whole rate returns without a burst', async () => {
  virtual.clock.advance(100_000 - (virtual.clock.now() % 100_000))
  const sale = await virtual.openSale({ admitPerSecond: 20 })
  await virtual.joinAndStay(sale.id, crowd(20))
  const times = tickTimes({ tickers: 1, seconds: 11, lateMs: () => 0 })
  const slowed = await run(sale.id, times, 0.25)
  expect(extremes(slowed, 10_000, 11_000)).toMatchObject({ most: 50, least: 50 })
  const usual = await run(sale.id, tickTimes({ tickers: 1, seconds: 5, lateMs: () => 0 }))
  expect(Math.abs(usual.length - 100)).toBeLessThanOrEqual(1)
  expect(closedSecondMost(usual)).toBeLessThanOrEqual(24)
})

it.each(rates)('idling saves nothing at %d/s', async (rate) => {
  virtual.clock.advance(100_000 - (virtual.clock.now() % 100_000))
  const sale = await virtual.openSale({ admitPerSecond: rate })
  await run(sale.id, tickTimes({ tickers: 1, seconds: 20, lateMs: () => 0 }))
  await virtual.joinAndStay(sale.id, crowd(rate))
  const admissions = await run(sale.id, tickTimes({ tickers: 1, seconds: 11, lateMs: () => 0 }))
  const first = admissions.filter((time) => time < 10_000 + (admissions[0] ?? 0)).length
  expect(first).toBeLessThanOrEqual(10 * rate + Math.max(0.1 * rate, 1))
  expect(closedSecondMost(admissions)).toBeLessThanOrEqual(Math.max(1.2 * rate, rate + 1))
})
