import type { Pool } from 'pg'
import { type NewOrder, NO_DRAFT, type OrderDraft } from '../order/order.ts'

/** Creates a sale with its catalogue and fence directly in the ledger. */
export async function createSale(
  pool: Pool,
  { sale, items }: { sale: string; items: readonly { sku: string; total: number; limit?: number }[] },
): Promise<void> {
  await pool.query('insert into orders.fences (sale, epoch) values ($1, 1)', [sale])
  await pool.query(`insert into orders.catalogues (sale, currency) values ($1, 'EUR')`, [sale])
  await pool.query(
    `insert into orders.stock (sale, sku, position, name, list_price_minor, sale_price_minor, per_buyer_limit, total)
     select $1, sku, position, sku, 10, 5, per_buyer, total
     from unnest($2::text[], $3::int[], $4::int[]) with ordinality as u (sku, total, per_buyer, position)`,
    [
      sale,
      items.map((each) => each.sku),
      items.map((each) => each.total),
      items.map((each) => each.limit ?? 1_000_000),
    ],
  )
}

export const draft: OrderDraft = { ...NO_DRAFT, paymentMethod: 'sim_ok', sealedEmail: 'sealed' }

export function newOrder(changes: Partial<NewOrder> & Pick<NewOrder, 'sale' | 'lines'>): NewOrder {
  return {
    id: crypto.randomUUID(),
    buyer: crypto.randomUUID(),
    slot: crypto.randomUUID(),
    requestHash: 'hash',
    epoch: 1,
    currency: 'EUR',
    ...draft,
    discountMinor: 0,
    sealedPaymentMethod: 'sealed',
    ...changes,
  }
}

export function line(sku: string, quantity = 1) {
  return { sku, quantity, priceMinor: 5 }
}

/** Compares the sums of the orders' lines with the stock rows: any difference is a fault of the ledger. */
export async function ledgerDifferences(pool: Pool, sale: string): Promise<unknown[]> {
  const { rows } = await pool.query(
    `with counted as (
       select l.sku, sum(l.quantity) as units from orders.orders o join orders.order_lines l on l.order_id = o.id
       where o.sale = $1 and o.status = 'pending' group by l.sku
     ), bought as (
       select sku, sum(units) as units from orders.buyer_units where sale = $1 group by sku
     )
     select s.sku, s.held, counted.units as counted, bought.units as bought
     from orders.stock s left join counted using (sku) left join bought using (sku)
     where s.sale = $1 and (s.held <> coalesce(counted.units, 0) or s.held <> coalesce(bought.units, 0))`,
    [sale],
  )
  return rows
}
