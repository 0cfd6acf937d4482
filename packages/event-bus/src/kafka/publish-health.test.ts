import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createPublishHealth } from './publish-health.ts'

let closing: AbortController
beforeEach(() => {
  vi.useFakeTimers()
  closing = new AbortController()
})
afterEach(() => {
  closing.abort()
  vi.useRealTimers()
})

/** `outcomes.look` is the error of a look; undefined: the cluster takes events. */
function createHealth() {
  const outcomes: { look: string | undefined; looks: number } = { look: undefined, looks: 0 }
  const health = createPublishHealth({
    async look() {
      outcomes.looks += 1
      if (outcomes.look !== undefined) throw outcomes.look
    },
    signal: closing.signal,
  })
  const fail = (error: unknown, signal?: AbortSignal) =>
    health.during(() => Promise.reject(error), signal).catch(() => undefined)
  return { health, outcomes, fail }
}

it('a failure of a process that publishes no more ends once the cluster takes events again', async () => {
  const { health, outcomes, fail } = createHealth()
  outcomes.look = 'no leader'
  await fail('too slow')
  expect(health.trouble()).toBe('too slow')
  await vi.advanceTimersByTimeAsync(5_000)
  expect(health.trouble()).toBe('no leader')
  outcomes.look = undefined
  await vi.advanceTimersByTimeAsync(1_000)
  expect(health.trouble()).toBeUndefined()
})

it('while a process goes on publishing, only that counts: a user may see a topic and not write to it', async () => {
  const { health, outcomes, fail } = createHealth()
  for (let attempt = 1; attempt <= 10; attempt += 1) {
    await fail('forbidden')
    await vi.advanceTimersByTimeAsync(2_000)
    expect(health.trouble()).toBe('forbidden')
  }
  void health.during(() => new Promise(() => undefined))
  await vi.advanceTimersByTimeAsync(30_000)
  expect([health.trouble(), outcomes.looks]).toEqual(['forbidden', 0])
})

it('a look that ends after a later call changes nothing', async () => {
  const looking = Promise.withResolvers<void>()
  const health = createPublishHealth({ look: () => looking.promise, signal: closing.signal })
  await health.during(() => Promise.reject('first')).catch(() => undefined)
  await vi.advanceTimersByTimeAsync(5_000)
  await health.during(() => Promise.reject('second')).catch(() => undefined)
  looking.resolve()
  await vi.advanceTimersByTimeAsync(0)
  expect(health.trouble()).toBe('second')
})

it('a call that its caller gave up says nothing about the cluster; one whose time was over does', async () => {
  const { health, fail } = createHealth()
  health.clear()
  await fail('stops', AbortSignal.abort(new Error('the relay stops')))
  expect(health.trouble()).toBeUndefined()
  await fail('late', AbortSignal.abort(new DOMException('too late', 'TimeoutError')))
  expect(health.trouble()).toBe('late')
})

it('before the first call nothing is looked at: the topics may not exist yet', async () => {
  const { health, outcomes } = createHealth()
  await vi.advanceTimersByTimeAsync(30_000)
  expect([health.trouble(), outcomes.looks]).toEqual(['not connected yet', 0])
})
