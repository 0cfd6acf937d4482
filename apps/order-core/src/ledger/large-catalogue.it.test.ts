import { createPool } from '@floodgate/database'
import type { Pool } from 'pg'
import { expect, it } from 'vitest'
import { createTestLedger, testSale } from '../testing/ledger.ts'
import { newOrder } from '../testing/new-orders.ts'
import { placeOrders } from './place-orders.ts'

const ITEMS = 2_000
const ORDERS = 20
const times = { holdMs: 600_000, chargeMarginMs: 0 }

async function placeOne(pool: Pool, buyer: string, sku: string): Promise<void> {
  const order = newOrder({ sale: testSale, buyer, slot: buyer, lines: [{ sku, quantity: 1, priceMinor: 100 }] })
  expect(await placeOrders(pool, { sale: testSale, orders: [order], times })).toHaveLength(1)
}

async function itemsRead(pool: Pool): Promise<number> {
  await pool.query('select pg_stat_force_next_flush()')
  const { rows } = await pool.query(
    "select idx_tup_read::int as read from pg_stat_user_indexes where indexrelname = 'stock_pkey'",
  )
  return rows[0].read
}

it('an order reads its own items, although its statement was planned while the sale had few', async () => {
  const ledger = await createTestLedger()
  const pool = createPool(ledger.url, { max: 1, arePlannedOnce: true })
  try {
    await placeOne(pool, 'first', 'apple')
    await pool.query(
      `insert into orders.stock (sale, sku, position, name, list_price_minor, sale_price_minor, per_buyer_limit, total)
       select $1, 'item-' || n, n, 'Tea', 200, 100, 10, 10 from generate_series(10, ${ITEMS}) n`,
      [testSale],
    )
    const before = await itemsRead(pool)
    for (let n = 0; n < ORDERS; n += 1) await placeOne(pool, `buyer-${n}`, `item-${n + 10}`)
    expect((await itemsRead(pool)) - before).toBeLessThan(ITEMS)
  } finally {
    await pool.end()
    await ledger.remove()
  }
})
