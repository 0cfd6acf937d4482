import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { retry } from './retry.ts'

const never = new AbortController().signal
const backOff = { minMs: 100, maxMs: 300 }

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** Fails `times` times, and records its calls. */
function failing(times: number) {
  const startMs = performance.now()
  const calledAtMs: number[] = []
  async function work(): Promise<string> {
    calledAtMs.push(performance.now() - startMs)
    if (calledAtMs.length <= times) throw new Error(`away ${calledAtMs.length}`)
    return 'done'
  }
  return { work, calledAtMs }
}

it('repeats the call until it succeeds, with pauses that double up to a bound', async () => {
  const { work, calledAtMs } = failing(4)
  const failures: number[] = []
  const done = retry(work, {
    ...{ backOff, signal: never, random: () => 1 },
    onFailure: (_, count) => void failures.push(count),
  })
  await vi.advanceTimersByTimeAsync(900)
  expect(await done).toBe('done')
  expect(calledAtMs).toEqual([0, 100, 300, 600, 900])
  expect(failures).toEqual([1, 2, 3, 4])
})

it.each([
  ['once its attempts are used up', { attemptsMax: 2 }, 'away 2'],
  ['that is not retriable', { isRetriable: () => false }, 'away 1'],
])('throws the error %s', async (_, options, message) => {
  const { work } = failing(9)
  const failed = expect(retry(work, { backOff, signal: never, ...options })).rejects.toThrow(message)
  await vi.advanceTimersByTimeAsync(1_000)
  await failed
})

it("throws the signal's reason during a pause, and after an attempt that failed because of it", async () => {
  const stopping = new AbortController()
  const { work, calledAtMs } = failing(9)
  const stopped = expect(retry(work, { backOff, signal: stopping.signal })).rejects.toThrow('stop')
  await vi.advanceTimersByTimeAsync(1)
  stopping.abort(new Error('stop'))
  await stopped
  expect(calledAtMs).toEqual([0])
  await expect(retry(work, { backOff, signal: stopping.signal, attemptsMax: 1 })).rejects.toThrow('stop')
})
