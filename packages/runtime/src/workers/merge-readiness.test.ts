import { readiness } from '@floodgate/contracts'
import { describe, expect, it } from 'vitest'
import { mergeReadiness } from './merge-readiness.ts'

const ready = { ready: true, degraded: [], checks: { redis: { ready: true }, postgres: { ready: true } } }

describe('the readiness of several workers', () => {
  it('requires each check in all workers', () => {
    const merged = mergeReadiness([
      { worker: 1, state: 'answering', body: ready },
      { worker: 2, state: 'answering', body: ready },
    ])
    expect(readiness.parse(merged)).toEqual({
      ready: true,
      degraded: [],
      checks: { workers: { ready: true }, redis: { ready: true }, postgres: { ready: true } },
    })
  })

  it('names the worker and the check that is not ready', () => {
    const broken = {
      ready: false,
      degraded: [],
      checks: { ...ready.checks, redis: { ready: false, detail: 'not connected' } },
    }
    const merged = mergeReadiness([
      { worker: 1, state: 'answering', body: ready },
      { worker: 2, state: 'answering', body: broken },
    ])
    expect(readiness.parse(merged)).toEqual({
      ready: true,
      degraded: ['redis'],
      checks: {
        workers: { ready: true },
        redis: { ready: false, detail: 'worker 2: not connected' },
        postgres: { ready: true },
      },
    })
  })

  it('is green while one of several is down or silent, and names it', () => {
    const merged = mergeReadiness([
      { worker: 1, state: 'answering', body: ready },
      { worker: 2, state: 'down' },
      { worker: 3, state: 'silent' },
    ])
    expect(merged).toMatchObject({ ready: true, degraded: ['workers'] })
    expect(merged.checks.workers).toEqual({
      ready: false,
      detail: '1 of 3 respond: worker 2 is down, worker 3 is silent',
    })
    expect(merged.checks.redis).toEqual({ ready: true })
  })

  it('is red when no worker is ready, or none is left', () => {
    const broken = {
      ready: false,
      degraded: ['postgres'],
      checks: { redis: { ready: false }, postgres: { ready: false } },
    }
    const merged = mergeReadiness([
      { worker: 1, state: 'answering', body: broken },
      { worker: 2, state: 'down' },
    ])
    expect(merged).toMatchObject({ ready: false, degraded: ['workers', 'postgres'] })
    expect(mergeReadiness([{ worker: 1, state: 'down' }]).ready).toBe(false)
  })
})
