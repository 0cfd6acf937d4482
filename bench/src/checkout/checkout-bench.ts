import { type BenchResult, type BenchRun, defineBench } from '../bench.ts'
import { faults } from '../report/faults.ts'
import { type BenchSystem, withSystem } from '../system/system.ts'
import { createBaselineDatabase } from './baseline-database.ts'
import { type Driving, orderCoreCandidate } from './candidate.ts'
import { compareStrategies, type Parts } from './compare-strategies.ts'
import { reportCheckout } from './report-checkout.ts'
import { sellOut } from './sell-out.ts'

const HOT_SALE = 'bench-hot'
const MANY_SALE = 'bench-many'
/** Longer than the bench, which pays for no order: no hold ends meanwhile. */
const HOLD_SECONDS = '86400'

interface Wanted {
  readonly rounds: number
  readonly orders: number
  readonly seconds: number
  readonly connections: number
  readonly replicas: number
  readonly skus: number
  readonly stock: number
  readonly durable: string
  readonly pools: string
}

/** Compares the order core's checkout with other strategies: same servers, same HTTP, same admissions, same rows. */
export const checkoutBench = defineBench({
  name: 'checkout-ways',
  about: 'accepted orders/s: group commit compared to a distributed lock and a transaction per order',
  group: 'compare',
  needs: [],
  options: {
    rounds: { about: 'rounds of each measurement', default: 5, small: 1 },
    orders: { about: 'orders per round', default: 6_000, small: 150 },
    seconds: { about: 'maximum seconds of a round', default: 3, small: 1 },
    connections: { about: 'concurrent buyers', default: 256, small: 32 },
    replicas: { about: 'processes of the order core', default: 2, small: 1 },
    skus: { about: 'SKUs of the second table, which a small run omits', default: 20 },
    pools: {
      about: 'pool sizes of the alternatives, each of which uses its best one',
      default: '4,8,16,32',
      small: '8',
    },
    stock: { about: 'units of the sale that sells out', default: 500, small: 50 },
    durable: { about: 'whether Postgres waits for the disk: on or off', default: 'on', small: 'off' },
  },
  run: (run) =>
    withSystem(
      run,
      {
        // Payments and mails are no part of a checkout; the relay is one, and publishes as usual.
        without: ['payment-worker', 'notifier'],
        durable: run.values.durable !== 'off',
        replicas: { 'order-core': run.values.replicas },
        environment: { 'order-core': { HOLD_SECONDS } },
      },
      (system) => runCheckout(run, system, run.values),
    ),
})

async function runCheckout(
  run: Pick<BenchRun, 'directory' | 'progress' | 'signal' | 'small'>,
  system: BenchSystem,
  wanted: Wanted,
): Promise<BenchResult> {
  const { rounds, orders, connections } = wanted
  const { directory, signal } = run
  const database = await createBaselineDatabase(system.databaseUrl)
  const driving: Driving = { connections, secondsMax: wanted.seconds, directory, signal }
  const core = orderCoreCandidate(system, driving)
  try {
    const servers = {
      databaseUrl: database.url,
      redisUrl: system.redisUrl,
      jwksUrl: `${system.urls.waitingRoom}/.well-known/jwks.json`,
    }
    const parts: Parts = { run, system, database, servers, driving, core }
    const skus = Array.from({ length: wanted.skus }, (_, index) => `SKU-${index + 1}`)
    const common = { rounds, orders, pools: poolSizes(wanted.pools) }
    const hot = await compareStrategies(parts, { ...common, title: 'One hot SKU', sale: HOT_SALE, skus: ['COAT'] })
    const many = { ...common, title: `${wanted.skus} SKUs`, sale: MANY_SALE, skus }
    const tables = [hot, ...(run.small ? [] : [await compareStrategies(parts, many)])]
    const last = await sellOut(parts, wanted.stock)
    const audited = run.small ? [HOT_SALE] : [HOT_SALE, MANY_SALE]
    const found = [...(await auditFaults(system, audited)), ...last.faults]
    return reportCheckout({ hot, tables, sellOuts: last.sellOuts, faults: found, ...wanted })
  } finally {
    await core.close()
    await database.close()
  }
}

async function auditFaults({ operator }: BenchSystem, sales: readonly string[]): Promise<string[]> {
  const audits = await Promise.all(sales.map((sale) => operator.stock(sale)))
  return faults(audits.map(({ agree }, index) => [!agree, `order core: the stock audit of ${sales[index]} disagrees`]))
}

/** Parses `4,8,16` as numbers; throws when there is none, or an impossible pool size. Pure. */
function poolSizes(text: string): number[] {
  const sizes = text.split(',').map(Number)
  if (sizes.some((size) => !Number.isSafeInteger(size) || size < 1))
    throw new Error(`--pools ${text}: sizes such as 4,8,16`)
  return sizes
}
