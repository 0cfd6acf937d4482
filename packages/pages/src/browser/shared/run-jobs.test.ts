import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createJobRunner } from './run-jobs.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

it('a job that throws is reported and restarts, as long as it is wanted', async () => {
  const thrown: unknown[] = []
  let starts = 0
  const run = createJobRunner<{ key: string }>(
    async () => {
      starts += 1
      throw new TypeError('not a function')
    },
    (error) => thrown.push(error),
  )
  run([{ key: 'one' }])
  await vi.advanceTimersByTimeAsync(1_000)
  expect(starts).toBe(2)
  expect(thrown[0]).toBeInstanceOf(TypeError)
  run([])
  await vi.advanceTimersByTimeAsync(60_000)
  expect(starts).toBe(2)
})

it('a job that ends is not repeated, and one that is no longer wanted is aborted', async () => {
  const signals: AbortSignal[] = []
  const run = createJobRunner<{ key: string }>(
    async (_, signal) => {
      signals.push(signal)
    },
    () => undefined,
  )
  run([{ key: 'one' }])
  run([{ key: 'one' }])
  expect(signals).toHaveLength(1)
  run([{ key: 'other' }])
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, false])
})
