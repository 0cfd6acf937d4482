import { join } from 'node:path'
import type { Redis } from '@floodgate/redis'
import type { Pool } from 'pg'
import type { BenchRun } from '../bench.ts'
import { readConfirmations, untilConfirmed } from '../confirm/confirmation-times.ts'
import { driveOrders } from '../order-load/drive-orders.ts'
import { acceptedOf } from '../order-load/job.ts'
import { prepareOrders, writeOrders } from '../order-load/prepare-orders.ts'
import { oneItem } from '../system/operator.ts'
import type { BenchSystem } from '../system/system.ts'
import { type Arrived, startArrivals } from './arrivals.ts'

const SKU = 'COAT'
const CONNECTIONS = 64
const STILL_MS_MAX = 60_000

/** Rate of each of the two sales. */
export interface Load {
  readonly 'per-second': number
  readonly seconds: number
}

export interface Scene {
  readonly system: BenchSystem
  readonly pool: Pool
  readonly redis: Redis
}

export interface Driven {
  readonly other: {
    /** From accepted to confirmed. */
    readonly ms: readonly number[]
    readonly accepted: number
    readonly statuses: Readonly<Record<string, number>>
  }
  readonly arrived: Arrived
}

/** Runs the same load with and without rebuilds: orders of another sale, and as many buyers of the rebuilt sale. */
export async function driveBoth(
  run: BenchRun<Load>,
  scene: Scene & { readonly sale: string; readonly other: string; onOtherDone?(): void },
): Promise<Driven> {
  const { values, signal } = run
  const { system, sale, other } = scene
  const { seconds, 'per-second': perSecond } = values
  const prepared = await prepareOrders({
    ...{ dataDir: system.dataDir, sale, skus: [SKU], label: `${other}-arriving` },
    count: perSecond * seconds,
  })
  const arrivals = startArrivals(prepared, { url: system.urls.orderCore, perSecond, signal })
  const driven = await driveOther(run, scene)
  scene.onOtherDone?.()
  return { other: driven, arrived: await arrivals.finish() }
}

/** Sends orders of another sale at a steady rate, and measures the time to each confirmation. */
async function driveOther(
  { values, directory, signal }: BenchRun<Load>,
  { system, pool, other }: Scene & { readonly other: string },
): Promise<Driven['other']> {
  const { operator } = system
  const { seconds, 'per-second': perSecond } = values
  await operator.openSale(other, { items: [oneItem(2 * perSecond * seconds)] })
  const ordersFile = join(directory, `${other}.json`)
  const count = perSecond * seconds
  await writeOrders(
    ordersFile,
    await prepareOrders({ dataDir: system.dataDir, sale: other, count, skus: [SKU], label: other }),
  )
  const load = { urls: [...system.urlsOf('order-core')], ordersFile, connections: CONNECTIONS, perSecond }
  const report = await driveOrders({ ...load, secondsMax: seconds }, { directory, signal })
  await untilConfirmed(pool, other, { stillMsMax: STILL_MS_MAX, signal })
  const { ms } = await readConfirmations(pool, other)
  return { ms, accepted: acceptedOf(report), statuses: report.statuses }
}
