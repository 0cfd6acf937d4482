import { expect, test } from 'vitest'
import { decideRestart } from './restart-policy.ts'

const now = 100_000

test('a process that died once is started again soon', () => {
  expect(decideRestart({ exitCode: 1, deathTimes: [now], now })).toEqual({ kind: 'restart', inMs: 100 })
})

test('each further death within half a minute doubles the wait', () => {
  const deathTimes = [now - 3_000, now - 2_000, now]
  expect(decideRestart({ exitCode: null, deathTimes, now })).toEqual({ kind: 'restart', inMs: 400 })
})

test('the fifth death within half a minute is the last', () => {
  const deathTimes = [now - 29_000, now - 20_000, now - 10_000, now - 1_000, now]
  expect(decideRestart({ exitCode: 1, deathTimes, now })).toEqual({ kind: 'give-up', reason: 'too-many-deaths' })
})

test('deaths longer ago than half a minute are forgotten', () => {
  const deathTimes = [now - 30_000, now - 20_000, now - 10_000, now - 1_000, now]
  expect(decideRestart({ exitCode: 1, deathTimes, now }).kind).toBe('restart')
})

test('a wrong configuration is never tried again', () => {
  expect(decideRestart({ exitCode: 78, deathTimes: [now], now })).toEqual({ kind: 'give-up', reason: 'configuration' })
})
