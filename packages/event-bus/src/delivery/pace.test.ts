import { expect, test } from 'vitest'
import { nextRoundAt, restAfterRound } from './pace.ts'

test.each([
  ['a short round waits for the pace', 10, 1_050],
  ['a round that took long is followed by a rest of three times as long', 40, 1_160],
  ['no rest ends later than a quarter of a second after the beginning', 90, 1_250],
  ['after a round that was longer than that there is none', 300, 1_250],
])('%s', (_, workedMs, nextAtMs) => {
  expect(nextRoundAt({ beganAtMs: 1_000, workedMs, paceMs: 50 })).toBe(nextAtMs)
})

test('a slower pace stands', () => {
  expect(nextRoundAt({ beganAtMs: 1_000, workedMs: 200, paceMs: 500 })).toBe(1_500)
})

const forever = 2 ** 30

test('what began long ago and worked little, as it waited for others of its round, does not rest', async () => {
  const never = new AbortController().signal
  await restAfterRound({ beganAtMs: performance.now() - 1_000, workedMs: 1, paceMs: 50 }, never)
})

test('an abort ends the rest, before it and in its midst', async () => {
  const round = { beganAtMs: performance.now(), workedMs: 1, paceMs: forever }
  const stopping = new AbortController()
  const resting = restAfterRound(round, stopping.signal)
  stopping.abort()
  await resting
  await restAfterRound(round, stopping.signal)
})
