import { expect, it } from 'vitest'
import { backOffMs, doublingMs } from './back-off.ts'

const backOff = { minMs: 100, maxMs: 5_000 }

it('doubles with each attempt, between its bounds', () => {
  expect([-1, 0, 1, 2, 6, 100, 5_000].map((attempt) => doublingMs(backOff, attempt))).toEqual([
    100, 100, 200, 400, 5_000, 5_000, 5_000,
  ])
})

it('is random in its upper half', () => {
  expect([0, 0.5, 1].map((random) => backOffMs(backOff, 1, random))).toEqual([100, 150, 200])
  expect(backOffMs(backOff, 100, 0)).toBe(2_500)
})
