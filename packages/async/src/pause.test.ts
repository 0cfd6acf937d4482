import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { pause, pauseUntil } from './pause.ts'

const never = new AbortController().signal

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('ends after its time, at the given time, or with the signal, and leaves no timer behind', async () => {
  const ended: string[] = []
  const stopping = new AbortController()
  void pause(100, never).then(() => ended.push('time'))
  void pauseUntil(performance.now() + 200, never).then(() => ended.push('moment'))
  void pause(300, stopping.signal).then(() => ended.push('signal'))
  await vi.advanceTimersByTimeAsync(99)
  expect(ended).toEqual([])
  await vi.advanceTimersByTimeAsync(101)
  expect(ended).toEqual(['time', 'moment'])
  stopping.abort()
  await vi.advanceTimersByTimeAsync(0)
  expect(ended).toEqual(['time', 'moment', 'signal'])
  expect(vi.getTimerCount()).toBe(0)
})

it('does not wait for a time in the past, nor with an aborted signal', async () => {
  await pauseUntil(performance.now() - 1_000, never)
  await pause(1_000, AbortSignal.abort())
  expect(vi.getTimerCount()).toBe(0)
})
