import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { raceSignal, settledWithin } from './race-signal.ts'

const never = new AbortController().signal

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('settles as the call does', async () => {
  expect(await raceSignal(Promise.resolve(1), undefined, never)).toBe(1)
  await expect(raceSignal(Promise.reject(new Error('away')), never)).rejects.toThrow('away')
})

it('rejects with the reason of the first signal that aborts, and ignores the outcome of the call', async () => {
  const call = Promise.withResolvers<void>()
  const [first, second] = [new AbortController(), new AbortController()]
  const race = raceSignal(call.promise, first.signal, second.signal)
  second.abort(new Error('closed'))
  first.abort(new Error('late'))
  await expect(race).rejects.toThrow('closed')
  await expect(raceSignal(call.promise, never, first.signal)).rejects.toThrow('late')
  call.reject(new Error('no caller waits for the call any more'))
  await expect(raceSignal(call.promise, second.signal)).rejects.toThrow('closed')
})

it('reports within its time whether work has settled, even if it failed', async () => {
  expect(await settledWithin(100, undefined)).toBe(true)
  expect(await settledWithin(100, Promise.reject(new Error('away')))).toBe(true)
  const slow = settledWithin(100, new Promise(() => undefined))
  await vi.advanceTimersByTimeAsync(100)
  expect(await slow).toBe(false)
  expect(vi.getTimerCount()).toBe(0)
})
