import { createHash, randomUUID } from 'node:crypto'
import { createTestDatabase } from '@floodgate/testkit'
import type { Pool } from 'pg'
import { placeOrders } from '../ledger/place-orders.ts'
import { newOrder } from './new-orders.ts'

export const testSale = 'demo'
export const testSkus = ['apple', 'bread', 'cheese'] as const

export interface TestLedger {
  readonly url: string
  readonly pool: Pool
  /** Writes pending orders with the group commit's own statement; returns their ids, in order. */
  place(orders: readonly TestOrder[], options?: { holdMs?: number }): Promise<readonly string[]>
  /** Counts per SKU what the ledger states, and the sums of the orders themselves. */
  count(): Promise<Readonly<Record<string, { held: number; sold: number; heldByOrders: number; soldByOrders: number }>>>
  /** Returns buyers' units that differ from the sums of their open and confirmed orders. */
  wrongUnits(): Promise<readonly unknown[]>
  statuses(): Promise<Readonly<Record<string, number>>>
  remove(): Promise<void>
}

export interface TestOrder {
  readonly buyer: string
  readonly skus: readonly string[]
  /** Default: a unique one. */
  readonly slot?: string
  /** The campaign of a voucher of the buyer, which takes 30 off. */
  readonly voucher?: string
}

/** Creates a migrated database with one sale: three SKUs, 10,000 units each, any number per buyer. */
export async function createTestLedger(): Promise<TestLedger> {
  const database = await createTestDatabase({ connectionsMax: 8 })
  const { pool } = database
  await pool.query(`insert into orders.catalogues (sale, currency) values ('${testSale}', 'EUR')`)
  await pool.query(`insert into orders.fences (sale, epoch) values ('${testSale}', 1)`)
  await pool.query(
    `insert into orders.stock (sale, sku, position, name, list_price_minor, sale_price_minor, per_buyer_limit, total)
     select $1, sku, position, sku, 200, 100, 1000000, 10000 from unnest($2::text[]) with ordinality as s (sku, position)`,
    [testSale, [...testSkus]],
  )

  return {
    url: database.url,
    pool,
    place: async (orders, { holdMs = 600_000 } = {}) => {
      const created = orders.map(({ buyer, skus, slot = `slot-${randomUUID()}`, voucher = null }) =>
        newOrder({
          ...{ sale: testSale, buyer, slot, voucher },
          discountMinor: voucher === null ? 0 : 30,
          requestHash: createHash('sha256').update(buyer).digest('hex'),
          traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
          lines: [...skus].sort().map((sku) => ({ sku, quantity: 1, priceMinor: 100 })),
        }),
      )
      const times = { holdMs, chargeMarginMs: 0 }
      const placed = await placeOrders(pool, { sale: testSale, orders: created, times })
      if (placed.length !== created.length) throw new Error('the ledger refused test orders')
      return created.map(({ id }) => id)
    },
    count: async () => {
      const { rows } = await pool.query(`
        select s.sku, s.held, s.sold,
          coalesce(sum(l.quantity) filter (where o.status = 'pending'), 0)::int as "heldByOrders",
          (coalesce(sum(l.quantity) filter (where o.status in ('confirmed', 'refunded') and (o.cancel_reason is null or o.revived_at is not null)), 0)
            - coalesce((select sum(back.quantity) from orders.refunds r join orders.refund_lines back on back.refund_id = r.id
                where r.restock and back.sku = s.sku), 0))::int as "soldByOrders"
        from orders.stock s
        left join orders.order_lines l on l.sku = s.sku
        left join orders.orders o on o.id = l.order_id
        group by s.sku, s.held, s.sold`)
      return Object.fromEntries(rows.map(({ sku, ...counts }) => [sku, counts]))
    },
    wrongUnits: async () => {
      const { rows } = await pool.query(`
        select b.buyer, b.sku, b.units, coalesce(sum(l.quantity), 0)::int as ordered
        from orders.buyer_units b
        left join (
          orders.orders o join orders.order_lines l on l.order_id = o.id and o.status in ('pending', 'confirmed')
        ) on o.buyer = b.buyer and l.sku = b.sku
        group by b.buyer, b.sku, b.units
        having b.units <> coalesce(sum(l.quantity), 0)`)
      return rows
    },
    statuses: async () => {
      const { rows } = await pool.query(
        `select status || coalesce('(' || cancel_reason || ')', '') as status, count(*)::int as n
         from orders.orders group by 1 order by 1`,
      )
      return Object.fromEntries(rows.map(({ status, n }) => [status, n]))
    },
    remove: database.remove,
  }
}
