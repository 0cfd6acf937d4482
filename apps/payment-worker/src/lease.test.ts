import { once } from 'node:events'
import { expect, test } from 'vitest'
import { LEASE_SECONDS, ROUND_MS_MAX, ROUND_MS_MIN, runWithinLease } from './lease.ts'

const never = new AbortController().signal
const shortest = () => performance.now() - ROUND_MS_MAX + ROUND_MS_MIN

test('a round ends before its lease does, and with its worker', async () => {
  expect(ROUND_MS_MAX).toBeLessThan(LEASE_SECONDS * 1_000)
  let ends = 0
  await runWithinLease({ leasedAtMs: shortest() + 100, signal: never }, async (signal) => {
    expect(signal.aborted).toBe(false)
    await once(signal, 'abort')
    ends += 1
  })
  const worker = new AbortController()
  await runWithinLease({ leasedAtMs: performance.now(), signal: worker.signal }, async (signal) => {
    const ended = once(signal, 'abort')
    worker.abort()
    await ended
    ends += 1
  })
  await runWithinLease({ leasedAtMs: performance.now(), signal: worker.signal }, async (signal) => {
    expect(signal.aborted).toBe(true)
    ends += 1
  })
  expect(ends).toBe(3)
})

test('a round with too little time left does not begin', async () => {
  let begun = false
  await runWithinLease({ leasedAtMs: shortest() - 1, signal: never }, async () => {
    begun = true
  })
  expect(begun).toBe(false)
})
