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
/** Divides the orders where the last ones are sent at the rate of the load. */
const PACED_SHARE = 4
const SECONDS_MAX = 120
const STILL_MS_MAX = 60_000

/** How many requests of another sale a load begins with, and on how many connections. */
export function warmUpSize({ small }: Pick<BenchRun, 'small'>): {
  readonly count: number
  readonly connections: number
} {
  return { count: small ? SMALL_REQUESTS : REQUESTS, connections: BUYERS }
}

interface WarmUp {
  readonly system: BenchSystem
  readonly pool: Pool
  /** Waits until the orders are confirmed. */
  readonly paid: boolean
  /**
   * The last quarter of the orders arrives at this rate. A burst shares its work: it leaves code, connections and plans
   * cold that single orders use.
   */
  readonly perSecond?: number
}

/**
 * Sends orders of another sale first, so that all code is compiled, as in a shop that has been open for a minute. Returns
 * their number.
 */
export async function warmUp(
  run: Pick<BenchRun, 'directory' | 'progress' | 'signal' | 'small'>,
  { system, pool, paid, perSecond }: WarmUp,
): Promise<number> {
  const { count, connections } = warmUpSize(run)
  run.progress(`warming up with ${count} orders`)
  await system.operator.openSale(SALE, { admitPerSecond: 1, maxActive: 1, items: [oneItem(count)] })
  const paced = perSecond === undefined ? 0 : count / PACED_SHARE
  await send('burst', { count: count - paced })
  if (perSecond !== undefined) await send('paced', { count: paced, perSecond })
  if (paid) await untilConfirmed(pool, SALE, { stillMsMax: STILL_MS_MAX, signal: run.signal })
  return count

  async function send(label: string, part: { readonly count: number; readonly perSecond?: number }): Promise<void> {
    const series = { dataDir: system.dataDir, sale: SALE, skus: ['COAT'], label: `${SALE}-${label}` }
    const job = { urls: [...system.urlsOf('order-core')], series, connections, secondsMax: SECONDS_MAX }
    const report = await driveOrders({ ...job, ...part }, run)
    if (acceptedOf(report) !== part.count) throw new Error(`The warm-up failed: ${JSON.stringify(report.statuses)}`)
  }
}
