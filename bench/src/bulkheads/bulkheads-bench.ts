import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createPool } from '@floodgate/database'
import { type BenchRun, defineBench } from '../bench.ts'
import { driveOrders } from '../order-load/drive-orders.ts'
import { acceptedOf, failuresOf } from '../order-load/job.ts'
import { prepareOrders, writeOrders } from '../order-load/prepare-orders.ts'
import { withRedis } from '../redis/connect-redis.ts'
import { oneItem } from '../system/operator.ts'
import { withSystem } from '../system/system.ts'
import { BAD_KINDS, type BadKind, makeBad, type Scene } from './bad-ones.ts'
import { type BulkheadRow, reportBulkheads, type Turn } from './report-bulkheads.ts'

const SKU = 'COAT'
const CONNECTIONS = 64
const POLL_MS = 20
const STILL_MS_MAX = 60_000
const SEEN_MS_MAX = 60_000
const SECONDS_MAX = 600
const APPS = ['waitingRoom', 'orderCore', 'paymentWorker', 'notifier'] as const

interface Values {
  readonly orders: number
  readonly rounds: number
}

/** Measures orders from placed to mailed next to a faulty item, alternating with runs without one. */
export const bulkheadsBench = defineBench({
  name: 'bulkheads',
  about: 'orders until their mail, next to one faulty order, sale, mail or event, alternating with none',
  group: 'compare',
  needs: [],
  options: {
    orders: { about: 'valid orders of each run', default: 1_000, small: 20 },
    rounds: { about: 'pairs of runs for each kind of fault', default: 5, small: 1 },
  },
  run: (run) =>
    withSystem(run, { environment: { notifier: { MAILS_PER_SECOND: '10000' } } }, async (system) => {
      const pool = createPool(system.databaseUrl, { max: 2 })
      try {
        return await withRedis(system.redisUrl, (redis) => runBulkheads(run, { system, pool, redis }))
      } finally {
        await pool.end()
      }
    }),
})

async function runBulkheads(run: BenchRun<Values>, scene: Scene) {
  const { values, progress } = run
  if (!run.small) {
    progress('warming up')
    await turn(run, scene, { sale: 'warm-up' })
  }
  const rows: BulkheadRow[] = []
  for (const kind of BAD_KINDS) {
    progress(`one faulty ${kind} among ${values.orders} valid orders`)
    const pairs: BulkheadRow['pairs'][number][] = []
    for (let round = 0; round < values.rounds; round += 1) {
      const name = `${kind}-${round}`
      const alone = () => turn(run, scene, { sale: `without-${name}` })
      const beside = () => turn(run, scene, { sale: `with-${name}`, bad: kind })
      // The order alternates from pair to pair.
      const first = round % 2 === 0 ? await alone() : undefined
      const withBad = await beside()
      pairs.push({ without: first ?? (await alone()), with: withBad })
    }
    rows.push({ kind, pairs })
  }
  return reportBulkheads({ rows, orders: values.orders, restarts: scene.system.deaths().length })
}

async function turn(
  run: BenchRun<Values>,
  scene: Scene,
  { sale, bad }: { readonly sale: string; readonly bad?: BadKind },
): Promise<Turn> {
  const { values, directory, signal } = run
  const { system } = scene
  const { operator } = system
  await operator.openSale(sale, { items: [oneItem(2 * values.orders)] })
  const ordersFile = join(directory, `${sale}.json`)
  await writeOrders(
    ordersFile,
    await prepareOrders({ dataDir: system.dataDir, sale, count: values.orders, skus: [SKU], label: sale }),
  )
  const badOne = bad === undefined ? undefined : await makeBad[bad](scene, `bad-${sale}`)
  const load = { urls: [...system.urlsOf('order-core')], ordersFile, connections: CONNECTIONS }
  const startedMs = performance.now()
  const report = await driveOrders({ ...load, secondsMax: SECONDS_MAX }, { directory, signal })
  const mailed = await untilMailed(scene, { sale, signal, orders: values.orders })
  const ms = performance.now() - startedMs
  const notReady = await appsNotReady(scene)
  const isSeen = badOne === undefined || (await becomesTrue(badOne.isSeen, signal))
  await badOne?.drop()
  return { ms, accepted: acceptedOf(report), failures: failuresOf(report), mailed, notReady, isSeen }
}

/**
 * Waits until the orders are confirmed and mailed, or nothing has changed for a minute. Returns the number of those
 * that are.
 */
async function untilMailed(
  { pool }: Scene,
  { sale, orders, signal }: { readonly sale: string; readonly orders: number; readonly signal: AbortSignal },
): Promise<number> {
  let [known, movedAtMs] = [0, performance.now()]
  while (known < orders && performance.now() - movedAtMs < STILL_MS_MAX) {
    const { rows } = await pool.query<{ mailed: number }>(
      `select count(*)::int as mailed from notices.mails m join orders.orders o on o.id = m.order_id
       where o.sale = $1 and o.status = 'confirmed' and m.status = 'sent'`,
      [sale],
    )
    const mailed = rows[0]?.mailed ?? 0
    if (mailed > known) movedAtMs = performance.now()
    known = mailed
    if (known < orders) await delay(POLL_MS, undefined, { signal })
  }
  return known
}

async function appsNotReady({ system }: Scene): Promise<readonly string[]> {
  const { operations } = system.urls
  const responses = await Promise.all(APPS.map((app) => fetch(`${operations[app]}/readyz`)))
  return APPS.filter((_, index) => responses[index]?.status !== 200)
}

async function becomesTrue(look: () => Promise<boolean>, signal: AbortSignal): Promise<boolean> {
  for (const deadline = performance.now() + SEEN_MS_MAX; performance.now() < deadline; ) {
    if (await look()) return true
    await delay(POLL_MS, undefined, { signal })
  }
  return false
}
