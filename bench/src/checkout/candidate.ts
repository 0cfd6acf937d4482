import { setTimeout as delay } from 'node:timers/promises'
import { createPool } from '@floodgate/database'
import { driveOrders } from '../order-load/drive-orders.ts'
import { acceptedOf, failuresOf, generatorShare, type OrderReport } from '../order-load/job.ts'
import { faults } from '../report/faults.ts'
import type { BenchSystem } from '../system/system.ts'
import type { BaselineDatabase } from './baseline-database.ts'
import type { BaselineProcess } from './baseline-process.ts'
import { type Watched, withCpu } from './cpu-watch.ts'

/** One measurement: the accepted orders and their costs. */
export interface Measurement {
  readonly perSecond: number
  readonly report: OrderReport
  /** Shares of one core: the server, Postgres, Redis, and the load generator. */
  readonly shares: Readonly<Record<string, number>>
  /** Orders by counting rows, which must match the responses. */
  readonly rows: number
}

export interface Ask {
  readonly sale: string
  readonly ordersFile: string
  readonly total: number
}

/** A server that accepts orders by one strategy. */
export interface Candidate {
  readonly name: string
  measure(ask: Ask): Promise<Measurement>
}

export interface Driving {
  readonly connections: number
  readonly secondsMax: number
  readonly directory: string
  readonly signal: AbortSignal
}

const DRAINED_POLL_MS = 50
const DRAINED_MS_MAX = 600_000

/** Measures Floodgate's own order core: all of its processes, each with its share of the connections. */
export function orderCoreCandidate(system: BenchSystem, driving: Driving): Candidate & { close(): Promise<void> } {
  const pool = createPool(system.databaseUrl, { max: 1 })
  const count = async (text: string, values: readonly string[]): Promise<number> => {
    const { rows } = await pool.query<{ n: number }>(text, [...values])
    return rows[0]?.n ?? 0
  }
  const ordersOf = (sale: string) => count('select count(*) as n from orders.orders where sale = $1', [sale])
  const watched: Watched = {
    server: system.pidsOf('order-core'),
    postgres: system.pidsOf('postgres'),
    redis: system.pidsOf('redis'),
  }

  /** Waits until everything is published: it must not take CPU from the next measurement. */
  async function untilPublished(): Promise<void> {
    const deadline = performance.now() + DRAINED_MS_MAX
    while ((await count('select count(*) as n from orders.outbox where sent_at is null', [])) > 0) {
      if (performance.now() > deadline) throw new Error('The outbox is not published within ten minutes.')
      await delay(DRAINED_POLL_MS, undefined, { signal: driving.signal })
    }
  }
  return {
    name: 'order core',
    close: () => pool.end(),
    async measure({ sale, ordersFile }) {
      const before = await ordersOf(sale)
      const urls = system.urlsOf('order-core')
      const measured = await driveWatched({ urls, ordersFile, watched, driving })
      const rows = (await ordersOf(sale)) - before
      await untilPublished()
      return { ...measured, rows }
    },
  }
}

/** Measures one of the baselines, on a database that is emptied before. */
export function baselineCandidate(
  name: string,
  {
    server,
    database,
    system,
    skusOf,
    driving,
  }: {
    readonly server: BaselineProcess
    readonly database: BaselineDatabase
    readonly system: BenchSystem
    skusOf(sale: string): readonly string[]
    readonly driving: Driving
  },
): Candidate {
  const watched: Watched = {
    server: [server.pid],
    postgres: system.pidsOf('postgres'),
    redis: system.pidsOf('redis'),
  }
  return {
    name,
    async measure({ sale, ordersFile, total }) {
      await database.refill(sale, { skus: skusOf(sale), total })
      const measured = await driveWatched({ urls: [server.url], ordersFile, watched, driving })
      return { ...measured, rows: await database.orders(sale) }
    },
  }
}

/**
 * Returns the faults of a measurement: failed responses, and rows that do not match the accepted orders. A strategy
 * that `mayFail` gives up waiting for its connection on a slow machine. Pure.
 */
export function faultsOf(
  name: string,
  { report, rows }: Measurement,
  { mayFail = false }: { readonly mayFail?: boolean } = {},
): string[] {
  const failures = failuresOf(report)
  const accepted = acceptedOf(report)
  return faults(
    [
      [failures > 0 && !mayFail, `${failures} failed responses`],
      [rows !== accepted, `${accepted} orders accepted, ${rows} written`],
    ],
    name,
  )
}

async function driveWatched(options: {
  readonly urls: readonly string[]
  readonly ordersFile: string
  readonly watched: Watched
  readonly driving: Driving
}): Promise<Omit<Measurement, 'rows'>> {
  const { urls, ordersFile, watched, driving } = options
  const { connections, secondsMax } = driving
  const { result: report, cpuMs } = await withCpu(watched, () =>
    driveOrders({ urls: [...urls], ordersFile, connections, secondsMax }, driving),
  )
  // Work happens only while orders are sent, so the shares refer to that time.
  const shares = Object.entries(cpuMs).map(([name, ms]) => [name, ms / report.elapsedMs])
  return {
    perSecond: acceptedOf(report) / (report.elapsedMs / 1_000),
    report,
    shares: { ...Object.fromEntries(shares), generator: generatorShare(report) },
  }
}
