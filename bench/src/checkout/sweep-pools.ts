import type { BenchRun } from '../bench.ts'
import type { BenchSystem } from '../system/system.ts'
import type { BaselineDatabase } from './baseline-database.ts'
import { type BaselineServers, startBaseline } from './baseline-process.ts'
import { type Ask, baselineCandidate, type Driving } from './candidate.ts'
import { type StrategyName, strategyNames } from './strategies.ts'

export interface PoolSweep {
  readonly strategy: StrategyName
  /** Accepted orders per second by the size of the pool. */
  readonly perSecond: Readonly<Record<string, number>>
  readonly best: number
}

const SWEEP_SECONDS_MAX = 1.5

/** Runs each strategy briefly with each size of its pool; the fastest one is used in the comparison. */
export async function sweepPools(options: {
  readonly pools: readonly number[]
  readonly ask: Ask
  readonly skus: readonly string[]
  readonly system: BenchSystem
  readonly database: BaselineDatabase
  readonly servers: BaselineServers
  readonly driving: Driving
  readonly progress: BenchRun['progress']
}): Promise<PoolSweep[]> {
  const { pools, ask, skus, system, database, servers, driving, progress } = options
  const [only] = pools
  if (only !== undefined && pools.length === 1)
    return strategyNames.map((strategy) => ({ strategy, perSecond: {}, best: only }))
  const short = { ...driving, secondsMax: Math.min(SWEEP_SECONDS_MAX, driving.secondsMax) }
  const sweeps: PoolSweep[] = []
  for (const strategy of strategyNames) {
    const perSecond: Record<string, number> = {}
    for (const pool of pools) {
      driving.signal.throwIfAborted()
      const server = await startBaseline(strategy, { servers, pool })
      try {
        const candidate = baselineCandidate(strategy, { server, database, system, skusOf: () => skus, driving: short })
        perSecond[pool] = (await candidate.measure(ask)).perSecond
      } finally {
        await server.stop()
      }
    }
    const best = bestOf(perSecond)
    progress(`${strategy}: a pool of ${best} is best (${describe(perSecond)})`)
    sweeps.push({ strategy, perSecond, best })
  }
  return sweeps
}

/** Returns the key with the highest value. Pure. */
export function bestOf(perSecond: Readonly<Record<string, number>>): number {
  const [first] = Object.entries(perSecond).toSorted(([, left], [, right]) => right - left)
  if (first === undefined) throw new RangeError('No value to choose from.')
  return Number(first[0])
}

const describe = (perSecond: Readonly<Record<string, number>>): string =>
  Object.entries(perSecond)
    .map(([pool, rate]) => `${pool}: ${Math.round(rate)}/s`)
    .join(', ')
