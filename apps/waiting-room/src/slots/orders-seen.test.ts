import { expect, it } from 'vitest'
import { latestDeadlineMs } from './orders-seen.ts'

const NOW = 1_000_000_000
const report = (ageMs: number, seenAgeMs?: number) => ({
  reportedAtMs: NOW - ageMs,
  seenUntilMs: seenAgeMs === undefined ? undefined : NOW - seenAgeMs,
})

it.each([
  ['everything was seen lately', [report(500, 4_000)], NOW],
  ['one of two is a minute behind', [report(500, 1_000), report(500, 60_000)], NOW - 55_000],
  ['one was killed a moment ago', [report(500, 1_000), report(9_000, 10_000)], NOW - 5_000],
  [
    'one was killed, and its partitions may be unassigned yet',
    [report(500, 1_000), report(44_000, 44_000)],
    NOW - 39_000,
  ],
  ["one was killed long ago, and its partitions are the others'", [report(500, 1_000), report(46_000, 46_000)], NOW],
  ['one has no partition', [report(500, 1_000), report(500)], NOW],
  ['nobody consumes', [report(500)], NOW - 600_000],
  ['nobody reports', [], NOW - 600_000],
  ['nothing was ever seen', [{ reportedAtMs: NOW, seenUntilMs: Number.NEGATIVE_INFINITY }], NOW - 600_000],
])('slots return up to the safe deadline: %s', (_, reports, latest) => {
  expect(latestDeadlineMs(reports, NOW)).toBe(latest)
})
