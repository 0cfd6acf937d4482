import type { OrderLine } from '@floodgate/contracts'
import type { Pool, PoolClient } from 'pg'

/**
 * A committed change of what is sold that is not the end of a hold: a late payment sold the units of an expired order.
 * Redis applies each id once, in any order with the ends of holds.
 */
export interface StockCorrection {
  readonly id: string
  readonly sale: string
  readonly buyer: string
  /** Units sold. */
  readonly lines: readonly Pick<OrderLine, 'sku' | 'quantity'>[]
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
      from orders.orders o where o.id = any ($1::uuid[]) and o.revived_at is not null`,
    values: [orders],
  })
  return rows
}
