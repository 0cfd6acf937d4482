import { randomUUID } from 'node:crypto'
import { closePool, createPool } from '@floodgate/database'
import { eventually, promotePostgres, stopReplication } from '@floodgate/testkit'
import { expect } from 'vitest'
import { coat } from '../client/coats.ts'
import { send } from '../client/http.ts'
import { checkMoney } from '../client/right-money.ts'
import type { TestSystem } from '../client/test-system.ts'
import { expectStock } from '../scenarios/expect-stock.ts'
import type { PostgresPair } from './postgres-pair.ts'

const KEPT = 5
const LOST = 7
const UNITS = 20
const CHARGED_MS_MAX = 120_000

/**
 * Kills a primary whose standby lacks the last orders, and promotes the standby. Expects that the money check names exactly
 * the charges of those orders, that nothing else is lost, and that the order core gives their units back by itself.
 */
export async function loseLastCommits(testSystem: TestSystem, { primary, standby }: PostgresPair): Promise<void> {
  const { system, operator } = testSystem
  const sale = 'lost-commits'
  await operator.openSale(sale, { items: [coat(UNITS, 1)], admitPerSecond: 100, maxActive: UNITS })
  const names = Array.from({ length: KEPT + LOST }, (_, index) => `${sale}-${index}`)
  const buyers = await Promise.all(names.map((name) => testSystem.admitted(name, sale)))
  const kept = await placeAll(buyers.slice(0, KEPT))
  await Promise.all(kept.map((id, index) => buyers[index]?.untilOrderIs(id, 'confirmed')))
  await untilReplicated(primary.url)

  await stopReplication(standby.url)
  const lost = await placeAll(buyers.slice(KEPT))
  await untilCharged(testSystem, lost)
  await primary.kill()
  await promotePostgres(standby.url)
  await system.untilReady()

  const asOperator = { headers: { authorization: `Bearer ${system.adminToken}` } }
  const readAsOperator = (id: string) => send('GET', `${system.urls.orderCore}/admin/orders/${id}`, asOperator)
  await eventually(async () => {
    for (const id of kept) expect((await readAsOperator(id)).status, `order ${id}`).toBe(200)
  })
  const report = await eventually(async () => {
    const found = await checkMoney(system)
    expect(found.underWay).toBe(0)
    return found
  })
  expect(report.findings.map(({ order }) => order).sort()).toEqual([...lost].sort())
  for (const { order, problem, status } of report.findings) {
    // If the news of its charge came after the promotion, an empty order in its place asks for a refund.
    const isKnown = (await readAsOperator(order)).status === 200
    expect({ problem, status }).toEqual(
      isKnown
        ? { problem: 'refund-missing', status: 'refund_parked' }
        : { problem: 'charge-without-order', status: null },
    )
  }
  // In Redis those units are still sold until the order core notices the promotion.
  await expectStock(testSystem, sale, { available: UNITS - KEPT, held: 0, sold: KEPT })
  await refundAll(
    testSystem,
    report.findings.flatMap(({ charges }) => charges),
  )
}

async function placeAll(buyers: readonly Awaited<ReturnType<TestSystem['admitted']>>[]): Promise<string[]> {
  const placed = await Promise.all(buyers.map((buyer) => buyer.order()))
  return placed.map(({ id }) => id)
}

/** Resolves once the standby has everything that the primary has committed so far. */
async function untilReplicated(primaryUrl: string): Promise<void> {
  const pool = createPool(primaryUrl, { max: 1 })
  try {
    const { rows } = await pool.query<{ lsn: string }>('select pg_current_wal_lsn()::text as lsn')
    await eventually(async () => {
      const { rowCount } = await pool.query('select from pg_stat_replication where replay_lsn >= $1::pg_lsn', [
        rows[0]?.lsn,
      ])
      expect(rowCount).toBe(1)
    })
  } finally {
    await closePool(pool)
  }
}

async function untilCharged({ provider }: TestSystem, orders: readonly string[]): Promise<void> {
  await eventually(
    async () => {
      const charged = new Set((await provider.charges()).map(({ orderId }) => orderId))
      for (const order of orders) expect(charged.has(order), `charge of ${order}`).toBe(true)
    },
    { timeoutMs: CHARGED_MS_MAX },
  )
}

/** Refunds charges at the provider, as its operator does for orders that were lost. */
async function refundAll({ system }: TestSystem, charges: readonly string[]): Promise<void> {
  for (const charge of charges) {
    const { status } = await send('POST', `${system.urls.paymentSimulator}/charges/${charge}/refunds`, {
      headers: { 'idempotency-key': randomUUID() },
      body: {},
    })
    expect(status, `refund of ${charge}`).toBeLessThan(300)
  }
}
