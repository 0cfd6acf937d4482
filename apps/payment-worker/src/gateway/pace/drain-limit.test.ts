import { expect, it } from 'vitest'
import { drainLimit } from './drain-limit.ts'

it('a backlog drains at the setting, twice as fast every ten seconds, and without a limit after a hundred', () => {
  expect([0, 9_999, 10_000, 35_000, 99_999].map((sinceMs) => drainLimit(50, sinceMs))).toEqual([
    ...[50, 50, 100, 400, 25_600],
  ])
  expect(drainLimit(50, 100_000)).toBe(Number.POSITIVE_INFINITY)
})

it('no outage, or a setting of 0, limits nothing', () => {
  expect(drainLimit(50, Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY)
  expect(drainLimit(0, 0)).toBe(Number.POSITIVE_INFINITY)
})
