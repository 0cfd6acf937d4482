import { readiness } from '@floodgate/contracts'
import { describe, expect, it } from 'vitest'
import { mergeReadiness } from './merge-readiness.ts'

const ready = { ready: true, checks: { redis: { ready: true }, postgres: { ready: true } } }

describe('the readiness of several workers', () => {
  it('is that of each check in all of them', () => {
    const merged = mergeReadiness([
      { worker: 1, state: 'answering', body: ready },
      { worker: 2, state: 'answering', body: ready },
    ])
    expect(readiness.parse(merged)).toEqual({
      ready: true,
      checks: { workers: { ready: true }, redis: { ready: true }, postgres: { ready: true } },
    })
  })

  it('names the worker and the check that is not ready', () => {
    const broken = { ready: false, checks: { ...ready.checks, redis: { ready: false, detail: 'not connected' } } }
    const merged = mergeReadiness([
      { worker: 1, state: 'answering', body: ready },
      { worker: 2, state: 'answering', body: broken },
    ])
    expect(readiness.parse(merged)).toEqual({
      ready: false,
      checks: {
        workers: { ready: true },
        redis: { ready: false, detail: 'worker 2: not connected' },
        postgres: { ready: true },
      },
    })
  })

  it('is red while a worker is down or says nothing', () => {
    const merged = mergeReadiness([
      { worker: 1, state: 'answering', body: ready },
      { worker: 2, state: 'down' },
      { worker: 3, state: 'silent' },
    ])
    expect(merged.ready).toBe(false)
    expect(merged.checks.workers).toEqual({
      ready: false,
      detail: '1 of 3 answer: worker 2 is down, worker 3 is silent',
    })
    expect(merged.checks.redis).toEqual({ ready: true })
  })
})
