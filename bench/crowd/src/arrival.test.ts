import { expect, test } from 'vitest'
import { arrivalMs, arrivalPatterns } from './arrival.ts'

const SIZE = 1_000
const timesOf = (pattern: (typeof arrivalPatterns)[number]) =>
  Array.from({ length: SIZE }, (_, index) => arrivalMs(pattern, { index, size: SIZE, overMs: 10_000 }))

test.each(arrivalPatterns)('%s: buyers arrive in the order of their numbers, and all within the time', (pattern) => {
  const times = timesOf(pattern)
  expect(times).toEqual(times.toSorted((left, right) => left - right))
  expect(times.at(0)).toBe(0)
  expect(times.at(-1)).toBeLessThan(10_000)
})

test('half of an even crowd has arrived at half-time, most of a rush, and a quarter of a rising one', () => {
  const cameByHalfTime = (pattern: (typeof arrivalPatterns)[number]) =>
    timesOf(pattern).filter((ms) => ms < 5_000).length
  expect(cameByHalfTime('even')).toBe(500)
  expect(cameByHalfTime('rush')).toBe(794)
  expect(cameByHalfTime('rising')).toBe(250)
  expect(cameByHalfTime('at-once')).toBe(SIZE)
})
