import type { Measures } from '@floodgate/crowd'
import { describe, expect, it } from 'vitest'
import type { AppSample, Sample } from './sample.ts'
import { fairnessFaults, type RehearsalMeasures, rehearsalStory } from './story.ts'

const counts = (waiting: number, active = 10, joined = 1_000) => ({
  ...{ joined, waiting, away: 0, active },
  ...{ admitted: joined - waiting, returned: 0 },
})
const stock = (sold: number) => ({ total: 200, sold, held: 0, agree: true })
const room = (over: Partial<AppSample> = {}): AppSample => ({
  ...{ app: 'waiting room', requests: 500, p95Ms: 4, serverErrors: 0, loopUtilization: 0.4, tickP95Ms: 1 },
  ...over,
})
const sample = (second: number, waiting: number, over: Partial<Sample> = {}): Sample => ({
  ...{ atMs: second * 1_000, counts: counts(waiting), stock: stock(0), apps: [room()] },
  ...over,
})
const timing = { count: 1, mean: 1, p50: 1, p95: 2, p99: 3, max: 4 }
const crowd: Measures = {
  timings: {},
  all: timing,
  statuses: {},
  outcomes: { confirmed: 200, 'sold-out': 300, waited: 500 },
  joined: 1_000,
  admittedBySocket: 0,
  waits: [
    ...Array.from({ length: 500 }, (_, index) => ({ place: index + 501, waitedMs: 12_000 + 24 * (index + 1) })),
    ...Array.from({ length: 500 }, (_, index) => ({ place: index + 1, waitedMs: 24 * (index + 1) })),
  ],
  seconds: [],
  generator: timing,
}
const measures: RehearsalMeasures = {
  ...{ sale: 'rehearsal-x', buyers: 1_000, stock: 200, rate: 50, maxActive: 100, maxSeconds: 900 },
  ...{ crowd, faults: [], closed: true },
  samples: [
    sample(0, 0, { counts: counts(0, 0, 0) }),
    sample(10, 600),
    sample(31, 200, { stock: stock(200) }),
    sample(42, 0, { stock: stock(200) }),
  ],
}
const tell = (over: Partial<RehearsalMeasures> = {}) => rehearsalStory({ ...measures, ...over }).join('\n')

const fair = {
  oldestWaiterSeconds: 12.4,
  rateError: -0.004,
  longestStallSeconds: 0.3,
  inversions: 0,
  setAsideTooSoon: 0,
}

describe('the fairness section of a rehearsal', () => {
  const samples = [
    sample(0, 0),
    sample(5, 100, { fairness: { ...fair, rateError: null } }),
    sample(15, 0, { fairness: { ...fair, oldestWaiterSeconds: null } }),
  ]
  it('states the admission rate error, the longest stall and the longest wait at the head of the line', () => {
    expect(tell({ samples })).toContain(
      'Over ten seconds the rate was off by 0.4 % at most, the longest stall was 0.3 s, and the first in line had waited 12 s at most.',
    )
    expect(fairnessFaults(samples)).toEqual([])
  })
  it('is not judged without ten seconds of full demand', () => {
    expect(tell({ samples: samples.slice(0, 2) })).toContain('No ten seconds were full of demand')
  })
  it('is a fault when a buyer was overtaken or set aside too early', () => {
    const broken = [sample(9, 0, { fairness: { ...fair, inversions: 3, setAsideTooSoon: 2 } })]
    expect(fairnessFaults(broken)).toEqual([
      '3 buyers who reported as told were overtaken',
      '2 buyers were set aside and came back within an interval',
    ])
  })
})

describe('the report of a rehearsal', () => {
  it('states the outcomes, the length of the line, waits by position, and when the sale sold out', () => {
    expect(rehearsalStory(measures)).toEqual([
      '1,000 of 1,000 buyers were admitted: 500 only waited, 300 found it sold out, 200 bought.',
      'The line was longest at 00:10, with 600 waiting.',
      'The line was empty at 00:42.',
      'Place 250 waited 6.0 s, place 500 waited 12 s, place 750 waited 18 s, place 1,000 waited 24 s.',
      'It was sold out at 00:31; 200 of 200 units are sold.',
      'Nothing saturated: the wait comes from the rate of 50 per second.',
      'Nothing was oversold or lost: no buyer was admitted twice, and Redis and Postgres agree.',
      'The closed sale rehearsal-x remains, with its log and its orders; nobody can join it or buy in it.',
    ])
  })

  it.each<[string, Partial<Sample>, RegExp]>([
    [
      'busy event loop',
      { apps: [room({ loopUtilization: 0.97 })] },
      /at 00:05: the waiting room's event loop, 97 % busy/,
    ],
    ['slow tick', { apps: [room({ tickP95Ms: 40 })] }, /at 00:05: Redis, or the way to it: .* took 40 ms/],
    [
      'p95 that grew',
      { apps: [room({ p95Ms: 80 })] },
      /at 00:05: the waiting room's responses: p95 grew from 4.0 ms to 80 ms/,
    ],
    [
      'queue of orders',
      { apps: [room({ app: 'order core', queuedOrders: 300 })] },
      /at 00:05: the order core's commits: 300 orders/,
    ],
    [
      "the provider's rate",
      { apps: [room({ app: 'payment worker', paceP95Ms: 1_200 })] },
      /at 00:05: the payment provider's rate: charges waited 1200 ms \(p95\) for PROVIDER_WRITES_PER_SECOND_MAX/,
    ],
    [
      "the provider's own limit",
      { apps: [room({ app: 'payment worker', limitedCalls: 7 })] },
      /at 00:05: the payment provider itself: it rejected 7 calls as too many/,
    ],
    ['503 response', { apps: [room({ serverErrors: 2 })] }, /at 00:05: the waiting room itself: 2 responses were 5xx/],
    ['full slots', { counts: counts(500, 100) }, /at 00:05: the slots: 100 buyers were inside/],
  ])('names %s as the first saturated resource', (_, pressed, said) => {
    expect(tell({ samples: [sample(1, 10), sample(5, 500, pressed), sample(9, 0)] })).toMatch(said)
  })

  it('names the first saturated resource, then the second', () => {
    const busy = sample(3, 500, { apps: [room({ loopUtilization: 0.95 })] })
    const failing = sample(6, 500, { apps: [room({ serverErrors: 9, loopUtilization: 0.99 })] })
    expect(tell({ samples: [busy, failing] })).toMatch(
      /first to saturate, at 00:03: .*event loop.*\nThen, at 00:06: .*5xx/,
    )
  })

  it('does not judge a deployment by a late generator', () => {
    const late = { ...crowd, generator: { ...timing, p99: 180 } }
    const busy = [sample(3, 500, { apps: [room({ loopUtilization: 0.95 })] })]
    expect(tell({ crowd: late, samples: busy })).toMatch(/this generator \(180 ms late/)
    expect(tell({ crowd: late, samples: busy })).not.toMatch(/event loop,/)
  })

  it('names values that could not be read', () => {
    const blind = [{ atMs: 1_000, apps: [] }]
    expect(tell({ samples: blind })).toMatch(/line could not be read.*\n.*\n.*stock could not be read/)
    expect(tell({ samples: blind })).toContain('metrics could not be read')
  })

  it('states why it was aborted, how many buyers still waited, and what remains', () => {
    const said = tell({
      calledOff: 'storm',
      closed: false,
      faults: ['3 of COAT are still held'],
      samples: [sample(1, 10), sample(8, 300, { stock: stock(20) })],
    })
    expect(said).toContain(
      'More than one in twenty responses failed within ten seconds: the crowd was aborted at 00:08.',
    )
    expect(said).toContain('The line was not empty at the end: 300 still waited at 00:08.')
    expect(said).toContain('It was not sold out: 20 of 200 units are sold.')
    expect(said).toContain('Wrong: 3 of COAT are still held.')
    expect(said).toContain('The sale rehearsal-x could not be closed: close it in the console.')
  })
})
