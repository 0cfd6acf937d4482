import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { CatalogueItem } from '@floodgate/contracts'
import { createPool } from '@floodgate/database'
import type { ProcessName, System } from '@floodgate/dev/system'
import type { Pool } from 'pg'
import { type BenchRun, defineBench } from '../bench.ts'
import { readProcessCost } from '../machine/process-cost.ts'
import { driveOrders } from '../order-load/drive-orders.ts'
import { acceptedOf } from '../order-load/job.ts'
import { prepareOrders, writeOrders } from '../order-load/prepare-orders.ts'
import { oneItem } from '../system/operator.ts'
import { type BenchSystem, withSystem } from '../system/system.ts'
import { type PartsCost, type RoundsRow, reportRounds } from './report-rounds.ts'

const PROCESSES = 2
/** Concurrent requests to open sales. */
const AT_ONCE = 8
const CONNECTIONS = 16
const BUSY = 'busy'

interface Values {
  readonly sales: number
  readonly open: number
  readonly skus: number
  readonly 'per-second': number
  readonly settle: number
  readonly seconds: number
}

/** Measures the cost of the order core's rounds over all sales, most of which are past. */
export const roundsBench = defineBench({
  name: 'rounds',
  about:
    "time of the reconciler's rounds with many sales, nearly all of them closed, and next to a busy sale of many SKUs",
  group: 'cost',
  needs: [],
  options: {
    sales: { about: 'sales', default: 1_000, small: 20 },
    open: { about: 'open sales among them', default: 10, small: 2 },
    skus: { about: 'SKUs of the busy sale', default: 5_000, small: 50 },
    'per-second': { about: 'orders per second of the busy sale', default: 20, small: 5 },
    settle: { about: 'seconds before each measurement', default: 15, small: 1 },
    seconds: { about: 'seconds of the measurement', default: 60, small: 4 },
  },
  run: (run) => withSystem(run, { replicas: { 'order-core': PROCESSES } }, (system) => runRounds(run, system)),
})

async function runRounds(run: BenchRun<Values>, system: BenchSystem) {
  const { values, progress, signal } = run
  const pool = createPool(system.databaseUrl, { max: 1 })
  try {
    progress(`creating ${values.sales} sales, of which ${values.open} stay open`)
    await makeSales(system, values)
    const rows: RoundsRow[] = []
    const rest = async () => {
      await delay(values.seconds * 1_000, undefined, { signal })
      return 0
    }
    const still = `${values.sales} sales, ${values.open} open, without orders`
    rows.push(await watchBoth(run, { system, pool, what: still, meanwhile: rest }))
    const skus = Array.from({ length: values.skus }, (_, index) => `SKU-${index}`)
    await system.operator.openSale(BUSY, { items: skus.map(itemOf) })
    const busy = `next to them, a sale of ${values.skus} SKUs takes ${values['per-second']} orders/s`
    rows.push(
      await watchBoth(run, { system, pool, what: busy, meanwhile: (label) => buy(run, { system, skus, label }) }),
    )
    const restarts = system.deaths().length
    return reportRounds({ rows, processes: PROCESSES, seconds: values.seconds, restarts })
  } finally {
    await pool.end()
  }
}

const itemOf = (sku: string): CatalogueItem => ({ ...oneItem(1_000), sku, name: `Coat ${sku}` })

async function makeSales({ operator }: BenchSystem, { sales, open }: Values): Promise<void> {
  const numbers = Array.from({ length: sales }, (_, index) => index)
  const make = async (): Promise<void> => {
    for (let number = numbers.pop(); number !== undefined; number = numbers.pop()) {
      await operator.openSale(`sale-${number}`)
      if (number >= open) await operator.act(`sale-${number}`, 'close')
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, make))
}

async function buy(
  { values, directory, signal }: BenchRun<Values>,
  { system, skus, label }: { readonly system: BenchSystem; readonly skus: readonly string[]; readonly label: string },
): Promise<number> {
  const { seconds, 'per-second': perSecond } = values
  const ordersFile = join(directory, `${label}.json`)
  const count = perSecond * seconds
  await writeOrders(ordersFile, await prepareOrders({ dataDir: system.dataDir, sale: BUSY, count, skus, label }))
  const load = { urls: [...system.urlsOf('order-core')], ordersFile, connections: CONNECTIONS, perSecond }
  return acceptedOf(await driveOrders({ ...load, secondsMax: seconds }, { directory, signal }))
}

/** Measures twice: without rounds, while the bench holds their lease, and with them. */
async function watchBoth(
  { values, progress, signal }: BenchRun<Values>,
  watched: {
    readonly system: BenchSystem
    readonly pool: Pool
    readonly what: string
    meanwhile(label: string): Promise<number>
  },
): Promise<RoundsRow> {
  const { system, pool, what, meanwhile } = watched
  const settle = () => delay(values.settle * 1_000, undefined, { signal })
  // By then a round in progress has ended.
  await settle()
  await pool.query(`update orders.rounds set holder = 'bench', leased_until = now() + interval '1 hour'`)
  await settle()
  progress(`${what}: without rounds, ${values.seconds} s`)
  const without = await watch(system, () => meanwhile('without'))
  await pool.query('update orders.rounds set leased_until = now()')
  await settle()
  progress(`${what}: with rounds, ${values.seconds} s`)
  const beside = await watch(system, () => meanwhile('beside'))
  const { rounds } = beside
  return { what, rounds, without: without.cost, beside: beside.cost, orders: without.orders + beside.orders }
}

async function watch(system: BenchSystem, meanwhile: () => Promise<number>) {
  const before = await look(system)
  const orders = await meanwhile()
  const after = await look(system)
  const percent = (part: keyof PartsCost) =>
    ((after.cpuMs[part] - before.cpuMs[part]) / (after.atMs - before.atMs)) * 100
  const cost = { orderCore: percent('orderCore'), postgres: percent('postgres'), redis: percent('redis') }
  return { orders, rounds: after.rounds - before.rounds, cost }
}

async function look(system: System) {
  const texts = await Promise.all(
    system.opsUrlsOf('order-core').map(async (url) => (await fetch(`${url}/metrics`)).text()),
  )
  const cpuMsOf = async (name: ProcessName) => {
    const costs = await Promise.all(system.pidsOf(name).map((pid) => readProcessCost(pid, { tree: true })))
    return costs.reduce((sum, { cpuMs }) => sum + cpuMs, 0)
  }
  const [orderCore, postgres, redis] = await Promise.all([cpuMsOf('order-core'), cpuMsOf('postgres'), cpuMsOf('redis')])
  return { atMs: performance.now(), rounds: roundsOf(texts), cpuMs: { orderCore, postgres, redis } }
}

/** Of all processes. */
function roundsOf(texts: readonly string[]): number {
  const line = /^floodgate_stock_reconcile_round_seconds_count(?:\{[^}]*\})? (\d+)$/m
  return texts.reduce((sum, text) => sum + Number(line.exec(text)?.[1] ?? 0), 0)
}
