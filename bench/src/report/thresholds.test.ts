import { expect, it } from 'vitest'
import { atLeast, atMost, below, equals } from './thresholds.ts'

const measured = { what: 'orders', value: 1_234.56, unit: '/s' }

it('states the limit and the value with their unit and their additions', () => {
  expect(atLeast(3_000, { ...measured, kind: 'absolute' })).toEqual({
    ...{ what: 'orders', threshold: '≥ 3,000/s', measured: '1,235/s', reached: false, kind: 'absolute' },
  })
  expect(atMost(2, { what: 'CPU', value: 1.755, digits: 2, unit: ' %', of: ' of a core', note: ', at rest' })).toEqual({
    ...{ what: 'CPU', threshold: '≤ 2 % of a core', measured: '1.76 %, at rest', reached: true, kind: 'ratio' },
  })
})

it.each([
  ['atLeast', atLeast, [false, true, true]],
  ['atMost', atMost, [true, true, false]],
  ['below', below, [true, false, false]],
  ['equals', equals, [false, true, false]],
] as const)('%s decides by the value, not by its digits', (_, compare, reached) => {
  expect([0.999, 1, 1.001].map((value) => compare(1, { what: 'x', value }).reached)).toEqual(reached)
})

it('reaches a limit within its tolerance', () => {
  expect([1.02, 1.03].map((value) => atMost(1, { what: 'x', value, tolerance: 0.02 }).reached)).toEqual([true, false])
  expect(equals(0, { what: 'x', value: 0.01, tolerance: 0.02 }).reached).toBe(true)
})
