import type { Pool, PoolClient } from 'pg'
import type { StoredOrder } from './order.ts'

const columns = `
  o.id, o.sale, o.buyer, o.slot, o.request_hash as "requestHash", o.status, o.cancel_reason as "cancelReason",
  o.total_minor as "totalMinor", o.currency, o.payment_method as "paymentMethod", o.sealed_email as "sealedEmail",
  coalesce(o.traceparent, '') as traceparent, o.created_at as "createdAt", o.hold_expires_at as "holdExpiresAt",
  o.version,
  (select json_agg(json_build_object('sku', sku, 'quantity', quantity, 'priceMinor', price_minor) order by position)
   from orders.order_lines where order_id = o.id) as lines`

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
