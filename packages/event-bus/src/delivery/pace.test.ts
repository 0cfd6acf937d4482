import { expect, test } from 'vitest'
import { nextRoundAt } from './pace.ts'

test.each([
  ['a short round waits for the pace', 10, 1_050],
  ['a round that took long is followed by a rest of three times as long', 40, 1_160],
  ['no rest ends later than a quarter of a second after the beginning', 90, 1_250],
  ['after a round that was longer than that there is none', 300, 1_250],
])('%s', (_, tookMs, nextAtMs) => {
  expect(nextRoundAt({ beganAtMs: 1_000, endedAtMs: 1_000 + tookMs, paceMs: 50 })).toBe(nextAtMs)
})

test('a slower pace stands', () => {
  expect(nextRoundAt({ beganAtMs: 1_000, endedAtMs: 1_200, paceMs: 500 })).toBe(1_500)
})
