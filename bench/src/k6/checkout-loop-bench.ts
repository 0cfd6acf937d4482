import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CatalogueItem } from '@floodgate/contracts'
import { auditSale } from '../audit/audit-sale.ts'
import { type BenchRun, defineBench } from '../bench.ts'
import { prepareOrders } from '../order-load/prepare-orders.ts'
import { faults } from '../report/faults.ts'
import { table } from '../report/table.ts'
import { atLeast } from '../report/thresholds.ts'
import { barPlot } from '../results/plot.ts'
import { oneItem } from '../system/operator.ts'
import { type BenchSystem, withSystem } from '../system/system.ts'
import { summaryDetails } from './beside-baseline.ts'
import { type CheckoutLoad, checkoutLoads } from './checkout-loads.ts'
import { driveSale } from './drive-sale.ts'
import { runWithEnough, type Supply } from './enough-supply.ts'

const SECOND = 1_000

interface Wanted {
  readonly seconds: number
  readonly scale: number
  readonly orders: number
}
interface Shown {
  readonly load: CheckoutLoad
  readonly orders: number
  readonly perSecond: number
  readonly p95Ms: number
}

/** Lets admitted buyers order in closed loops: the order core's capacity, without a line before it. */
export const checkoutLoopBench = defineBench({
  name: 'checkout',
  about: 'admitted buyers order in closed loops (L1 to L4), exact',
  group: 'load',
  needs: ['k6'],
  options: {
    loads: { about: 'loads to run', default: 'L1,L2,L3,L4' },
    seconds: { about: 'seconds of each of L1 to L3', default: 30, small: 1 },
    scale: { about: 'factor of the numbers of buyers', default: 1, small: 0.02 },
    orders: { about: 'admissions prepared for each load; more when all are used', default: 60_000, small: 400 },
    replicas: { about: 'processes of the order core', default: 1 },
    bus: { about: 'event bus: kafka or redis', default: 'kafka', small: 'redis' },
  },
  run: (run) => {
    const names = run.values.loads.split(',')
    const chosen = checkoutLoads.filter(({ name }) => names.includes(name))
    const bus = run.values.bus === 'redis' ? 'redis' : 'kafka'
    return withSystem(run, { bus, replicas: { 'order-core': run.values.replicas } }, async (system) => {
      const shown: Shown[] = []
      const faults: string[] = []
      const details: Record<string, object> = {}
      for (const load of chosen) {
        const { name, about } = load
        run.progress(`${name}: ${about}`)
        const done = await runLoad(run, system, { load, wanted: run.values })
        shown.push(done.shown)
        faults.push(...done.faults.map((fault) => `${name}: ${fault}`))
        details[name] = done.details
      }
      return {
        title: 'Orders of admitted buyers',
        thresholds: shown.map(({ load, perSecond }) =>
          atLeast(load.ordersPerSecondMin, {
            what: `${load.name}: ${load.about}`,
            ...{ value: perSecond, unit: '/s', kind: 'absolute' },
          }),
        ),
        faults,
        markdown: loadTable(shown),
        plot: barPlot(
          'Orders per second',
          shown.map(({ load, perSecond }) => ({
            label: load.name,
            value: perSecond,
            text: `${perSecond.toFixed(0)}/s`,
          })),
        ),
        details,
      }
    })
  },
})

type Run = Pick<BenchRun, 'directory' | 'progress' | 'signal' | 'small'>
interface LoadRun {
  readonly shown: Shown
  readonly faults: readonly string[]
  readonly details: object
  readonly usedUpSeconds: number | undefined
}

/** Runs one load; for a timed loop, returns the run in which admissions were left at its end. */
async function runLoad(
  run: Run,
  system: BenchSystem,
  { load, wanted }: { readonly load: CheckoutLoad; readonly wanted: Wanted },
): Promise<LoadRun> {
  const { name, orders } = load
  if (orders !== undefined) return runOnce(run, system, { load, wanted, supply: { count: orders, attempt: 1 } })
  const { seconds } = wanted
  const found: string[] = []
  const done = await runWithEnough(
    async (supply) => {
      if (supply.attempt > 1) run.progress(`${name}: all admissions were used; repeating with ${supply.count}`)
      const once = await runOnce(run, system, { load, wanted, supply })
      // Faults count, however short the supply was.
      found.push(...once.faults)
      return once
    },
    { count: wanted.orders, seconds },
  )
  const ranOut = faults([[done.usedUpSeconds !== undefined, 'no supply of admissions was large enough for --seconds']])
  return { ...done, faults: [...found, ...ranOut] }
}

async function runOnce(
  run: Run,
  system: BenchSystem,
  { load, wanted, supply }: { readonly load: CheckoutLoad; readonly wanted: Wanted; readonly supply: Supply },
): Promise<LoadRun> {
  const { name, toTheEnd } = load
  const sale = `checkout-${name.toLowerCase()}${supply.attempt === 1 ? '' : `-${supply.attempt}`}`
  const scaled = (count: number): number => Math.max(1, Math.round(count * wanted.scale))
  const limited = load.orders !== undefined
  const count = limited ? scaled(supply.count) : supply.count
  const stockOfEach = limited ? scaled(load.stockOfEach) : Math.max(load.stockOfEach, Math.ceil(count / load.products))
  const items = itemsOf(load.products, stockOfEach)
  await system.operator.openSale(sale, { admitPerSecond: 1, maxActive: 1, items })
  const skus = items.map(({ sku }) => sku)
  const orders = await prepareOrders({ dataDir: system.dataDir, sale, count, skus, label: sale })
  const file = join(run.directory, `${sale}.json`)
  await writeFile(
    file,
    JSON.stringify(orders.map(({ admission }, index) => ({ admission, sku: skus[index % skus.length] }))),
  )
  const { summary, faults, served } = await driveSale(run, system, {
    script: 'checkout',
    sale,
    users: scaled(Math.max(...load.loops)) + load.readers,
    settings: {
      orders: file,
      salePriceMinor: items[0]?.salePriceMinor,
      loops: load.loops.map(scaled),
      readers: load.readers,
      seconds: wanted.seconds,
      toTheEnd,
    },
  })
  const placed = summary.count('visits_placed') + summary.count('visits_confirmed')
  const audit = await auditSale({ operator: system.operator }, { sale, sold: limited ? 'all' : placed })
  const order = summary.byName.get('order')
  const perSecond = placed / summary.seconds
  const usedUpMs = summary.lowest('supply_used_up_ms')
  return {
    shown: { load, orders: placed, perSecond, p95Ms: order?.p95Ms ?? 0 },
    faults: [...faults, ...audit],
    details: { ...summaryDetails(summary), placed, perSecond, served: served.count },
    usedUpSeconds: usedUpMs === undefined ? undefined : usedUpMs / SECOND,
  }
}

const itemsOf = (products: number, total: number): CatalogueItem[] =>
  Array.from({ length: products }, (_, index) => ({ ...oneItem(total), sku: `SKU-${index + 1}` }))

const loadTable = (shown: readonly Shown[]): string =>
  table(
    ['load', 'orders', 'per second', 'p95 of an order, ms'],
    shown.map(({ load, orders, perSecond, p95Ms }) => [
      ...[`${load.name}: ${load.about}`, orders, perSecond.toFixed(0), p95Ms.toFixed(0)],
    ]),
  )
