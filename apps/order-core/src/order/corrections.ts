import type { Pool, PoolClient } from 'pg'

/**
 * A committed change of what is sold that is not the end of a hold: a late payment sold the units of an expired order,
 * or a refund put units back into stock. Redis applies each id once, in any order with the ends of holds.
 */
export interface StockCorrection {
  readonly id: string
  readonly sale: string
  readonly buyer: string
  /** Units sold; a negative number is back in stock. */
  readonly lines: readonly { readonly sku: string; readonly quantity: number }[]
}

/** Reads the corrections of these orders. */
export async function readCorrections(
  client: Pool | PoolClient,
  orders: readonly string[],
): Promise<readonly StockCorrection[]> {
  if (orders.length === 0) return []
  const { rows } = await client.query<StockCorrection>({
    name: 'read-corrections',
    text: `select o.id, o.sale, o.buyer, (
        select json_agg(json_build_object('sku', l.sku, 'quantity', l.quantity) order by l.position)
        from orders.order_lines l where l.order_id = o.id) as lines
      from orders.orders o where o.id = any ($1::uuid[]) and o.revived_at is not null
      union all
      select r.id, r.sale, o.buyer, (
        select json_agg(json_build_object('sku', l.sku, 'quantity', -l.quantity) order by l.position)
        from orders.refund_lines l where l.refund_id = r.id)
      from orders.refunds r join orders.orders o on o.id = r.order_id
      where r.order_id = any ($1::uuid[]) and r.restock`,
    values: [orders],
  })
  return rows
}
