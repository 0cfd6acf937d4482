import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createPool } from '@floodgate/database'
import type { SystemOptions } from '@floodgate/dev/system'
import { type BenchRun, defineBench } from '../bench.ts'
import { withCpu } from '../checkout/cpu-watch.ts'
import { untilConfirmed } from '../confirm/confirmation-times.ts'
import { driveOrders } from '../order-load/drive-orders.ts'
import { acceptedOf } from '../order-load/job.ts'
import { prepareOrders, writeOrders } from '../order-load/prepare-orders.ts'
import { oneItem } from '../system/operator.ts'
import { type BenchSystem, withSystem } from '../system/system.ts'
import { startCollector } from './collector.ts'
import { type PairedRound, reportTraces, TRACED_APPS } from './report-traces.ts'
import { measureSpans } from './span-cost.ts'

const SKU = 'COAT'
const CONNECTIONS = 64
const STILL_MS_MAX = 60_000
const SPAN_ROUNDS = 20

interface Load {
  readonly perSecond: number
  readonly seconds: number
}

interface Systems {
  readonly plain: BenchSystem
  readonly traced: BenchSystem
}

/** Measures what traces add to the CPU time of an order, from the request to the confirmation. */
export const tracesBench = defineBench({
  name: 'traces',
  about: 'CPU time of an order with traces and without, in two systems that take turns',
  group: 'cost',
  needs: [],
  options: {
    pairs: { about: 'pairs of rounds after each of two starts', default: 3, small: 1 },
    'per-second': { about: 'orders per second', default: 250, small: 50 },
    seconds: { about: 'seconds of load in a round; batches leave every five', default: 25, small: 2 },
    spans: { about: 'orders whose spans are recorded alone, in each of 20 rounds', default: 20_000, small: 500 },
  },
  run: async (run) => {
    const collector = await startCollector()
    const environment = tracedEnvironment(collector.url)
    try {
      run.progress('recording spans alone')
      const alone = { collectorUrl: collector.url, rounds: SPAN_ROUNDS, orders: run.values.spans, signal: run.signal }
      const spansUs = await measureSpans(alone)
      const { pairs, 'per-second': perSecond, seconds } = run.values
      const starts: (readonly PairedRound[])[] = []
      for (const first of ['plain', 'traced'] as const)
        starts.push(
          await withBoth(run, { first, environment }, (systems) =>
            takeTurns(run, systems, { pairs, load: { perSecond, seconds } }),
          ),
        )
      return reportTraces({ starts, spansUs, perSecond, seconds, batches: collector.batches(), small: run.small })
    } finally {
      collector.stop()
    }
  },
})

function tracedEnvironment(url: string) {
  const settings = { OTEL_EXPORTER_OTLP_ENDPOINT: url }
  return Object.fromEntries(TRACED_APPS.map((app) => [app, settings]))
}

/**
 * Starts both systems. The one that started second took some 7 % less CPU here (2026-11, a busy machine), so each
 * is `first` once.
 */
async function withBoth<Result>(
  run: BenchRun,
  {
    first,
    environment,
  }: { readonly first: keyof Systems; readonly environment: NonNullable<SystemOptions['environment']> },
  work: (systems: Systems) => Promise<Result>,
): Promise<Result> {
  const second = first === 'plain' ? 'traced' : 'plain'
  const optionsOf = (name: keyof Systems) => (name === 'traced' ? { environment } : {})
  const besides = join(run.directory, `${first}-first`)
  await mkdir(besides)
  return await withSystem(run, optionsOf(first), (one) =>
    withSystem({ ...run, directory: besides }, optionsOf(second), (other) =>
      work(first === 'plain' ? { plain: one, traced: other } : { plain: other, traced: one }),
    ),
  )
}

/** Runs both systems in each pair, the first one in turn. The first pair warms up and does not count. */
async function takeTurns(
  run: Pick<BenchRun, 'directory' | 'progress' | 'signal'>,
  systems: Systems,
  { pairs, load }: { readonly pairs: number; readonly load: Load },
): Promise<readonly PairedRound[]> {
  const rounds: PairedRound[] = []
  for (let pair = 0; pair <= pairs; pair += 1) {
    run.progress(pair === 0 ? 'warming up' : `pair ${pair} of ${pairs}`)
    const order = pair % 2 === 0 ? (['plain', 'traced'] as const) : (['traced', 'plain'] as const)
    const measured: Partial<Record<'plain' | 'traced', PairedRound['plain']>> = {}
    for (const name of order) measured[name] = await sellTo(run, systems[name], `bench-traces-${pair}`, load)
    const { plain, traced } = measured
    if (pair > 0 && plain !== undefined && traced !== undefined) rounds.push({ plain, traced })
  }
  return rounds
}

async function sellTo(
  { directory, signal }: Pick<BenchRun, 'directory' | 'signal'>,
  system: BenchSystem,
  sale: string,
  { perSecond, seconds }: Load,
): Promise<PairedRound['plain']> {
  const count = perSecond * seconds
  await system.operator.openSale(sale, { items: [oneItem(2 * count)] })
  const ordersFile = join(directory, `${sale}.json`)
  await writeOrders(ordersFile, await prepareOrders({ dataDir: system.dataDir, sale, count, skus: [SKU], label: sale }))
  const pool = createPool(system.databaseUrl, { max: 1 })
  const watched = Object.fromEntries(TRACED_APPS.map((app) => [app, system.pidsOf(app)]))
  try {
    const { result, cpuMs } = await withCpu(watched, async () => {
      const job = { urls: [...system.urlsOf('order-core')], ordersFile, connections: CONNECTIONS }
      const report = await driveOrders({ ...job, perSecond, secondsMax: seconds }, { directory, signal })
      await untilConfirmed(pool, sale, { stillMsMax: STILL_MS_MAX, signal })
      return report
    })
    return { cpuMs, orders: acceptedOf(result), wanted: count }
  } finally {
    await pool.end()
  }
}
