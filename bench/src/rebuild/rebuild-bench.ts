import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createPool } from '@floodgate/database'
import type { Redis } from '@floodgate/redis'
import type pg from 'pg'
import { type BenchRun, defineBench } from '../bench.ts'
import { prepareOrders, writeOrders } from '../checkout/prepare-orders.ts'
import { readConfirmations, untilConfirmed } from '../confirm/confirmation-times.ts'
import { driveOrders } from '../order-load/drive-orders.ts'
import { acceptedOf } from '../order-load/job.ts'
import { percentile } from '../order-load/percentile.ts'
import { withRedis } from '../redis/connect-redis.ts'
import { oneItem } from '../stage/operator.ts'
import { onStage, type Stage } from '../stage/stage.ts'
import { startArrivals } from './arrivals.ts'
import { analyze, fillPast, fillSale } from './fill-ledger.ts'
import { judgeRebuild, type RebuildRow } from './judge-rebuild.ts'

const SKU = 'COAT'
const CONNECTIONS = 64
const POLL_MS = 5
const BETWEEN_REBUILDS_MS = 1_000
const AGREE_MS_MAX = 60_000
const STILL_MS_MAX = 60_000

type Values = {
  readonly orders: string
  readonly table: number
  readonly pending: number
  readonly writers: number
  readonly 'per-second': number
  readonly seconds: number
}

/** How long a sale cannot be bought while its stock is rebuilt, and what other sales notice of it. */
export const rebuildBench = defineBench({
  name: 'rebuild',
  about: "rebuilding a sale's stock in Redis, with orders arriving, beside another sale",
  group: 'cost',
  needs: [],
  options: {
    orders: {
      about: 'orders of the sale, one count after the other',
      default: '10000,100000,1000000',
      small: '500,3000',
    },
    table: { about: 'orders in the table altogether', default: 10_000_000, small: 5_000 },
    pending: { about: "percent of the sale's orders that are pending, 90 at most", default: 10 },
    writers: { about: 'processes of the order core', default: 16, small: 2 },
    'per-second': {
      about: 'orders per second of another sale, and buyers per second of the rebuilt one',
      default: 25,
      small: 10,
    },
    seconds: { about: 'how long other sales are watched, before and meanwhile', default: 30, small: 3 },
  },
  run: (run) => {
    const environment = { 'order-core': { WORKERS: String(run.values.writers), POOL_MAX: '4' } }
    return onStage(run, { environment }, async (stage) => {
      const pool = createPool(stage.system.databaseUrl, { max: 2, statementTimeoutMs: 0 })
      try {
        return await withRedis(stage.system.redisUrl, (redis) => play(run, { stage, pool, redis }))
      } finally {
        await pool.end()
      }
    })
  },
})

type Scene = { readonly stage: Stage; readonly pool: pg.Pool; readonly redis: Redis }

async function play(run: BenchRun<Values>, scene: Scene) {
  const { values, progress } = run
  const sizes = values.orders.split(',').map(Number)
  const past = values.table - sizes.reduce((sum, size) => sum + size, 0)
  await fillPast(scene.pool, past, progress)
  for (const orders of sizes) {
    const sale = saleOf(orders)
    progress(`${sale}: its orders`)
    await scene.stage.operator.openSale(sale, { items: [oneItem(2 * orders + 100_000)] })
    await fillSale(scene.pool, { sale, orders, pendingPercent: values.pending })
  }
  await analyze(scene.pool)
  // Their stock was written before their orders: no healing of it is measured.
  for (const orders of sizes) {
    const { signal } = run
    progress(`${saleOf(orders)}: once for warming up`)
    await loseAndWait(scene.redis, { sale: saleOf(orders), signal })
    await agrees(scene.stage, { sale: saleOf(orders), signal })
  }
  const rows: RebuildRow[] = []
  for (const orders of sizes) rows.push(await measure(run, { ...scene, orders }))
  return judgeRebuild({
    rows,
    tableRows: values.table,
    pendingPercent: values.pending,
    writers: values.writers,
    perSecond: values['per-second'],
    restarts: scene.stage.system.deaths().length,
  })
}

const saleOf = (orders: number): string => `rebuild-${orders}`

async function measure(run: BenchRun<Values>, scene: Scene & { readonly orders: number }): Promise<RebuildRow> {
  const { values, progress, signal } = run
  const { stage, orders, redis } = scene
  const sale = saleOf(orders)
  progress(`${sale}: both sales' buyers without a rebuild, ${values.seconds} s`)
  const quiet = await driveBoth(run, { ...scene, other: `quiet-${orders}` })
  progress(`${sale}: rebuilt again and again, ${values.seconds} s`)
  const over = new AbortController()
  const rebuilding = rebuildRepeatedly(redis, { sale, signal, over: over.signal })
  // Thrown below, unless something else fails first.
  rebuilding.catch(() => undefined)
  const busy = await driveBoth(run, { ...scene, other: `busy-${orders}`, onOtherDone: () => over.abort() })
  const rebuildMs = await rebuilding
  return {
    orders,
    rebuildMs,
    quietP99Ms: percentile(quiet.other.ms, 0.99),
    busyP99Ms: percentile(busy.other.ms, 0.99),
    others: {
      accepted: quiet.other.accepted + busy.other.accepted,
      confirmed: quiet.other.ms.length + busy.other.ms.length,
      statuses: [quiet.other.statuses, busy.other.statuses],
    },
    arrivals: busy.arrived,
    agree: await agrees(stage, { sale, signal }),
  }
}

/** The same load with and without rebuilds: orders of another sale, and as many buyers of the sale itself. */
async function driveBoth(
  run: BenchRun<Values>,
  scene: Scene & { readonly orders: number; readonly other: string; readonly onOtherDone?: () => void },
) {
  const { values, signal } = run
  const { stage, orders, other } = scene
  const { seconds, 'per-second': perSecond } = values
  const prepared = await prepareOrders({
    ...{ dataDir: stage.system.dataDir, sale: saleOf(orders), skus: [SKU], label: `${other}-arriving` },
    count: perSecond * seconds,
  })
  const arrivals = startArrivals(prepared, { url: stage.system.urls.orderCore, perSecond, signal })
  const driven = await driveOther(run, scene)
  scene.onOtherDone?.()
  return { other: driven, arrived: await arrivals.finish() }
}

/** Orders of another sale at a steady rate, and how long each waited for its confirmation. */
async function driveOther(
  { values, directory, signal }: BenchRun<Values>,
  { stage, pool, other }: Scene & { readonly other: string },
) {
  const { system, operator } = stage
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

async function rebuildRepeatedly(
  redis: Redis,
  { sale, signal, over }: { readonly sale: string; readonly signal: AbortSignal; readonly over: AbortSignal },
): Promise<number[]> {
  const times: number[] = []
  do {
    times.push(await loseAndWait(redis, { sale, signal }))
    await delay(BETWEEN_REBUILDS_MS, undefined, { signal })
  } while (!over.aborted)
  return times
}

/** Takes a sale's stock away from Redis; the milliseconds until it is back. */
async function loseAndWait(
  redis: Redis,
  { sale, signal }: { readonly sale: string; readonly signal: AbortSignal },
): Promise<number> {
  const meta = `oc:{o:${sale}}:meta`
  const startedAt = performance.now()
  await redis.unlink(meta)
  while ((await redis.exists(meta)) === 0) await delay(POLL_MS, undefined, { signal })
  return performance.now() - startedAt
}

async function agrees(
  { operator }: Stage,
  { sale, signal }: { readonly sale: string; readonly signal: AbortSignal },
): Promise<boolean> {
  const startedAt = performance.now()
  while (performance.now() - startedAt < AGREE_MS_MAX) {
    if ((await operator.stock(sale)).agree) return true
    await delay(100, undefined, { signal })
  }
  return false
}
