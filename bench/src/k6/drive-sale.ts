import type { BenchRun } from '../bench.ts'
import type { Stage } from '../stage/stage.ts'
import { startTwin } from '../twin/start-twin.ts'
import { type Durations, durationsBetween, scrapeDurations } from './histogram.ts'
import { judgeK6 } from './judge-k6.ts'
import { type K6Report, runK6 } from './run-k6.ts'

type Run = Pick<BenchRun, 'directory' | 'progress' | 'signal' | 'small'>

export interface SaleLoad {
  readonly script: string
  readonly sale: string
  readonly users: number
  /** How many iterations there must be. */
  readonly iterations?: number
  /** What the script needs to know besides the addresses. */
  readonly settings: Readonly<Record<string, unknown>>
}

export interface Driven {
  readonly summary: K6Report
  /** The requests as the servers counted them. */
  readonly served: Durations
  readonly faults: readonly string[]
}

/** Runs a script against the system on stage; users who were not served as they must be are among the faults. */
export async function driveSale(run: Run, { system, operator }: Stage, load: SaleLoad): Promise<Driven> {
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
      return `${counts.waiting} wait, ${counts.active} are inside, ${counts.admitted} were let in`
    },
  })
  const served = durationsBetween(before, await scrapeDurations(operations))
  const faults = [
    ...judgeK6(summary, { small: run.small, ...(iterations === undefined ? {} : { iterations }) }),
    ...(served.serverErrors > 0 ? [`the servers counted ${served.serverErrors} answers of 5xx`] : []),
    ...system.deaths().map(({ name }) => `${name} died`),
  ]
  return { summary, served, faults }
}

/** The same script against the bare twin. */
export async function driveTwin(
  run: Run,
  load: SaleLoad,
  shop: { readonly stock: number; readonly rate: number },
): Promise<Pick<Driven, 'summary' | 'faults'>> {
  const { script, sale, users, iterations, settings } = load
  run.progress('the same once more, against the bare twin')
  const twin = await startTwin({ sale, ...shop }, run.signal)
  try {
    const addresses = { rooms: [twin.url], cores: [twin.url], sale }
    const summary = await runK6(run, script, { settings: { ...settings, ...addresses }, users })
    const faults = judgeK6(summary, { small: run.small, ...(iterations === undefined ? {} : { iterations }) })
    return { summary, faults: faults.map((fault) => `at the bare twin: ${fault}`) }
  } finally {
    twin.stop()
  }
}
