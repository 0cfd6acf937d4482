import { randomUUID } from 'node:crypto'
import type { Pool } from 'pg'
import { eventText, type Way } from './order-store.ts'

/** Stands in the event until the statement knows the price. */
const PRICE_UNKNOWN = -1

const placeOrder = {
  name: 'baseline-place',
  text: `with taken as (
    update orders.stock set held = held + $4::int
    where sale = $2::text and sku = $3::text and held + sold + $4::int <= total
    returning sale_price_minor as price
  ), ordered as (
    insert into orders.orders (id, sale, buyer, slot, request_hash, status, total_minor, currency, payment_method,
      sealed_email, hold_expires_at, charge_by)
    select $1::uuid, $2, $5, $6, '', 'pending', $4::int * price, 'EUR', $7, $8, now() + interval '10 minutes', now() + interval '9 minutes'
    from taken
  ), lined as (
    insert into orders.order_lines (order_id, position, sku, quantity, price_minor)
    select $1::uuid, 0, $3::text, $4::int, price from taken
  )
  insert into orders.outbox (type, key, version, data)
  select 'order.placed.v1', $1::uuid::text, 1,
    replace(replace($9::text, '"priceMinor":-1', '"priceMinor":' || price), '"totalMinor":' || -1 * $4::int, '"totalMinor":' || $4::int * price)
  from taken`,
}

/**
 * The strongest rival that still writes each order by itself: everything in one statement, one round trip, the stock row
 * locked for no longer than that and its commit. For orders of one line.
 */
export function createPgStatement({ pool }: { readonly pool: Pool }): Way {
  return async function placeByStatement({ admission, body }) {
    const [item] = body.items
    if (item === undefined || body.items.length > 1) throw new Error('This way takes orders of one line.')
    const { sku, quantity } = item
    const order = randomUUID()
    const event = eventText(order, { admission, body }, [{ sku, quantity, priceMinor: PRICE_UNKNOWN }])
    const { sale, buyer, slot } = admission
    const values = [order, sale, sku, quantity, buyer, slot, body.paymentMethod, body.email, event]
    const { rowCount } = await pool.query({ ...placeOrder, values })
    return rowCount === 0 ? { kind: 'sold-out' } : { kind: 'placed', order }
  }
}
