import { setTimeout as delay } from 'node:timers/promises'
import type { CatalogueItem } from '@floodgate/contracts'
import type { Pool } from 'pg'
import { auditSale } from '../audit/audit-sale.ts'
import type { BenchRun } from '../bench.ts'
import { withCpu } from '../checkout/cpu-watch.ts'
import { untilConfirmed } from '../confirm/confirmation-times.ts'
import { driveOrders } from '../order-load/drive-orders.ts'
import { acceptedOf, type OrderReport } from '../order-load/job.ts'
import { oneItem } from '../system/operator.ts'
import type { BenchSystem } from '../system/system.ts'
import type { OrderRound } from './order-rounds.ts'
import { roundFaults } from './round-faults.ts'

/** Longer than any number of orders takes. */
const SECONDS_MAX = 1_800
const READERS = 20
const STILL_MS_MAX = 60_000
const POLL_MS = 100
const WATCHED_PROCESSES = ['order-core', 'postgres', 'redis', 'kafka'] as const

export interface DrivenRound {
  readonly round: OrderRound
  readonly orders: OrderReport
  readonly reads?: OrderReport
  /** CPU time of each server from the first order to the last. */
  readonly cpuMs: Readonly<Record<string, number>>
  readonly faults: readonly string[]
}

/**
 * Opens the sale of a round, sends its orders, and audits them. `paid`: payments run, so that every order ends
 * confirmed and charged once; else every order stays held.
 */
export async function driveRound(
  run: Pick<BenchRun, 'directory' | 'progress' | 'signal'>,
  { system, pool }: { readonly system: BenchSystem; readonly pool: Pool },
  { round, seconds, paid }: { readonly round: OrderRound; readonly seconds: number; readonly paid: boolean },
): Promise<DrivenRound> {
  const { sale, products, stockOfEach, stages, orders: count, readsPerSecond } = round
  const { directory, signal } = run
  run.progress(`${sale}: ${products} products of ${stockOfEach}, ${stages.at(-1)} buyers`)
  const items = itemsOf(products, stockOfEach)
  await system.operator.openSale(sale, { admitPerSecond: 1, maxActive: 1, items })
  const urls = [...system.urlsOf('order-core')]
  const series = { dataDir: system.dataDir, sale, skus: items.map(({ sku }) => sku), label: sale }
  const buying = {
    ...{ urls, connections: Math.max(...stages), secondsMax: count === undefined ? seconds : SECONDS_MAX },
    ...(count === undefined ? { series, stages: [...stages] } : { series, count }),
  }
  const path = `/live/sales/${sale}/stock`
  const reading = { urls: [...system.urlsOf('notifier')], path, connections: READERS, secondsMax: seconds }
  if (readsPerSecond !== undefined) await untilShown(`${system.urls.notifier}${path}`, signal)
  const watched = Object.fromEntries(WATCHED_PROCESSES.map((name) => [name, system.pidsOf(name)]))
  const { result, cpuMs } = await withCpu(watched, () =>
    Promise.all([
      driveOrders(buying, { directory, signal }),
      ...(readsPerSecond === undefined
        ? []
        : [driveOrders({ ...reading, perSecond: readsPerSecond }, { directory, signal })]),
    ]),
  )
  const [orders, reads] = result
  run.progress(`${sale}: auditing ${acceptedOf(orders)} orders`)
  if (paid) await untilConfirmed(pool, sale, { stillMsMax: STILL_MS_MAX, signal })
  const accepted = acceptedOf(orders)
  const audit = paid
    ? await auditSale({ operator: system.operator }, { sale, sold: accepted })
    : await auditSale({ operator: system.operator }, { sale, sold: 0, held: accepted })
  const found = roundFaults(round, { orders, reads, written: await countOrders(pool, sale) })
  const all = [...found, ...audit].map((fault) => `${sale}: ${fault}`)
  return { round, orders, ...(reads === undefined ? {} : { reads }), cpuMs, faults: all }
}

/** Waits for the first news of a sale's stock. Throws when there is none within a minute. */
async function untilShown(url: string, signal: AbortSignal): Promise<void> {
  const startedAt = performance.now()
  for (;;) {
    const response = await fetch(url, { signal })
    if (response.ok) return
    if (performance.now() - startedAt > STILL_MS_MAX) throw new Error(`GET ${url}: ${response.status}`)
    await delay(POLL_MS, undefined, { signal })
  }
}

async function countOrders(pool: Pool, sale: string): Promise<number> {
  const { rows } = await pool.query<{ count: number }>('select count(*) from orders.orders where sale = $1', [sale])
  return Number(rows[0]?.count)
}

const itemsOf = (products: number, total: number): CatalogueItem[] =>
  Array.from({ length: products }, (_, index) => ({ ...oneItem(total), sku: `SKU-${index + 1}` }))
