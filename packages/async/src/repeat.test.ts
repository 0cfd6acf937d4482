import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type RepeatOptions, repeat } from './repeat.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** Repeats work that takes `takesMs`, and records when its rounds begin. */
function start(options: Partial<RepeatOptions> & { readonly takesMs?: number } = {}) {
  const startMs = performance.now()
  const beganAtMs: number[] = []
  const errors: unknown[] = []
  const repeated = repeat({
    everyMs: () => 100,
    async work() {
      beganAtMs.push(performance.now() - startMs)
      if (options.takesMs) await new Promise((resolve) => setTimeout(resolve, options.takesMs))
    },
    onError: (error) => void errors.push(error),
    ...options,
  })
  return { repeated, beganAtMs, errors }
}

describe('repeated work', () => {
  it('begins at once, and again after the pause that follows each round', async () => {
    const { beganAtMs } = start({ takesMs: 50 })
    expect(beganAtMs).toEqual([0])
    await vi.advanceTimersByTimeAsync(300)
    expect(beganAtMs).toEqual([0, 150, 300])
  })

  it('with a fixed period begins at its multiples, however long a round takes', async () => {
    await vi.advanceTimersByTimeAsync(1_000 - (performance.now() % 1_000) + 300)
    const { beganAtMs } = start({ everyMs: 1_000, takesMs: 50 })
    await vi.advanceTimersByTimeAsync(1_700)
    expect(beganAtMs).toEqual([0, 700, 1_700])
  })

  it('may begin with a delay', async () => {
    const { beganAtMs } = start({ startAfterMs: 30 })
    await vi.advanceTimersByTimeAsync(130)
    expect(beganAtMs).toEqual([30, 130])
  })

  it('continues after a failed round, and reports the age of its last success', async () => {
    let seen = -1
    const { repeated, errors } = start({
      async work(_, round) {
        seen = round
        if (round !== 1) throw new Error(`round ${round}`)
      },
    })
    await vi.advanceTimersByTimeAsync(0)
    expect(repeated.lastSuccessAgeMs()).toBe(Number.POSITIVE_INFINITY)
    await vi.advanceTimersByTimeAsync(240)
    expect(repeated.lastSuccessAgeMs()).toBe(140)
    expect([seen, errors.map(String)]).toEqual([2, ['Error: round 0', 'Error: round 2']])
  })

  it('runs sooner when requested, and never later', async () => {
    const { repeated, beganAtMs } = start()
    await vi.advanceTimersByTimeAsync(10)
    repeated.runSooner(200)
    repeated.runSooner(20)
    repeated.runSooner(40)
    await vi.advanceTimersByTimeAsync(20)
    repeated.runSooner()
    await vi.advanceTimersByTimeAsync(100)
    expect(beganAtMs).toEqual([0, 30, 30, 130])
  })

  it('runs again sooner when requested during a round', async () => {
    const { repeated, beganAtMs } = start({ takesMs: 50 })
    repeated.runSooner()
    await vi.advanceTimersByTimeAsync(60)
    repeated.runSooner(70)
    await vi.advanceTimersByTimeAsync(90)
    // No timer is shorter than 1 ms.
    expect(beganAtMs).toEqual([0, 51, 130])
  })

  it.each(['stop', 'signal'])('ends with its %s: the current round is awaited, and no other follows', async (how) => {
    const stopping = new AbortController()
    let aborted = false
    let rounds = 0
    const { repeated, errors } = start({
      signal: stopping.signal,
      async work(signal) {
        rounds += 1
        await new Promise((resolve) => setTimeout(resolve, 50))
        aborted = signal.aborted
        signal.throwIfAborted()
      },
    })
    await vi.advanceTimersByTimeAsync(10)
    if (how === 'signal') stopping.abort()
    const stopped = repeated.stop()
    expect(aborted).toBe(false)
    await vi.advanceTimersByTimeAsync(1_000)
    await stopped
    repeated.runSooner()
    await vi.advanceTimersByTimeAsync(1_000)
    expect({ aborted, rounds, errors }).toEqual({ aborted: true, rounds: 1, errors: [] })
    expect(vi.getTimerCount()).toBe(0)
  })

  it('does not begin when its signal has aborted', async () => {
    const { repeated, beganAtMs } = start({ signal: AbortSignal.abort() })
    await repeated.stop()
    expect(beganAtMs).toEqual([])
  })
})
