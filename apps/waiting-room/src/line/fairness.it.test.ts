import { seededRandom } from '@floodgate/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { admittedAbsent, type CrowdOptions, type CrowdOutcome, overtaken, runCrowd } from '../testing/virtual-crowd.ts'
import { connectVirtualLine, type VirtualLine } from '../testing/virtual-line.ts'

let virtual: VirtualLine
beforeAll(async () => {
  virtual = await connectVirtualLine()
})
afterAll(() => virtual.close())

const expectNobodyWronged = (outcome: CrowdOutcome) => {
  expect(overtaken(outcome)).toEqual([])
  expect(outcome.wronged).toEqual([])
  expect(outcome).toMatchObject({ returnedSoon: 0, inversions: 0 })
  expect(admittedAbsent(outcome)).toEqual([])
}

/** The minimum while present buyers wait: 98 % of the rate, and never two seconds without a due admission. */
const expectFullRate = ({ admissions }: CrowdOutcome, options: { rate: number; fromMs: number; untilMs: number }) => {
  const { rate, fromMs, untilMs } = options
  const times = admissions.map(({ atMs }) => atMs).filter((atMs) => atMs > fromMs && atMs <= untilMs)
  expect(times.length).toBeGreaterThanOrEqual(Math.floor((0.98 * rate * (untilMs - fromMs)) / 1_000) - 1)
  const marks = [fromMs, ...times, untilMs]
  const gaps = marks.slice(1).map((atMs, index) => atMs - (marks[index] ?? 0))
  expect(Math.max(...gaps)).toBeLessThan(Math.max(2_000, 1_000 / rate + 200))
}

/** The rate must hold from 20 s after the opening, and again from 20 s after a change of the crowd. */
const checkRate = (outcome: CrowdOutcome, options: Omit<CrowdOptions, 'seed'>) => {
  const last = outcome.admissions.at(-1)?.atMs ?? 0
  const endMs = outcome.waiting > 0 ? options.seconds * 1_000 : last - 2_000
  const { rate } = options
  if (options.leavers.pattern !== 'sudden') return expectFullRate(outcome, { rate, fromMs: 20_000, untilMs: endMs })
  const leaveMs = (options.leaveSeconds ?? 0) * 1_000
  expectFullRate(outcome, { rate, fromMs: 20_000, untilMs: leaveMs })
  expectFullRate(outcome, { rate, fromMs: leaveMs + 20_000, untilMs: endMs })
}

const sudden = (share: number) => ({ leavers: { pattern: 'sudden' as const, share }, leaveSeconds: 40 })
const uniform = (share: number) => ({ leavers: { pattern: 'uniform' as const, share } })
const stretch = (share: number) => ({ leavers: { pattern: 'stretch' as const, share } })

type Case = Omit<CrowdOptions, 'seed'>
const cases: readonly (readonly [string, Case])[] = [
  ['no leavers', { rate: 20, buyers: 2_500, seconds: 60, ...uniform(0) }],
  ['80 % of a short line at 5/s', { rate: 5, buyers: 3_000, seconds: 100, ...uniform(0.8) }],
  ['95 % at 20/s', { rate: 20, buyers: 20_000, seconds: 60, ...uniform(0.95) }],
  ['75 % at 500/s', { rate: 500, buyers: 20_000, seconds: 25, ...uniform(0.75) }],
  ['a stretch of 14,000', { rate: 20, buyers: 20_000, seconds: 120, ...stretch(0.7) }],
  ['90 % at once', { rate: 20, buyers: 9_000, seconds: 100, ...sudden(0.9) }],
  ['95 % at once', { rate: 5, buyers: 10_000, seconds: 120, ...sudden(0.95) }],
]

it.each(cases)(
  '%s: no buyer who polls on time is overtaken, and the rate holds',
  async (_, options) => {
    const outcome = await runCrowd(virtual, { ...options, seed: 1 })
    expectNobodyWronged(outcome)
    checkRate(outcome, options)
  },
  900_000,
)

/**
 * Draws a crowd: any rate, any share and pattern of leavers, with sockets, board readers and reloaded pages mixed in.
 * Every third one has few slots, and buyers who join all the time.
 */
const drawnCrowd = (seed: number): CrowdOptions => {
  const random = seededRandom(seed)
  const oneOf = <Value>(values: readonly [Value, ...Value[]]): Value =>
    values[Math.floor(random() * values.length)] ?? values[0]
  const rate = oneOf([0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500])
  const share = oneOf([0, 0.3, 0.6, 0.8, 0.9, 0.95])
  const pattern = oneOf<CrowdOptions['leavers']['pattern']>(['uniform', 'stretch', 'sudden'])
  const buyers = Math.min(20_000, Math.max(500, Math.floor(((rate * 200) / (1.02 - share)) * random())))
  const seconds = Math.min(150, Math.max(30, Math.floor((buyers * (1 - share)) / rate)))
  return {
    ...{ seed, rate, buyers, seconds, leavers: { pattern, share }, tickers: oneOf([1, 2, 3]) },
    ...{ leaveSeconds: pattern === 'sudden' ? Math.min(40, Math.floor(seconds / 2)) : 0 },
    ...{ sockets: 0.6 * random(), boardReaders: 0.3 * random(), reloads: 0.1 },
    ...(seed % 3 === 0 && {
      ...{ maxActive: 1 + Math.ceil(3 * rate * random()), claimSeconds: 60, purchaseSeconds: 3 },
      joinSeconds: seconds / 2,
    }),
  }
}

/** First of the seeds; `FAIRNESS_SEED=100` selects others. Add a failing seed to the cases above. */
const firstSeed = Number(process.env.FAIRNESS_SEED ?? 1)
it.each(Array.from({ length: 12 }, (_, index) => firstSeed + index))(
  'the same holds for the crowd drawn by seed %i',
  async (seed) => {
    const options = drawnCrowd(seed)
    const outcome = await runCrowd(virtual, options)
    expectNobodyWronged(outcome)
    // Where slots are few, they set the pace.
    if (options.maxActive === undefined) checkRate(outcome, options)
  },
  900_000,
)

it('with 60 % leavers and few slots nearly every buyer who stayed buys, because unclaimed slots return', async () => {
  const crowd = { rate: 20, buyers: 3_000, seconds: 600, seed: 3, ...uniform(0.6) }
  const outcome = await runCrowd(virtual, { ...crowd, maxActive: 100, claimSeconds: 60, purchaseSeconds: 20 })
  const stayed = outcome.purchases + outcome.waiting
  expect(stayed).toBeGreaterThan(1_000)
  expect(outcome.purchases).toBeGreaterThanOrEqual(0.95 * stayed)
  expectNobodyWronged(outcome)
}, 900_000)

it('no buyer is overtaken with few slots, sockets, board readers and three tickers', async () => {
  const crowd = {
    rate: 50,
    buyers: 4_000,
    seconds: 120,
    seed: 4,
    ...sudden(0.8),
    sockets: 0.3,
    boardReaders: 0.3,
    tickers: 3,
  }
  const outcome = await runCrowd(virtual, { ...crowd, maxActive: 40, claimSeconds: 60, purchaseSeconds: 3 })
  expect(outcome.admissions.length).toBeGreaterThan(500)
  expectNobodyWronged(outcome)
}, 900_000)

it('short outages of Redis cost no more than their duration, although half of the line has left', async () => {
  const crowd = { rate: 20, buyers: 4_000, seconds: 90, seed: 9, ...uniform(0.5) }
  const outcome = await runCrowd(virtual, { ...crowd, outage: { fromMs: 50_000, untilMs: 53_000 } })
  expectNobodyWronged(outcome)
  expectFullRate(outcome, { rate: 20, fromMs: 55_000, untilMs: 88_000 })
}, 900_000)

it('an outage of Redis that outlasts any presence sets no buyer aside', async () => {
  const crowd = { rate: 20, buyers: 4_000, seconds: 90, seed: 5, ...uniform(0.5) }
  const outcome = await runCrowd(virtual, { ...crowd, outage: { fromMs: 30_000, untilMs: 70_000 } })
  expectNobodyWronged(outcome)
  const last = outcome.admissions.at(-1)?.atMs ?? 0
  expect(last).toBeGreaterThan(88_000)
}, 900_000)

it('when only returners are left, any number of them learn of their turns and buy', async () => {
  const crowd = { rate: 10, buyers: 65, seconds: 200, seed: 6, ...uniform(0), sleepSeconds: 40 }
  const outcome = await runCrowd(virtual, { ...crowd, maxActive: 5, claimSeconds: 60, purchaseSeconds: 5 })
  expect(outcome.purchases).toBe(65)
}, 900_000)

it('a line full of buyers who joined and left at once moves at its rate', async () => {
  const crowd = { rate: 5, buyers: 140, seconds: 60, seed: 7, ...uniform(0.3) }
  const outcome = await runCrowd(virtual, crowd)
  expectNobodyWronged(outcome)
  expectFullRate(outcome, { rate: 5, fromMs: 9_000, untilMs: (outcome.admissions.at(-1)?.atMs ?? 0) - 2_000 })
}, 900_000)
