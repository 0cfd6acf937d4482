import { expect, it } from 'vitest'
import { growth } from './growth.ts'

const samplesOf = (mibAt: (index: number) => number) =>
  Array.from({ length: 101 }, (_, index) => ({ atSeconds: index, mib: mibAt(index) }))

it('ignores the warm-up', () => {
  const warming = samplesOf((index) => (index < 50 ? 50 + index : 100))
  expect(growth(warming)).toEqual({ share: 0, endMib: 100 })
})

it('finds growth in the second half, relative to its mean', () => {
  expect(growth(samplesOf((index) => 100 + index)).share).toBeCloseTo(50 / 175)
})

it('ignores the ups and downs of a garbage collector', () => {
  expect(Math.abs(growth(samplesOf((index) => 100 + (index % 5))).share)).toBeLessThan(0.005)
})

it('finds none in a single sample', () => {
  expect(growth([{ atSeconds: 0, mib: 5 }])).toEqual({ share: 0, endMib: 5 })
})
