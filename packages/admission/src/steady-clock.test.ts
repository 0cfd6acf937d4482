import { expect, it } from 'vitest'
import { createSteadyClock } from './steady-clock.ts'

it('a clock that is set back goes on from the latest time, and one that is set forward is followed', () => {
  const clock = { ms: 1_000 }
  const steady = createSteadyClock(() => clock.ms)
  const seen = [0, 10, -500, 10, 10, -1, 2_000, 0].map((ms) => {
    clock.ms += ms
    return steady()
  })
  expect(seen).toEqual([1_000, 1_010, 1_010, 1_020, 1_030, 1_030, 3_030, 3_030])
})
