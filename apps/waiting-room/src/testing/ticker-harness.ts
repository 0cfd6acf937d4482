import { silentLogger } from '@floodgate/testkit/fixtures'
import { vi } from 'vitest'
import { createTickFailures, type TickFailures } from '../admission/tick-failures.ts'
import { createTicker, type Ticker } from '../admission/ticker.ts'
import type { LineRedis } from '../redis/line-redis.ts'
import type { CachedSale } from '../sales/sale-cache.ts'

export interface Told {
  readonly state?: 'scheduled' | 'open' | 'closed'
  readonly waiting?: number
  readonly active?: number
  readonly scheduledMs?: number
}

/** Creates a ticker on fake timers; the test simulates Redis, registry and other processes. */
export interface TickerHarness {
  readonly ticker: Ticker
  readonly failures: TickFailures
  /** This process' rank by sale; 0 where it is not listed. */
  readonly ranks: Map<string, number>
  readonly runs: ReadonlyMap<string, number>
  readonly over: readonly string[]
  readonly warnings: readonly object[]
  run(sale: string): Promise<unknown>
  beat(leaseMs: number): Promise<void>
  generation: number
  add(sale: string, told?: Told): void
  reply(sale: string): Promise<unknown>
  ticksIn(sale: string, ms: number): Promise<number>
}

export function startTickerHarness(): TickerHarness {
  const sales = new Map<string, Told>()
  const ids = new Set<string>()
  const runs = new Map<string, number>()
  const over: string[] = []
  const warnings: object[] = []
  const log = {
    ...silentLogger,
    debug() {},
    warn: (fields: object) => void warnings.push(fields),
  } as never
  const failures = createTickFailures({ log, count: () => undefined })

  async function reply(sale: string): Promise<unknown> {
    const { state = 'open', waiting = 0, active = 0, scheduledMs = 0 } = sales.get(sale) ?? {}
    return ['ok', Date.now(), state, '', 0, 0, 0, 0, 0, waiting, active, scheduledMs, '0-0', 0, 0]
  }
  const harness: Omit<TickerHarness, 'ticker'> = {
    ...{ failures, ranks: new Map(), runs, over, warnings, generation: 0, reply, run: reply },
    beat: async () => undefined,
    add: (sale, told = {}) => {
      sales.set(sale, told)
      ids.add(sale)
    },
    ticksIn: async (sale, ms) => {
      const before = runs.get(sale) ?? 0
      await vi.advanceTimersByTimeAsync(ms)
      return (runs.get(sale) ?? 0) - before
    },
  }
  const ticker = createTicker({
    latestDeadlineMs: Date.now,
    line: {
      runId: () => 'run',
      run: (_script: unknown, sale: string) => {
        runs.set(sale, (runs.get(sale) ?? 0) + 1)
        return harness.run(sale)
      },
    } as unknown as LineRedis,
    sales: { ids: () => ids, restore: async () => false, forget: (id) => void ids.delete(id) },
    registry: {
      beat: (leaseMs) => harness.beat(leaseMs),
      leave: async () => undefined,
      rankOf: (sale) => harness.ranks.get(sale) ?? 0,
      isAnyTicking: () => false,
      generation: () => harness.generation,
      lastBeat: () => ({ atMs: 0, alive: [] }),
    },
    failures,
    log,
    kid: () => 'kid',
    rateShare: () => 1,
    onTick: () => undefined,
    onDue: () => undefined,
    onOver: async (sale) => over.push(sale) > 0,
  })
  ticker.start()
  return Object.assign(harness, { ticker })
}

/** Builds an open sale as another process' ticks left it. */
export function snapshotOf(id: string, { waiting, ageMs }: { waiting: number; ageMs: number }): CachedSale {
  return {
    id,
    snapshot: { state: 'open', publicState: 'open', counts: { waiting }, number: 10_000, tickedAtMs: 10_000 - ageMs },
  } as CachedSale
}
