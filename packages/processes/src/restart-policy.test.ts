import { describe, expect, test } from 'vitest'
import {
  decideRestart,
  EXIT_CODE_CONFIGURATION,
  SYSTEM_RESTARTS,
  type UnexpectedDeath,
  WORKER_RESTARTS,
} from './restart-policy.ts'

const NOW = 100_000

describe('a process of a watched system', () => {
  const decide = (death: Partial<UnexpectedDeath>) =>
    decideRestart(SYSTEM_RESTARTS, { exitCode: 1, livedMs: 1_000, deathTimes: [], now: NOW, ...death })

  test('that died once is restarted soon', () => {
    expect(decide({})).toEqual({ kind: 'restart', inMs: 100, deathTimes: [NOW] })
  })

  test('waits twice as long with each further death within half a minute', () => {
    expect(decide({ exitCode: null, deathTimes: [NOW - 3_000, NOW - 2_000] })).toMatchObject({ inMs: 400 })
  })

  test('is given up at the fifth death within half a minute', () => {
    const deathTimes = [NOW - 29_000, NOW - 20_000, NOW - 10_000, NOW - 1_000]
    expect(decide({ deathTimes })).toEqual({ kind: 'give-up', reason: 'too-many-deaths' })
  })

  test('has older deaths forgotten', () => {
    const deathTimes = [NOW - 60_000, NOW - 50_000, NOW - 40_000, NOW - 30_000]
    expect(decide({ deathTimes })).toEqual({ kind: 'restart', inMs: 100, deathTimes: [NOW] })
  })

  test('is not restarted when it rejected its configuration', () => {
    expect(decide({ exitCode: EXIT_CODE_CONFIGURATION })).toEqual({ kind: 'give-up', reason: 'configuration' })
  })
})

describe('a worker', () => {
  const decide = (death: Partial<UnexpectedDeath>) =>
    decideRestart(WORKER_RESTARTS, { exitCode: null, livedMs: 1_000, deathTimes: [], now: NOW, ...death })

  test('is restarted after pauses that double from one second to thirty, however often it dies', () => {
    const pauses: number[] = []
    let deathTimes: readonly number[] = []
    for (let deaths = 0; deaths < 100; deaths += 1) {
      const decision = decide({ deathTimes })
      if (decision.kind !== 'restart') throw new Error('The process was given up.')
      pauses.push(decision.inMs)
      deathTimes = decision.deathTimes
    }
    expect(pauses.slice(0, 7)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000])
    expect(pauses.at(-1)).toBe(30_000)
    expect(deathTimes.length).toBeLessThan(100)
  })

  test('loses its earlier deaths once it has lived for a minute', () => {
    const deathTimes = Array.from({ length: 9 }, () => 0)
    expect(decide({ deathTimes, livedMs: 60_000 })).toEqual({ kind: 'restart', inMs: 1_000, deathTimes: [NOW] })
    expect(decide({ deathTimes, livedMs: 59_999 })).toMatchObject({ inMs: 30_000 })
  })

  test('is not restarted when it rejected its configuration', () => {
    expect(decide({ exitCode: EXIT_CODE_CONFIGURATION })).toEqual({ kind: 'give-up', reason: 'configuration' })
  })
})
