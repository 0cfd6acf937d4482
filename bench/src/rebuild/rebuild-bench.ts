import { setTimeout as delay } from 'node:timers/promises'
import { createPool } from '@floodgate/database'
import type { Redis } from '@floodgate/redis'
import { type BenchRun, defineBench } from '../bench.ts'
import { percentile } from '../order-load/percentile.ts'
import { withRedis } from '../redis/connect-redis.ts'
import { oneItem } from '../system/operator.ts'
import { type BenchSystem, withSystem } from '../system/system.ts'
import { type Driven, driveBoth, type Scene } from './drive-both.ts'
import { analyze, fillPast, fillSale } from './fill-ledger.ts'
import { type RebuildRow, reportRebuild } from './report-rebuild.ts'

const POLL_MS = 5
const BETWEEN_REBUILDS_MS = 1_000
const AGREE_MS_MAX = 60_000

interface Values {
  readonly orders: string
  readonly table: number
  readonly pending: number
  readonly writers: number
  readonly 'per-second': number
  readonly rounds: number
  readonly seconds: number
}

/** Measures how long a sale takes no orders while its stock is rebuilt, and the effect on other sales. */
export const rebuildBench = defineBench({
  name: 'rebuild',
  about: "rebuilding a sale's stock in Redis, with orders arriving, next to another sale",
  group: 'cost',
  needs: [],
  options: {
    orders: {
      about: 'orders of the sale, one count after the other',
      default: '10000,100000,1000000',
      small: '500,3000',
    },
    table: { about: 'orders in the whole table', default: 10_000_000, small: 5_000 },
    pending: { about: "percent of the sale's orders that are pending, 90 at most", default: 10 },
    writers: { about: 'processes of the order core', default: 16, small: 2 },
    'per-second': {
      about: 'orders per second of another sale, and buyers per second of the rebuilt one',
      default: 10,
    },
    rounds: {
      about: 'rounds of measuring other sales, without and with rebuilds in turn',
      default: 3,
      small: 1,
    },
    seconds: { about: 'seconds of each measurement', default: 20, small: 3 },
  },
  run: (run) => {
    const environment = { 'order-core': { WORKERS: String(run.values.writers), POOL_MAX: '4' } }
    return withSystem(run, { environment }, async (system) => {
      const pool = createPool(system.databaseUrl, { max: 2, statementTimeoutMs: 0 })
      try {
        return await withRedis(system.redisUrl, (redis) => runRebuild(run, { system, pool, redis }))
      } finally {
        await pool.end()
      }
    })
  },
})

async function runRebuild(run: BenchRun<Values>, scene: Scene) {
  const { values, progress } = run
  const sizes = values.orders.split(',').map(Number)
  const past = values.table - sizes.reduce((sum, size) => sum + size, 0)
  await fillPast(scene.pool, past, progress)
  for (const orders of sizes) {
    const sale = saleOf(orders)
    progress(`${sale}: its orders`)
    await scene.system.operator.openSale(sale, { items: [oneItem(2 * orders + 100_000)] })
    await fillSale(scene.pool, { sale, orders, pendingPercent: values.pending })
  }
  await analyze(scene.pool)
  // Their stock was written before their orders; its repair is not measured.
  for (const orders of sizes) {
    const { signal } = run
    progress(`${saleOf(orders)}: warming up`)
    await loseAndWait(scene.redis, { sale: saleOf(orders), signal })
    await agrees(scene.system, { sale: saleOf(orders), signal })
  }
  const rows: RebuildRow[] = []
  for (const orders of sizes) rows.push(await measure(run, { ...scene, orders }))
  return reportRebuild({
    rows,
    tableRows: values.table,
    pendingPercent: values.pending,
    writers: values.writers,
    perSecond: values['per-second'],
    restarts: scene.system.deaths().length,
  })
}

const saleOf = (orders: number): string => `rebuild-${orders}`

/** Runs with and without rebuilds in turn, so that a slow minute of the machine affects both. */
async function measure(run: BenchRun<Values>, scene: Scene & { readonly orders: number }): Promise<RebuildRow> {
  const { values, progress, signal } = run
  const { system, orders } = scene
  const sale = saleOf(orders)
  const sales = (other: string) => ({ ...scene, sale, other: `${other}-${orders}` })
  progress(`${sale}: warming up with the buyers of both sales`)
  await driveBoth(run, sales('warm'))
  const quiet: Driven[] = []
  const busy: Driven[] = []
  const rebuildMs: number[] = []
  for (let round = 1; round <= values.rounds; round += 1) {
    progress(`${sale}: ${values.seconds} s without a rebuild, round ${round} of ${values.rounds}`)
    quiet.push(await driveBoth(run, sales(`quiet-${round}`)))
    progress(`${sale}: ${values.seconds} s of rebuilds, round ${round} of ${values.rounds}`)
    const rebuilt = await driveWhileRebuilt(run, sales(`busy-${round}`))
    busy.push(rebuilt.driven)
    rebuildMs.push(...rebuilt.rebuildMs)
  }
  const all = [...quiet, ...busy].map(({ other }) => other)
  return {
    orders,
    rebuildMs,
    quietP99Ms: percentile(
      quiet.flatMap(({ other }) => other.ms),
      0.99,
    ),
    busyP99Ms: percentile(
      busy.flatMap(({ other }) => other.ms),
      0.99,
    ),
    others: {
      accepted: sumOf(all, ({ accepted }) => accepted),
      confirmed: sumOf(all, ({ ms }) => ms.length),
      statuses: [addUp(quiet), addUp(busy)],
    },
    arrivals: {
      accepted: sumOf(busy, ({ arrived }) => arrived.accepted),
      rejections: sumOf(busy, ({ arrived }) => arrived.rejections),
    },
    agree: await agrees(system, { sale, signal }),
  }
}

const sumOf = <Part>(parts: readonly Part[], countOf: (part: Part) => number): number =>
  parts.reduce((sum, part) => sum + countOf(part), 0)

/** Sums the responses by status. */
function addUp(driven: readonly Driven[]): Readonly<Record<string, number>> {
  const statuses: Record<string, number> = {}
  for (const { other } of driven)
    for (const [status, count] of Object.entries(other.statuses)) statuses[status] = (statuses[status] ?? 0) + count
  return statuses
}

async function driveWhileRebuilt(
  run: BenchRun<Values>,
  scene: Scene & { readonly sale: string; readonly other: string },
): Promise<{ readonly driven: Driven; readonly rebuildMs: readonly number[] }> {
  const { signal } = run
  const over = new AbortController()
  const rebuilding = rebuildRepeatedly(scene.redis, { sale: scene.sale, signal, over: over.signal })
  // Rethrown below, unless something else fails first.
  rebuilding.catch(() => undefined)
  const driven = await driveBoth(run, { ...scene, onOtherDone: () => over.abort() })
  return { driven, rebuildMs: await rebuilding }
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

/** Removes a sale's stock from Redis; resolves to the milliseconds until it is rebuilt. */
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
  { operator }: BenchSystem,
  { sale, signal }: { readonly sale: string; readonly signal: AbortSignal },
): Promise<boolean> {
  const startedAt = performance.now()
  while (performance.now() - startedAt < AGREE_MS_MAX) {
    if ((await operator.stock(sale)).agree) return true
    await delay(100, undefined, { signal })
  }
  return false
}
