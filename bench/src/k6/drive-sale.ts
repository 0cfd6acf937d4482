import { startBaseline } from '../baseline/start-baseline.ts'
import type { BenchRun } from '../bench.ts'
import { faults } from '../report/faults.ts'
import type { BenchSystem } from '../system/system.ts'
import { type Durations, durationsBetween, scrapeDurations } from './histogram.ts'
import { k6Faults } from './k6-faults.ts'
import { type K6Report, runK6 } from './run-k6.ts'

type Run = Pick<BenchRun, 'directory' | 'progress' | 'signal' | 'small'>

export interface SaleLoad {
  readonly script: string
  readonly sale: string
  readonly users: number
  /** The required number of iterations. */
  readonly iterations?: number
  /** The script's settings besides the addresses. */
  readonly settings: Readonly<Record<string, unknown>>
}

export interface Driven {
  readonly summary: K6Report
  /** The requests as the servers counted them. */
  readonly served: Durations
  readonly faults: readonly string[]
}

/** Runs a script against the system; the faults include those that users saw. */
export async function driveSale(run: Run, system: BenchSystem, load: SaleLoad): Promise<Driven> {
  const { operator } = system
  const { script, sale, users, iterations, settings } = load
  const rooms = system.urlsOf('waiting-room')
  const cores = system.urlsOf('order-core')
  const operations = [...system.opsUrlsOf('waiting-room'), ...system.opsUrlsOf('order-core')]
  const before = await scrapeDurations(operations)
  const summary = await runK6(run, script, {
    settings: { ...settings, rooms, cores, sale },
    users,
    extra: async () => {
      const { counts } = await operator.sale(sale)
      return `${counts.waiting} waiting, ${counts.active} inside, ${counts.admitted} admitted`
    },
  })
  const served = durationsBetween(before, await scrapeDurations(operations))
  const found = [
    ...k6Faults(summary, { small: run.small, ...(iterations === undefined ? {} : { iterations }) }),
    ...faults([[served.serverErrors > 0, `the servers counted ${served.serverErrors} responses with 5xx`]]),
    ...system.deaths().map(({ name }) => `${name} died`),
  ]
  return { summary, served, faults: found }
}

/** Runs the same script against the bare server. */
export async function driveBaseline(
  run: Run,
  load: SaleLoad,
  shop: { readonly stock: number; readonly rate: number },
): Promise<Pick<Driven, 'summary' | 'faults'>> {
  const { script, sale, users, iterations, settings } = load
  run.progress('the same script against the bare server')
  const baseline = await startBaseline({ sale, ...shop }, run.signal)
  try {
    const addresses = { rooms: [baseline.url], cores: [baseline.url], sale }
    const summary = await runK6(run, script, { settings: { ...settings, ...addresses }, users })
    const found = k6Faults(summary, { small: run.small, ...(iterations === undefined ? {} : { iterations }) })
    return { summary, faults: found.map((fault) => `at the bare server: ${fault}`) }
  } finally {
    baseline.stop()
  }
}
