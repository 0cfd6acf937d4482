import type { Pool, PoolClient } from 'pg'
import { columnsOf, ORDER_FIELDS, type Order } from './order.ts'

const columns = columnsOf(ORDER_FIELDS)

/** Finds the orders with these ids, by id; omits unknown ids. */
export async function findOrders(pool: Pool | PoolClient, ids: readonly string[]): Promise<ReadonlyMap<string, Order>> {
  if (ids.length === 0) return new Map()
  const { rows } = await pool.query<Order>({
    name: 'read-orders',
    text: `select ${columns} from orders.orders o where o.id = any ($1::uuid[])`,
    values: [ids],
  })
  return new Map(rows.map((row) => [row.id, row]))
}

/**
 * Finds the live orders of these slots of a sale, by slot. A slot has at most one; a declined or abandoned order leaves
 * it free. Orders from before the database enforced that rule are not among them.
 */
export async function findOrdersOfSlots(
  pool: Pool | PoolClient,
  { sale, slots }: { sale: string; slots: readonly string[] },
): Promise<ReadonlyMap<string, Order>> {
  if (slots.length === 0) return new Map()
  const { rows } = await pool.query<Order>({
    name: 'read-orders-of-slots',
    text: `select ${columns} from orders.orders o
      where o.sale = $1 and o.slot = any ($2::text[]) and o.slot_bound
        and (o.cancel_reason is null or o.cancel_reason not in ('declined', 'abandoned'))`,
    values: [sale, slots],
  })
  return new Map(rows.map((row) => [row.slot, row]))
}
