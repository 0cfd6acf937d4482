import { AppError, createLogger } from '@floodgate/service'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { LineRedis } from '../line/line-redis.ts'
import type { Registry } from '../processes/registry.ts'
import type { LiveSale } from '../sales/live-sales.ts'
import { createTickFailures, type TickFailures } from './tick-failures.ts'
import { createTicker, type Ticker } from './ticker.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND

interface Told {
  state?: 'scheduled' | 'open' | 'closed'
  waiting?: number
  active?: number
  scheduledMs?: number
}

let sales: Map<string, Told>
let ids: Set<string>
let ranks: Map<string, number>
let run: (sale: string) => Promise<unknown>
let runs: Map<string, number>
let over: string[]
let warnings: object[]
let failures: TickFailures
let beat: (leaseMs: number) => Promise<void>
let ticker: Ticker

const told = ({ state = 'open', waiting = 0, active = 0, scheduledMs = 0 }: Told) => [
  ...['ok', Date.now(), state, '', 0, 0, 0, 0, 0],
  ...[waiting, active, scheduledMs, '0-0', 0, 0],
]

beforeEach(() => {
  vi.useFakeTimers()
  sales = new Map()
  ids = new Set()
  ranks = new Map()
  runs = new Map()
  over = []
  warnings = []
  run = async (sale) => told(sales.get(sale) ?? {})
  beat = async () => undefined
  const log = {
    ...createLogger({ app: 'waiting-room', level: 'silent' }),
    debug() {},
    warn: (fields: object) => void warnings.push(fields),
  } as never
  failures = createTickFailures({ log, count: () => undefined })
  ticker = createTicker({
    latestDeadlineMs: Date.now,
    line: {
      runId: () => 'run',
      run: (_script: unknown, sale: string) => {
        runs.set(sale, (runs.get(sale) ?? 0) + 1)
        return run(sale)
      },
    } as unknown as LineRedis,
    sales: { ids: () => ids, restore: async () => false, forget: (id) => void ids.delete(id) },
    registry: {
      beat: (leaseMs) => beat(leaseMs),
      leave: async () => undefined,
      rankOf: (sale) => ranks.get(sale) ?? 0,
      isAnyTicking: () => false,
      generation: () => 0,
    } satisfies Registry,
    failures,
    log,
    kid: () => 'kid',
    onTick: () => undefined,
    onDue: () => undefined,
    onOver: async (sale) => over.push(sale) > 0,
  })
  ticker.start()
})
afterEach(async () => {
  await ticker.stop()
  vi.useRealTimers()
})

const add = (id: string, sale: Told = {}) => {
  sales.set(id, sale)
  ids.add(id)
}
const ticksIn = async (id: string, ms: number) => {
  const before = runs.get(id) ?? 0
  await vi.advanceTimersByTimeAsync(ms)
  return (runs.get(id) ?? 0) - before
}
const snapshotOf = (id: string, { waiting, ageMs }: { waiting: number; ageMs: number }) =>
  ({
    id,
    snapshot: { publicState: 'open', counts: { waiting }, number: 10_000, tickedAtMs: 10_000 - ageMs },
  }) as LiveSale

describe('a sale of this process', () => {
  it('is ticked ten times a second while somebody waits, else once', async () => {
    add('busy', { waiting: 3 })
    add('inside', { active: 1 })
    await vi.advanceTimersByTimeAsync(2 * SECOND)
    expect(await ticksIn('busy', 10 * SECOND)).toBeGreaterThanOrEqual(99)
    expect(await ticksIn('inside', 10 * SECOND)).toBeLessThanOrEqual(11)
    expect(await ticksIn('inside', 10 * SECOND)).toBeGreaterThanOrEqual(9)
  })

  it('is ticked fast in the seconds before its schedule acts', async () => {
    add('soon', { state: 'scheduled', scheduledMs: Date.now() + 20 * SECOND })
    expect(await ticksIn('soon', 10 * SECOND)).toBeLessThan(15)
    await vi.advanceTimersByTimeAsync(8 * SECOND)
    expect(await ticksIn('soon', SECOND)).toBeGreaterThanOrEqual(9)
  })

  it('that is over is put away after one tick', async () => {
    add('over', { state: 'closed' })
    expect(await ticksIn('over', MINUTE)).toBe(1)
    expect(over).toEqual(['over'])
  })
})

describe('a sale of another process', () => {
  it('is left to it', async () => {
    ranks.set('other', 1)
    add('other', { waiting: 3 })
    expect(await ticksIn('other', MINUTE)).toBe(0)
  })

  it('is ticked from the moment on that it becomes ours', async () => {
    ranks.set('other', 1)
    add('other', { waiting: 3 })
    add('mine', { waiting: 3 })
    await vi.advanceTimersByTimeAsync(5 * SECOND)
    ranks.set('other', 0)
    expect(await ticksIn('other', 100)).toBe(1)
    expect(await ticksIn('other', SECOND)).toBeGreaterThanOrEqual(9)
  })

  it('is ticked here for a moment when somebody joins here and nobody waited', async () => {
    ranks.set('other', 1)
    add('other', { waiting: 1 })
    await vi.advanceTimersByTimeAsync(5 * SECOND)
    ticker.joined('other')
    expect(await ticksIn('other', 200)).toBeGreaterThanOrEqual(1)
    await vi.advanceTimersByTimeAsync(2 * SECOND)
    expect(await ticksIn('other', 10 * SECOND)).toBe(0)
  })

  it.each([
    ['its line was ticked lately', 1, { waiting: 5, ageMs: 300 }, false],
    ['nobody waits', 1, { waiting: 0, ageMs: 5_000 }, false],
    ['its ticks are missed', 1, { waiting: 5, ageMs: 401 }, true],
    ['others are nearer to step in', 3, { waiting: 5, ageMs: 401 }, false],
    ['those have not stepped in either', 3, { waiting: 5, ageMs: 601 }, true],
  ] as const)('when %s (rank %d): steps in as it should', async (_, rank, snapshot, steps) => {
    ranks.set('other', rank)
    add('other', { waiting: 5 })
    await vi.advanceTimersByTimeAsync(5 * SECOND)
    ticker.noteSnapshot(snapshotOf('other', snapshot))
    expect((await ticksIn('other', SECOND)) > 0).toBe(steps)
  })
})

describe('failing ticks', () => {
  it('of one sale leave the others alone, are slow, and are warned about once in ten seconds', async () => {
    add('good', { waiting: 1 })
    add('bad', { waiting: 1 })
    await vi.advanceTimersByTimeAsync(2 * SECOND)
    run = async (sale) => {
      if (sale === 'bad') throw new Error('WRONGTYPE')
      return told(sales.get(sale) ?? {})
    }
    const [good, bad] = await Promise.all([ticksIn('good', 25 * SECOND), ticksIn('bad', 0)])
    expect(good).toBeGreaterThan(240)
    expect(bad).toBeLessThan(30)
    expect(warnings.map((fields) => (fields as { sale: string }).sale)).toEqual(['bad', 'bad', 'bad'])
    expect(Object.fromEntries(failures.byState())).toEqual({ open: 1 })
    expect(failures.detail()).toMatch(/^ticks fail: bad \(open, for 2\d s\)$/)
    expect(ticker.silentMs()).toBeLessThan(SECOND)
    run = async (sale) => told(sales.get(sale) ?? {})
    await vi.advanceTimersByTimeAsync(2 * SECOND)
    expect(failures.detail()).toBeUndefined()
    expect(await ticksIn('bad', SECOND)).toBeGreaterThanOrEqual(9)
  })

  it('because Redis is away make the ticker silent, and one warning for all sales', async () => {
    for (let sale = 0; sale < 20; sale += 1) add(`sale-${sale}`, { waiting: 1 })
    await vi.advanceTimersByTimeAsync(2 * SECOND)
    run = async () => Promise.reject(new AppError('unavailable'))
    beat = run as never
    await vi.advanceTimersByTimeAsync(9 * SECOND)
    expect(ticker.silentMs()).toBeGreaterThanOrEqual(8 * SECOND)
    expect(warnings).toHaveLength(1)
  })
})

it('is not silent for want of a sale, nor when one opens after hours', async () => {
  await vi.advanceTimersByTimeAsync(60 * MINUTE)
  expect(ticker.silentMs()).toBeLessThanOrEqual(SECOND)
  add('opens', { waiting: 1 })
  expect(ticker.silentMs()).toBeLessThanOrEqual(SECOND)
})

it('takes a short lease only while it ticks fast', async () => {
  const leases: number[] = []
  beat = async (leaseMs) => void leases.push(leaseMs)
  await vi.advanceTimersByTimeAsync(5 * SECOND)
  expect(new Set(leases)).toEqual(new Set([3_500]))
  add('busy', { waiting: 1 })
  await vi.advanceTimersByTimeAsync(2 * SECOND)
  leases.length = 0
  await vi.advanceTimersByTimeAsync(SECOND)
  expect(new Set(leases)).toEqual(new Set([350]))
  expect(leases.length).toBeGreaterThanOrEqual(9)
})
