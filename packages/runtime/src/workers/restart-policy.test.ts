import { EXIT_CODE_CONFIGURATION } from '@floodgate/processes'
import { describe, expect, it } from 'vitest'
import { decideWorkerRestart, type WorkerDeath } from './restart-policy.ts'

const death = (known: Partial<WorkerDeath>) =>
  decideWorkerRestart({ exitCode: null, livedMs: 1_000, deathTimes: [], now: 0, anyStarted: true, ...known })

describe('a worker that died', () => {
  it('is restarted after a second', () => {
    expect(death({ exitCode: 1 })).toMatchObject({ kind: 'restart', inMs: 1_000 })
  })

  it('is not restarted when it rejected its configuration', () => {
    const rejected = { exitCode: EXIT_CODE_CONFIGURATION, anyStarted: false }
    expect(death(rejected)).toEqual({ kind: 'give-up', reason: 'configuration' })
  })

  it('ends the app when no worker ever started', () => {
    expect(death({ exitCode: 1, anyStarted: false })).toEqual({ kind: 'give-up', reason: 'never-started' })
  })
})
