import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { LEASE_AT_REST_MS } from '../processes/registry.ts'
import type { CachedSale } from '../sales/sale-cache.ts'
import { snapshotOf, startTickerHarness, type TickerHarness } from '../testing/ticker-harness.ts'
import { SCHEDULE_NEAR_MS } from './pace.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND

let harness: TickerHarness
beforeEach(() => {
  vi.useFakeTimers()
  harness = startTickerHarness()
})
afterEach(async () => {
  await harness.ticker.stop()
  vi.useRealTimers()
})

/** Builds a sale without waiting buyers whose schedule is overdue by this time. */
const lateSnapshotOf = (id: string, act: 'opens' | 'closes', lateMs: number) => {
  const state = act === 'opens' ? ('scheduled' as const) : ('paused' as const)
  const times = act === 'opens' ? { opensAtMs: 10_000 - lateMs } : { opensAtMs: 1_000, closesAtMs: 10_000 - lateMs }
  const snapshot = { state, publicState: state, counts: { waiting: 0 }, number: 10_000, tickedAtMs: 0, ...times }
  return { id, snapshot } as CachedSale
}

describe('a sale of this process', () => {
  it('is ticked ten times a second while buyers wait, else once', async () => {
    harness.add('busy', { waiting: 3 })
    harness.add('inside', { active: 1 })
    await vi.advanceTimersByTimeAsync(2 * SECOND)
    expect(await harness.ticksIn('busy', 10 * SECOND)).toBeGreaterThanOrEqual(99)
    expect(await harness.ticksIn('inside', 10 * SECOND)).toBeLessThanOrEqual(11)
    expect(await harness.ticksIn('inside', 10 * SECOND)).toBeGreaterThanOrEqual(9)
  })

  it('is ticked fast in the seconds before its schedule acts', async () => {
    harness.add('soon', { state: 'scheduled', scheduledMs: Date.now() + 20 * SECOND })
    expect(await harness.ticksIn('soon', 10 * SECOND)).toBeLessThan(15)
    await vi.advanceTimersByTimeAsync(5 * SECOND)
    // Before a lease at rest could outlast its process.
    expect(await harness.ticksIn('soon', SECOND)).toBeGreaterThanOrEqual(9)
    expect(SCHEDULE_NEAR_MS).toBeGreaterThan(LEASE_AT_REST_MS + 2 * SECOND)
  })

  it('that is over is retired after one tick', async () => {
    harness.add('over', { state: 'closed' })
    expect(await harness.ticksIn('over', MINUTE)).toBe(1)
    expect(harness.over).toEqual(['over'])
  })
})

describe('a sale of another process', () => {
  it('is left to that process', async () => {
    harness.ranks.set('other', 1)
    harness.add('other', { waiting: 3 })
    expect(await harness.ticksIn('other', MINUTE)).toBe(0)
  })

  it('is ticked as soon as it becomes ours', async () => {
    harness.ranks.set('other', 1)
    harness.add('other', { waiting: 3 })
    harness.add('mine', { waiting: 3 })
    await vi.advanceTimersByTimeAsync(5 * SECOND)
    harness.ranks.set('other', 0)
    expect(await harness.ticksIn('other', 100)).toBe(1)
    expect(await harness.ticksIn('other', SECOND)).toBeGreaterThanOrEqual(9)
  })

  it('that a beat makes ours is ticked at once, not at the next turn', async () => {
    harness.ranks.set('other', 1)
    harness.add('other', { waiting: 0 })
    await vi.advanceTimersByTimeAsync(5 * SECOND)
    let beats = 0
    harness.beat = async () => {
      beats += 1
      harness.ranks.set('other', 0)
      harness.generation = 1
    }
    while (beats === 0) await vi.advanceTimersByTimeAsync(10)
    expect(beats).toBe(1)
    expect(harness.runs.get('other')).toBe(1)
  })

  it.each([
    ['opens', 1, 400, false],
    ['opens', 1, 401, true],
    ['closes', 2, 500, false],
    ['closes', 2, 501, true],
    ['opens', 0, -1_000, false],
  ] as const)(
    'that %s by its schedule (rank %d, %d ms late) is ticked here only when it should be',
    async (act, rank, lateMs, steps) => {
      harness.ranks.set('other', 1)
      harness.add('other')
      await vi.advanceTimersByTimeAsync(5 * SECOND)
      harness.ranks.set('other', rank)
      harness.ticker.noteSnapshot(lateSnapshotOf('other', act, lateMs))
      harness.ranks.set('other', 1)
      expect((await harness.ticksIn('other', SECOND)) > 0).toBe(steps)
    },
  )

  it('is ticked here for a moment when a buyer joins an empty line here', async () => {
    harness.ranks.set('other', 1)
    harness.add('other', { waiting: 1 })
    await vi.advanceTimersByTimeAsync(5 * SECOND)
    harness.ticker.joined('other')
    expect(await harness.ticksIn('other', 200)).toBeGreaterThanOrEqual(1)
    await vi.advanceTimersByTimeAsync(2 * SECOND)
    expect(await harness.ticksIn('other', 10 * SECOND)).toBe(0)
  })

  it.each([
    ['its line was ticked lately', 1, { waiting: 5, ageMs: 300 }, false],
    ['nobody waits', 1, { waiting: 0, ageMs: 5_000 }, false],
    ['its ticks are missed', 1, { waiting: 5, ageMs: 401 }, true],
    ['others are nearer to step in', 3, { waiting: 5, ageMs: 401 }, false],
    ['those have not stepped in either', 3, { waiting: 5, ageMs: 601 }, true],
  ] as const)('when %s (rank %d): is ticked here only when it should be', async (_, rank, snapshot, steps) => {
    harness.ranks.set('other', rank)
    harness.add('other', { waiting: 5 })
    await vi.advanceTimersByTimeAsync(5 * SECOND)
    harness.ticker.noteSnapshot(snapshotOf('other', snapshot))
    expect((await harness.ticksIn('other', SECOND)) > 0).toBe(steps)
  })
})

it('is not silent while it has no sale, nor when one opens after hours', async () => {
  await vi.advanceTimersByTimeAsync(60 * MINUTE)
  expect(harness.ticker.lastTickAgeMs()).toBeLessThanOrEqual(SECOND)
  harness.add('opens', { waiting: 1 })
  expect(harness.ticker.lastTickAgeMs()).toBeLessThanOrEqual(SECOND)
})

it('takes a short lease only while it ticks fast', async () => {
  const leases: number[] = []
  harness.beat = async (leaseMs) => void leases.push(leaseMs)
  await vi.advanceTimersByTimeAsync(5 * SECOND)
  expect(new Set(leases)).toEqual(new Set([3_500]))
  harness.add('busy', { waiting: 1 })
  await vi.advanceTimersByTimeAsync(2 * SECOND)
  leases.length = 0
  await vi.advanceTimersByTimeAsync(SECOND)
  expect(new Set(leases)).toEqual(new Set([350]))
  expect(leases.length).toBeGreaterThanOrEqual(9)
})
