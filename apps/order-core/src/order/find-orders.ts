import type { Pool, PoolClient } from 'pg'
import type { StoredOrder } from './order.ts'

const columns = `
  o.id, o.sale, o.buyer, o.slot, o.request_hash as "requestHash", o.status, o.cancel_reason as "cancelReason",
  o.total_minor as "totalMinor", o.currency, o.payment_method as "paymentMethod", o.sealed_email as "sealedEmail",
  coalesce(o.traceparent, '') as traceparent, o.created_at as "createdAt", o.hold_expires_at as "holdExpiresAt",
  o.version,
  coalesce((
    select json_agg(json_build_object('sku', sku, 'quantity', quantity, 'priceMinor', price_minor) order by position)
    from orders.order_lines where order_id = o.id), '[]') as lines`

/** The orders with these ids, by id; unknown ids are left out. */
export const readOrders = async (
  pool: Pool | PoolClient,
  ids: readonly string[],
): Promise<ReadonlyMap<string, StoredOrder>> => {
  if (ids.length === 0) return new Map()
  const { rows } = await pool.query<StoredOrder>({
    name: 'read-orders',
    text: `select ${columns} from orders.orders o where o.id = any ($1::uuid[])`,
    values: [ids],
  })
  return new Map(rows.map((row) => [row.id, row]))
}

/**
 * The live orders of these slots of a sale, by slot. A slot has one at most; a declined or an abandoned order leaves it free.
 * Orders from before the database kept that rule are not among them.
 */
export const readOrdersOfSlots = async (
  pool: Pool | PoolClient,
  { sale, slots }: { sale: string; slots: readonly string[] },
): Promise<ReadonlyMap<string, StoredOrder>> => {
  if (slots.length === 0) return new Map()
  const { rows } = await pool.query<StoredOrder>({
    name: 'read-orders-of-slots',
    text: `select ${columns} from orders.orders o
      where o.sale = $1 and o.slot = any ($2::text[]) and o.slot_bound
        and (o.cancel_reason is null or o.cancel_reason not in ('declined', 'abandoned'))`,
    values: [sale, slots],
  })
  return new Map(rows.map((row) => [row.slot, row]))
}
