import { join } from 'node:path'
import { simulatedCharges } from '@floodgate/contracts'
import { createPool } from '@floodgate/database'
import { type BenchResult, type BenchRun, defineBench } from '../bench.ts'
import { withCpu } from '../checkout/cpu-watch.ts'
import { driveOrders } from '../order-load/drive-orders.ts'
import { prepareOrders, writeOrders } from '../order-load/prepare-orders.ts'
import { oneItem } from '../system/operator.ts'
import { type BenchSystem, withSystem } from '../system/system.ts'
import { readConfirmations, untilConfirmed } from './confirmation-times.ts'
import { sampleBuyers } from './live-sample.ts'
import { reportConfirm } from './report-confirm.ts'

const SALE = 'bench-confirm'
const SKU = 'COAT'
const CONNECTIONS = 256
/** Only a few of the buyers watch, because sockets are not measured here. */
const WATCHED_PER_SECOND = 5
const STILL_MS_MAX = 60_000
const WARM_UP_SECONDS = 3
/** The processes that spend CPU on an order. */
const WATCHED_PROCESSES = [
  'order-core',
  'payment-worker',
  'notifier',
  'waiting-room',
  'postgres',
  'redis',
  'kafka',
  'payment-simulator',
  'mail',
] as const

interface Wanted {
  readonly perSecond: number
  readonly seconds: number
  readonly providerMs: number
  readonly durable: string
}

/** Measures how long a buyer waits between "accepted" and "confirmed", through Kafka, with a slow provider. */
export const confirmBench = defineBench({
  name: 'confirm',
  about: 'from accepted to confirmed through Kafka, at a fixed rate of orders',
  group: 'cost',
  needs: ['kafka'],
  options: {
    'per-second': { about: 'orders per second', default: 500, small: 25 },
    seconds: { about: 'seconds of load', default: 20, small: 3 },
    provider: { about: 'response time of the payment provider in milliseconds', default: 50 },
    durable: { about: 'whether Postgres waits for the disk: on or off', default: 'on', small: 'off' },
  },
  run: (run) => {
    const { 'per-second': perSecond, seconds, provider, durable } = run.values
    return withSystem(run, { bus: 'kafka', durable: durable !== 'off' }, (system) =>
      runConfirm(run, system, { perSecond, seconds, providerMs: provider, durable }),
    )
  },
})

async function runConfirm(
  run: Pick<BenchRun, 'directory' | 'progress' | 'signal' | 'small'>,
  system: BenchSystem,
  wanted: Wanted,
): Promise<BenchResult> {
  const { operator } = system
  const { progress, signal, directory } = run
  const { perSecond, seconds } = wanted
  await slowProvider(system.urls.paymentSimulator, wanted.providerMs)
  const count = perSecond * seconds
  const prepare = (sale: string, orders: number, label: string) =>
    prepareOrders({ dataDir: system.dataDir, sale, count: orders, skus: [SKU], label })
  const drive = async (sale: string, forSeconds: number) => {
    const ordersFile = join(directory, `${sale}.json`)
    await writeOrders(ordersFile, await prepare(sale, perSecond * forSeconds, sale))
    const load = { urls: [...system.urlsOf('order-core')], ordersFile, connections: CONNECTIONS, perSecond }
    return driveOrders({ ...load, secondsMax: forSeconds }, { directory, signal })
  }
  const pool = createPool(system.databaseUrl, { max: 2 })
  try {
    for (const sale of [`${SALE}-warm`, SALE]) await operator.openSale(sale, { items: [oneItem(2 * count)] })
    if (!run.small) {
      progress(`warming up for ${WARM_UP_SECONDS} s`)
      await drive(`${SALE}-warm`, WARM_UP_SECONDS)
      await untilConfirmed(pool, `${SALE}-warm`, { stillMsMax: STILL_MS_MAX, signal })
    }
    const chargesBefore = await countCharges(system.urls.paymentSimulator)
    progress(`${perSecond} orders a second for ${seconds} s`)
    const watching = await prepare(SALE, WATCHED_PER_SECOND * seconds, 'watching')
    const watched = Object.fromEntries(WATCHED_PROCESSES.map((name) => [name, system.pidsOf(name)]))
    const { result, cpuMs } = await withCpu(watched, async () => {
      const [report, liveMs] = await Promise.all([
        drive(SALE, seconds),
        sampleBuyers(watching, {
          orderCore: system.urls.orderCore,
          notifier: system.urls.notifier,
          everyMs: 1_000 / WATCHED_PER_SECOND,
          signal,
        }),
      ])
      progress('waiting until all are confirmed')
      await untilConfirmed(pool, SALE, { stillMsMax: STILL_MS_MAX, signal })
      return { report, liveMs }
    })
    const confirmations = await readConfirmations(pool, SALE)
    const charges = (await countCharges(system.urls.paymentSimulator)) - chargesBefore
    const { agree } = await operator.stock(SALE)
    return reportConfirm({
      ...result,
      ...wanted,
      cpuMs,
      confirmations,
      charges,
      agree,
      small: run.small,
      watched: watching.length,
    })
  } finally {
    await pool.end()
  }
}

async function slowProvider(url: string, delayMs: number): Promise<void> {
  const response = await fetch(`${url}/control`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ mode: 'ok', delayMs }),
  })
  if (!response.ok)
    throw new Error(`The payment simulator rejected the behaviour: ${response.status} ${await response.text()}`)
}

const countCharges = async (url: string): Promise<number> => {
  const response = await fetch(`${url}/charges`)
  return simulatedCharges.parse(await response.json()).charges.length
}
