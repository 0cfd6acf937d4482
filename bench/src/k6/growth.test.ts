import { expect, it } from 'vitest'
import { growth } from './growth.ts'

const samplesOf = (mibAt: (index: number) => number) =>
  Array.from({ length: 101 }, (_, index) => ({ atSeconds: index, mib: mibAt(index) }))

it('does not take warming up for growth', () => {
  const warming = samplesOf((index) => (index < 50 ? 50 + index : 100))
  expect(growth(warming)).toEqual({ share: 0, endMib: 100 })
})

it('finds what grows in the second half, of its mean', () => {
  expect(growth(samplesOf((index) => 100 + index)).share).toBeCloseTo(50 / 175)
})

it('sees through the ups and downs of a garbage collector', () => {
  expect(Math.abs(growth(samplesOf((index) => 100 + (index % 5))).share)).toBeLessThan(0.005)
})

it('says nothing of a single sample', () => {
  expect(growth([{ atSeconds: 0, mib: 5 }])).toEqual({ share: 0, endMib: 5 })
})
