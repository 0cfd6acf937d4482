import { describe, expect, it } from 'vitest'
import { exitCodeConfig } from '../refusal.ts'
import { decideWorkerRestart, type WorkerDeath } from './restart-policy.ts'

const death = (known: Partial<WorkerDeath>) =>
  decideWorkerRestart({ exitCode: null, livedMs: 1_000, earlyDeaths: 0, anyStarted: true, ...known })

describe('a worker that died', () => {
  it('comes back after pauses that double from one second to thirty', () => {
    const pauses: number[] = []
    for (let earlyDeaths = 0; earlyDeaths < 7; ) {
      const decision = death({ earlyDeaths })
      if (decision.kind !== 'restart') throw new Error('It was given up.')
      pauses.push(decision.inMs)
      earlyDeaths = decision.earlyDeaths
    }
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000])
  })

  it('has its earlier deaths forgotten once it lived for a minute', () => {
    expect(death({ earlyDeaths: 9, livedMs: 60_000 })).toEqual({ kind: 'restart', inMs: 1_000, earlyDeaths: 1 })
    expect(death({ earlyDeaths: 9, livedMs: 59_999 })).toMatchObject({ inMs: 30_000 })
  })

  it('is not started again when it refused its configuration', () => {
    expect(death({ exitCode: exitCodeConfig })).toEqual({ kind: 'give-up', reason: 'configuration' })
  })

  it('ends the app when no worker ever started', () => {
    expect(death({ exitCode: 1, anyStarted: false })).toEqual({ kind: 'give-up', reason: 'never-started' })
    expect(death({ exitCode: 1 })).toMatchObject({ kind: 'restart' })
  })
})
