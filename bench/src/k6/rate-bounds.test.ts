import { expect, it } from 'vitest'
import { holdAgainstRate } from './rate-bounds.ts'

const evenly = (count: number, rate: number): number[] =>
  Array.from({ length: count }, (_, index) => 5_000 + (index * 1_000) / rate)

it('are kept when admissions come evenly, and in ticks of a tenth of a second', () => {
  expect(holdAgainstRate(evenly(2_000, 100), { rate: 100 })).toMatchObject({
    held: true,
    worstBelow: 0,
    worstAbove: 0,
    mostInSecond: 100,
  })
  const inTicks = evenly(2_000, 100).map((at) => Math.floor(at / 100) * 100)
  expect(holdAgainstRate(inTicks, { rate: 100 }).held).toBe(true)
})

it('are broken by a second with too many admissions', () => {
  const times = evenly(2_000, 100)
  const crowded = [...times, ...Array.from({ length: 25 }, () => 12_345)]
  expect(holdAgainstRate(crowded, { rate: 100 })).toMatchObject({ held: false, inSecondMax: 120, mostInSecond: 125 })
})

it('are broken by ten seconds with too few admissions', () => {
  const times = evenly(3_000, 100).map((at, index) => (index > 1_500 ? at + 200 : at))
  expect(holdAgainstRate(times, { rate: 100 })).toMatchObject({ held: false, offMax: 10, worstBelow: 20 })
})

it('are unknown for less than ten seconds', () => {
  expect(holdAgainstRate(evenly(500, 100), { rate: 100 })).toMatchObject({ held: false, windows: 0 })
})

it('require no admission while nobody waits, and never allow too many', () => {
  const paused = evenly(4_000, 100).map((at, index) => (index >= 2_000 ? at + 5_000 : at))
  const dry = [{ from: 24_990, to: 29_990 }]
  expect(holdAgainstRate(paused, { rate: 100 }).held).toBe(false)
  expect(holdAgainstRate(paused, { rate: 100, dry })).toMatchObject({ held: true, worstBelow: 0 })
  const crowded = [...paused, ...Array.from({ length: 15 }, (_, index) => 23_005 + index * 100)]
  expect(holdAgainstRate(crowded, { rate: 100, dry })).toMatchObject({ held: false, worstAbove: 15 })
})
