import { expect, it, vi } from 'vitest'
import { NotSent } from './pace/pace.ts'
import type { Lane } from './pace/pace-store.ts'
import { createResilience, ProviderBusy, ProviderFailure, retryAfterMsOf, unavailableOf } from './resilience.ts'

const NOW_MS = Date.parse('2026-01-02T03:04:05Z')
const signal = new AbortController().signal

/** A pace that records what passes; `take` fails while `isFull`. */
function recordedPace() {
  const seen = { taken: [] as Lane[], held: [] as number[], drains: 0, isFull: false }
  const pace = {
    async take(lane: Lane) {
      if (seen.isFull) throw new NotSent('full')
      seen.taken.push(lane)
    },
    holdOff: (ms: number) => void seen.held.push(ms),
    drain() {
      seen.drains += 1
    },
  }
  return { seen, pace }
}

const limits = { timeoutMs: 1_000, triesMax: 3, retryDelayMs: 1, breakerFailures: 2, breakerOpenMs: 1 }

it.each([
  ['2', 2_000],
  [' 0 ', 0],
  ['Fri, 02 Jan 2026 03:04:15 GMT', 10_000],
  ['Fri, 02 Jan 2026 03:04:00 GMT', 0],
  ['86400', 60_000],
  ['-5', 1_000],
  ['soon', 1_000],
  [undefined, 1_000],
])('Retry-After %j is %i ms', (value, expected) => {
  expect(retryAfterMsOf(value, NOW_MS)).toBe(expected)
})

it('a call rejected as too many is retried after the time asked for, and never opens the breaker', async () => {
  const { seen, pace } = recordedPace()
  const { run, state } = createResilience({ ...limits, pace })
  const rejected = run(() => Promise.reject(new ProviderBusy('3')), signal, 'charge')
  await expect(rejected).rejects.toThrow(ProviderBusy)
  expect(seen).toMatchObject({ taken: ['charge', 'charge', 'charge'], held: [3_000, 3_000, 3_000] })
  expect(state()).toBe('closed')
  await expect(rejected.catch(unavailableOf)).resolves.toMatchObject({ kind: 'unavailable', unknown: false })
})

it('a read rejected as too many holds off no write', async () => {
  const { seen, pace } = recordedPace()
  const { run, state } = createResilience({ ...limits, pace })
  await expect(run(() => Promise.reject(new ProviderBusy('3')), signal)).rejects.toThrow(ProviderBusy)
  expect([seen.held, seen.taken, state()]).toEqual([[0, 0, 0], [], 'closed'])
})

it('a write that waits for too long is not sent, and so has charged nothing', async () => {
  const { seen, pace } = recordedPace()
  seen.isFull = true
  const { run, state } = createResilience({ ...limits, pace })
  let calls = 0
  const outcome = await run(
    async () => {
      calls += 1
    },
    signal,
    'rest',
  ).catch(unavailableOf)
  expect([outcome, calls, state()]).toEqual([
    { kind: 'unavailable', unknown: false, detail: 'NotSent: full' },
    0,
    'closed',
  ])
})

it('reads are not paced, an open breaker takes no write, and the return of the provider begins a drain', async () => {
  const { seen, pace } = recordedPace()
  const { run, state } = createResilience({ ...limits, pace })
  const fail = () => Promise.reject(new ProviderFailure('down'))
  await run(async () => 'read', signal)
  expect(seen.taken).toEqual([])
  await expect(run(fail, signal, 'charge')).rejects.toThrow()
  expect([state(), seen.drains]).toEqual(['open', 0])
  expect(seen.taken).toEqual(['charge', 'charge'])
  // The breaker lets a call through again once it has been open for its time.
  expect(await vi.waitFor(() => run(async () => 'back', signal), { interval: 1 })).toBe('back')
  expect([state(), seen.drains]).toEqual(['closed', 1])
})
