import { AppError } from '@floodgate/runtime'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { snapshotOf, startTickerWorld, type TickerWorld } from '../testing/ticker-world.ts'

const SECOND = 1_000

let world: TickerWorld
beforeEach(() => {
  vi.useFakeTimers()
  world = startTickerWorld()
})
afterEach(async () => {
  await world.ticker.stop()
  vi.useRealTimers()
})

describe('failing ticks', () => {
  it('of one sale do not affect the others, are slow, and are logged once in ten seconds', async () => {
    world.add('good', { waiting: 1 })
    world.add('bad', { waiting: 1 })
    await vi.advanceTimersByTimeAsync(2 * SECOND)
    world.run = async (sale) => {
      if (sale === 'bad') throw new Error('WRONGTYPE')
      return world.reply(sale)
    }
    const [good, bad] = await Promise.all([world.ticksIn('good', 25 * SECOND), world.ticksIn('bad', 0)])
    expect(good).toBeGreaterThan(240)
    expect(bad).toBeLessThan(30)
    expect(world.warnings.map((fields) => (fields as { sale: string }).sale)).toEqual(['bad', 'bad', 'bad'])
    expect(Object.fromEntries(world.failures.byState())).toEqual({ open: 1 })
    expect(world.failures.detail()).toMatch(/^ticks fail: bad \(open, for 2\d s\)$/)
    expect(world.ticker.lastTickAgeMs()).toBeLessThan(SECOND)
    world.run = world.reply
    await vi.advanceTimersByTimeAsync(2 * SECOND)
    expect(world.failures.detail()).toBeUndefined()
    expect(await world.ticksIn('bad', SECOND)).toBeGreaterThanOrEqual(9)
  })

  it('of all sales do not make the ticker silent: Redis replied', async () => {
    world.add('bad', { waiting: 1 })
    await vi.advanceTimersByTimeAsync(2 * SECOND)
    world.run = async () => Promise.reject(new Error('OOM command not allowed'))
    world.beat = world.run as never
    await vi.advanceTimersByTimeAsync(20 * SECOND)
    expect(world.ticker.lastTickAgeMs()).toBeLessThanOrEqual(SECOND)
    expect(world.failures.detail()).toMatch(/^ticks fail: bad \(open, for \d+ s\); beats fail, for \d+ s$/)
  })

  it('of beats only do not make a process without sales silent', async () => {
    world.ranks.set('other', 1)
    world.add('other', { waiting: 1 })
    world.beat = async () => Promise.reject(new AppError('unavailable'))
    await vi.advanceTimersByTimeAsync(20 * SECOND)
    expect(world.ticker.lastTickAgeMs()).toBe(0)
    expect(world.failures.detail()).toMatch(/^beats fail, for \d+ s$/)
    expect(world.warnings.length).toBeGreaterThan(0)
    world.beat = async () => undefined
    await vi.advanceTimersByTimeAsync(2 * SECOND)
    expect(world.failures.detail()).toBeUndefined()
  })

  it('caused by an unavailable Redis make the ticker silent, with one warning for all sales', async () => {
    for (let sale = 0; sale < 20; sale += 1) world.add(`sale-${sale}`, { waiting: 1 })
    await vi.advanceTimersByTimeAsync(2 * SECOND)
    world.run = async () => Promise.reject(new AppError('unavailable'))
    world.beat = world.run as never
    await vi.advanceTimersByTimeAsync(9 * SECOND)
    expect(world.ticker.lastTickAgeMs()).toBeGreaterThanOrEqual(8 * SECOND)
    expect(world.warnings).toHaveLength(1)
  })

  it("of another process' sale, for which this one stepped in, are retried once a second and do not count here afterwards", async () => {
    world.ranks.set('other', 1)
    world.add('other', { waiting: 5 })
    await vi.advanceTimersByTimeAsync(5 * SECOND)
    world.run = async () => Promise.reject(new Error('WRONGTYPE'))
    let ticks = 0
    for (let look = 0; look < 40; look += 1) {
      world.ticker.noteSnapshot(snapshotOf('other', { waiting: 5, ageMs: 5_000 }))
      ticks += await world.ticksIn('other', 250)
    }
    expect(ticks).toBeGreaterThanOrEqual(9)
    expect(ticks).toBeLessThanOrEqual(12)
    expect(world.failures.detail()).toContain('other')
    await vi.advanceTimersByTimeAsync(3 * SECOND)
    expect(world.failures.detail()).toBeUndefined()
  })
})
