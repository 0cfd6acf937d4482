import { join } from 'node:path'
import type { BenchRun } from '../bench.ts'
import { median } from '../machine/median.ts'
import { acceptedOf } from '../order-load/job.ts'
import { prepareOrders, writeOrders } from '../order-load/prepare-orders.ts'
import { oneItem } from '../system/operator.ts'
import type { BenchSystem } from '../system/system.ts'
import type { BaselineDatabase } from './baseline-database.ts'
import { type BaselineProcess, type BaselineServers, startBaseline } from './baseline-process.ts'
import { type Ask, baselineCandidate, type Candidate, type Driving, faultsOf, type Measurement } from './candidate.ts'
import type { StrategyName } from './strategies.ts'
import { type PoolSweep, sweepPools } from './sweep-pools.ts'

/** Far more units than all rounds order, so that nothing is sold out while rates are measured. */
const PLENTY = 1_000_000

export interface Table {
  readonly title: string
  readonly sweeps: readonly PoolSweep[]
  readonly standings: Readonly<Record<string, Standing>>
  readonly faults: readonly string[]
}

export interface Standing {
  readonly perSecond: number
  readonly values: readonly number[]
  /** Of the median round. */
  readonly p50Ms: number
  readonly p99Ms: number
  readonly shares: Readonly<Record<string, number>>
}

export interface Parts {
  readonly run: Pick<BenchRun, 'directory' | 'progress' | 'signal' | 'small'>
  readonly system: BenchSystem
  readonly database: BaselineDatabase
  readonly servers: BaselineServers
  readonly driving: Driving
  readonly core: Candidate
}

/** Measures the order core and every strategy in turn on one sale; chooses the pools first, in the same run. */
export async function compareStrategies(
  parts: Parts,
  wanted: {
    readonly title: string
    readonly sale: string
    readonly skus: readonly string[]
    readonly rounds: number
    readonly orders: number
    readonly pools: readonly number[]
  },
): Promise<Table> {
  const { run, system, core, driving } = parts
  const { sale, skus, rounds, title } = wanted
  await system.operator.openSale(sale, { items: skus.map((sku) => ({ ...oneItem(PLENTY), sku })) })
  run.progress(`${title}: minting ${(rounds + 1) * wanted.orders} admissions`)
  const asks: Ask[] = []
  for (let round = 0; round <= rounds; round += 1) {
    const ordersFile = join(run.directory, `${sale}-${round}.json`)
    const label = `${sale}-${round}`
    const orders = await prepareOrders({ dataDir: system.dataDir, sale, count: wanted.orders, skus, label })
    await writeOrders(ordersFile, orders)
    asks.push({ sale, ordersFile, total: PLENTY })
  }
  const [warmUp, ...counted] = asks
  if (warmUp === undefined) throw new Error('No warm-up was measured.')
  const sweeps = await sweepPools({ ...parts, pools: wanted.pools, ask: warmUp, skus, progress: run.progress })
  const faults = run.small ? [] : faultsOf(core.name, await core.measure(warmUp))
  const baselines = await startBaselines(parts, sweeps)
  try {
    const candidates = [
      core,
      ...baselines.map(({ strategy, server }) =>
        baselineCandidate(strategy, { server, database: parts.database, system, skusOf: () => skus, driving }),
      ),
    ]
    // New processes, whose code is not compiled yet; the order core has been warmed up already.
    if (!run.small) for (const candidate of candidates.slice(1)) await candidate.measure(warmUp)
    const measured = await inTurns(candidates, counted, run)
    faults.push(
      ...measured.flatMap(({ name, measurement }) =>
        faultsOf(name, measurement, { mayFail: run.small && name !== core.name }),
      ),
    )
    return { title, sweeps, standings: standingsOf(measured), faults }
  } finally {
    await Promise.all(baselines.map(({ server }) => server.stop()))
  }
}

interface Measured {
  readonly name: string
  readonly measurement: Measurement
}

async function inTurns(
  candidates: readonly Candidate[],
  asks: readonly Ask[],
  { progress, signal }: Pick<BenchRun, 'progress' | 'signal'>,
): Promise<Measured[]> {
  const measured: Measured[] = []
  for (const [index, ask] of asks.entries()) {
    for (const { name, measure } of candidates) {
      signal.throwIfAborted()
      const measurement = await measure(ask)
      measured.push({ name, measurement })
      const { perSecond, report } = measurement
      progress(
        `round ${index + 1} of ${asks.length}: ${name} ${Math.round(perSecond)}/s (${acceptedOf(report)} accepted, p99 ${Math.round(report.p99Ms)} ms)`,
      )
    }
  }
  return measured
}

/** Returns the median of each candidate's rounds, and the other figures of that round. Pure. */
export function standingsOf(measured: readonly Measured[]): Record<string, Standing> {
  const byName = Map.groupBy(measured, ({ name }) => name)
  const standings = [...byName].map(([name, rounds]) => {
    const values = rounds.map(({ measurement }) => measurement.perSecond)
    const perSecond = median(values)
    const typical = rounds.find(({ measurement }) => measurement.perSecond === perSecond)?.measurement
    const { p50Ms = 0, p99Ms = 0 } = typical?.report ?? {}
    return [name, { perSecond, values, p50Ms, p99Ms, shares: typical?.shares ?? {} }]
  })
  return Object.fromEntries(standings)
}

export interface RunningBaseline {
  readonly strategy: StrategyName
  readonly server: BaselineProcess
}

/** Starts each strategy as a separate process, with the best of its pools. */
const startBaselines = ({ servers }: Parts, sweeps: readonly PoolSweep[]): Promise<RunningBaseline[]> =>
  Promise.all(
    sweeps.map(async ({ strategy, best }) => ({
      strategy,
      server: await startBaseline(strategy, { servers, pool: best }),
    })),
  )
