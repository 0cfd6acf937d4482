import { expect, it } from 'vitest'
import { beginningOf } from './loops.ts'

it('the connections of each stage begin with it, and those of no stage never', () => {
  const time = { stages: [2, 4, 4], msMax: 3_000 }
  expect([0, 1, 2, 3, 4].map((index) => beginningOf(index, time))).toEqual([0, 0, 1_000, 1_000, 3_000])
})
