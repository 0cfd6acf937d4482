import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createWaker } from './waker.ts'

const FOREVER_MS = 2 ** 30
const never = new AbortController().signal

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('ends a wait', async () => {
  const waker = createWaker()
  const waiting = waker.wait(FOREVER_MS, never)
  waker.wake()
  await waiting
  expect(vi.getTimerCount()).toBe(0)
})

it('keeps a call made before the wait, and merges many calls', async () => {
  const waker = createWaker()
  waker.wake()
  waker.wake()
  await waker.wait(FOREVER_MS, never)
  const aborted = new AbortController()
  const second = waker.wait(FOREVER_MS, aborted.signal).then(() => aborted.signal.aborted)
  aborted.abort()
  expect(await second).toBe(true)
  await waker.wait(FOREVER_MS, aborted.signal)
})

it('waits no longer than its time', async () => {
  const waker = createWaker()
  let isOver = false
  void waker.wait(100, never).then(() => {
    isOver = true
  })
  await vi.advanceTimersByTimeAsync(99)
  expect(isOver).toBe(false)
  await vi.advanceTimersByTimeAsync(1)
  expect(isOver).toBe(true)
})
