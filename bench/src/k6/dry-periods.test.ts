import type { LogEntry } from '@floodgate/contracts'
import { expect, it } from 'vitest'
import { dryPeriods } from './dry-periods.ts'

let id = 0
const entry = (ms: number, kind: LogEntry['kind'], rest: Partial<LogEntry> = {}): LogEntry => {
  id += 1
  return { id: `${id}-0`, at: new Date(ms).toISOString(), kind, ...rest }
}
const joined = (ms: number, count: number) => entry(ms, 'joined', { count, place: count })
const admitted = (ms: number, place: number) => entry(ms, 'admitted', { place, slot: `s${place}` })

it('a line is dry until a buyer joins, and from the moment that the last one is admitted', () => {
  const log = [joined(1_000, 2), admitted(1_000, 1), admitted(1_100, 2), joined(5_000, 2), admitted(5_000, 3)]
  expect(dryPeriods(log)).toEqual([
    { from: Number.NEGATIVE_INFINITY, to: 1_000 },
    { from: 1_100, to: 5_000 },
  ])
})

it('buyers who left or were set aside do not wait; returners do not count', () => {
  const log = [
    joined(1_000, 5),
    admitted(1_100, 1),
    entry(1_200, 'left', { place: 3 }),
    admitted(1_300, 4),
    entry(1_300, 'set-aside', { count: 1 }),
    admitted(1_400, 2),
    admitted(1_500, 5),
  ]
  expect(dryPeriods(log)).toEqual([
    { from: Number.NEGATIVE_INFINITY, to: 1_000 },
    { from: 1_500, to: Number.POSITIVE_INFINITY },
  ])
})
