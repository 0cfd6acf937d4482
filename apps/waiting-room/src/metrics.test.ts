import { Registry } from 'prom-client'
import { expect, it } from 'vitest'
import type { SuccessfulTick } from './admission/ticker.ts'
import { gaugeLines } from './line-gauges.ts'
import { createRoomMetrics } from './metrics.ts'
import type { Snapshot } from './snapshot/snapshot.ts'

const quiet = {
  totals: () => ({ waiting: 0, active: 0 }),
  failing: () => new Map(),
  snapshots: (): Snapshot[] => [],
  revocations: { count: () => 0, ageMs: () => 0 },
  rateShare: () => 1,
  sockets: () => 0,
}
const linesOf = async (registry: Registry, name: string) =>
  (await registry.metrics()).split('\n').filter((line) => line.startsWith(name))

it('fairness figures of a tick are counted', async () => {
  const registry = new Registry()
  const { noteTick } = createRoomMetrics(registry)
  const tick = { kind: 'ok', admitted: [], setAside: 5, returnedSoon: 2, inversions: 3 } as unknown as SuccessfulTick
  noteTick(tick, 1)
  noteTick({ ...tick, setAside: 1, returnedSoon: 0, inversions: 0 }, 1)
  expect(await linesOf(registry, 'floodgate_line_inversions_total')).toEqual(['floodgate_line_inversions_total 3'])
  expect(await linesOf(registry, 'floodgate_set_aside_total')).toEqual([
    'floodgate_set_aside_total{returned_within_interval="false"} 6',
    'floodgate_set_aside_total{returned_within_interval="true"} 2',
  ])
})

it('fairness is that of the open sale with the worst figures', async () => {
  const snapshot = (state: string, fairness: Partial<Snapshot['fairness']>, stallSeconds = 0) =>
    ({ state, fairness, presentRateError: fairness.rateError, stallSeconds, admitPerSecond: 5 }) as unknown as Snapshot
  const registry = new Registry()
  gaugeLines(registry, {
    ...quiet,
    snapshots: () => [
      snapshot('open', { oldestWaiterSeconds: 7, rateError: -0.25, longestStallSeconds: 0.5 }),
      snapshot('open', { oldestWaiterSeconds: null, rateError: null, longestStallSeconds: 3 }, 2),
      snapshot('closed', { oldestWaiterSeconds: 900, rateError: -1, longestStallSeconds: 900 }, 800),
    ],
  })
  expect(await linesOf(registry, 'floodgate_line_')).toEqual(
    expect.arrayContaining([
      'floodgate_line_oldest_waiter_seconds 7',
      'floodgate_line_rate_error_ratio 0.25',
      'floodgate_line_longest_stall_seconds 3',
      'floodgate_line_stall_seconds 2',
      'floodgate_line_rate_per_second 10',
    ]),
  )
})

it('polls are counted by status and source, and the counts keep rising after a scrape', async () => {
  const registry = new Registry()
  const { countPoll } = createRoomMetrics(registry)
  const polls = () => linesOf(registry, 'floodgate_polls')
  countPoll('waiting', 'snapshot')
  countPoll('waiting', 'snapshot')
  countPoll('admitted', 'redis')
  expect(await polls()).toEqual([
    'floodgate_polls_total{state="waiting",asked="snapshot"} 2',
    'floodgate_polls_total{state="admitted",asked="redis"} 1',
  ])
  countPoll('waiting', 'snapshot')
  expect((await polls())[0]).toBe('floodgate_polls_total{state="waiting",asked="snapshot"} 3')
})
