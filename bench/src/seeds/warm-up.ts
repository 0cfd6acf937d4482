import type { Pool } from 'pg'
import type { BenchRun } from '../bench.ts'
import { untilConfirmed } from '../confirm/confirmation-times.ts'
import { driveOrders } from '../order-load/drive-orders.ts'
import { acceptedOf } from '../order-load/job.ts'
import { oneItem } from '../system/operator.ts'
import type { BenchSystem } from '../system/system.ts'

const SALE = 'warm-up'
const BUYERS = 50
const REQUESTS = 2_000
const SMALL_REQUESTS = 20
const SECONDS_MAX = 120
const STILL_MS_MAX = 60_000

/** How many requests of another sale a load begins with, and on how many connections. */
export function warmUpSize({ small }: Pick<BenchRun, 'small'>): {
  readonly count: number
  readonly connections: number
} {
  return { count: small ? SMALL_REQUESTS : REQUESTS, connections: BUYERS }
}

/**
 * Sends orders of another sale first, so that all code is compiled, as in a shop that has been open for a minute.
 * `paid`: waits until they are confirmed. Returns their number.
 */
export async function warmUp(
  run: Pick<BenchRun, 'directory' | 'progress' | 'signal' | 'small'>,
  { system, pool, paid }: { readonly system: BenchSystem; readonly pool: Pool; readonly paid: boolean },
): Promise<number> {
  const { count, connections } = warmUpSize(run)
  run.progress(`warming up with ${count} orders`)
  await system.operator.openSale(SALE, { admitPerSecond: 1, maxActive: 1, items: [oneItem(count)] })
  const series = { dataDir: system.dataDir, sale: SALE, skus: ['COAT'], label: SALE }
  const job = { urls: [...system.urlsOf('order-core')], series, count, connections, secondsMax: SECONDS_MAX }
  const report = await driveOrders(job, run)
  if (acceptedOf(report) !== count) throw new Error(`The warm-up failed: ${JSON.stringify(report.statuses)}`)
  if (paid) await untilConfirmed(pool, SALE, { stillMsMax: STILL_MS_MAX, signal: run.signal })
  return count
}
