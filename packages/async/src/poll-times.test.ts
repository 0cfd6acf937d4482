import { describe, expect, it } from 'vitest'
import { untilNextPoll } from './poll-times.ts'

describe('the next poll', () => {
  it('is at whole multiples of its period, however long the last one took', () => {
    expect(untilNextPoll(1_000, 4_000)).toBe(1_000)
    expect(untilNextPoll(1_000, 4_300)).toBe(700)
    expect(untilNextPoll(500, 4_300)).toBe(200)
  })
  it('is not repeated when its timer fires early', () => {
    expect(untilNextPoll(1_000, 3_999)).toBe(1_001)
    expect(untilNextPoll(500, 3_985)).toBe(515)
  })
})
