import { AppError } from '@floodgate/runtime'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { snapshotOf, startTickerHarness, type TickerHarness } from '../testing/ticker-harness.ts'

const SECOND = 1_000

let harness: TickerHarness
beforeEach(() => {
  vi.useFakeTimers()
  harness = startTickerHarness()
})
afterEach(async () => {
  await harness.ticker.stop()
  vi.useRealTimers()
})

describe('failing ticks', () => {
  it('of one sale do not affect the others, are slow, and are logged once in ten seconds', async () => {
    harness.add('good', { waiting: 1 })
    harness.add('bad', { waiting: 1 })
    await vi.advanceTimersByTimeAsync(2 * SECOND)
    harness.run = async (sale) => {
      if (sale === 'bad') throw new Error('WRONGTYPE')
      return harness.reply(sale)
    }
    const [good, bad] = await Promise.all([harness.ticksIn('good', 25 * SECOND), harness.ticksIn('bad', 0)])
    expect(good).toBeGreaterThan(240)
    expect(bad).toBeLessThan(30)
    expect(harness.warnings.map((fields) => (fields as { sale: string }).sale)).toEqual(['bad', 'bad', 'bad'])
    expect(Object.fromEntries(harness.failures.byState())).toEqual({ open: 1 })
    expect(harness.failures.detail()).toMatch(/^ticks fail: bad \(open, for 2\d s\)$/)
    expect(harness.ticker.lastTickAgeMs()).toBeLessThan(SECOND)
    harness.run = harness.reply
    await vi.advanceTimersByTimeAsync(2 * SECOND)
    expect(harness.failures.detail()).toBeUndefined()
    expect(await harness.ticksIn('bad', SECOND)).toBeGreaterThanOrEqual(9)
  })

  it('of all sales do not make the ticker silent: Redis replied', async () => {
    harness.add('bad', { waiting: 1 })
    await vi.advanceTimersByTimeAsync(2 * SECOND)
    harness.run = async () => Promise.reject(new Error('OOM command not allowed'))
    harness.beat = harness.run as never
    await vi.advanceTimersByTimeAsync(20 * SECOND)
    expect(harness.ticker.lastTickAgeMs()).toBeLessThanOrEqual(SECOND)
    expect(harness.failures.detail()).toMatch(/^ticks fail: bad \(open, for \d+ s\); beats fail, for \d+ s$/)
  })

  it('of beats only do not make a process without sales silent', async () => {
    harness.ranks.set('other', 1)
    harness.add('other', { waiting: 1 })
    harness.beat = async () => Promise.reject(new AppError('unavailable'))
    await vi.advanceTimersByTimeAsync(20 * SECOND)
    expect(harness.ticker.lastTickAgeMs()).toBe(0)
    expect(harness.failures.detail()).toMatch(/^beats fail, for \d+ s$/)
    expect(harness.warnings.length).toBeGreaterThan(0)
    harness.beat = async () => undefined
    await vi.advanceTimersByTimeAsync(2 * SECOND)
    expect(harness.failures.detail()).toBeUndefined()
  })

  it('caused by an unavailable Redis make the ticker silent, with one warning for all sales', async () => {
    for (let sale = 0; sale < 20; sale += 1) harness.add(`sale-${sale}`, { waiting: 1 })
    await vi.advanceTimersByTimeAsync(2 * SECOND)
    harness.run = async () => Promise.reject(new AppError('unavailable'))
    harness.beat = harness.run as never
    await vi.advanceTimersByTimeAsync(9 * SECOND)
    expect(harness.ticker.lastTickAgeMs()).toBeGreaterThanOrEqual(8 * SECOND)
    expect(harness.warnings).toHaveLength(1)
  })

  it("of another process' sale, for which this one stepped in, are retried once a second and do not count here afterwards", async () => {
    harness.ranks.set('other', 1)
    harness.add('other', { waiting: 5 })
    await vi.advanceTimersByTimeAsync(5 * SECOND)
    harness.run = async () => Promise.reject(new Error('WRONGTYPE'))
    let ticks = 0
    for (let look = 0; look < 40; look += 1) {
      harness.ticker.noteSnapshot(snapshotOf('other', { waiting: 5, ageMs: 5_000 }))
      ticks += await harness.ticksIn('other', 250)
    }
    expect(ticks).toBeGreaterThanOrEqual(9)
    expect(ticks).toBeLessThanOrEqual(12)
    expect(harness.failures.detail()).toContain('other')
    await vi.advanceTimersByTimeAsync(3 * SECOND)
    expect(harness.failures.detail()).toBeUndefined()
  })
})
