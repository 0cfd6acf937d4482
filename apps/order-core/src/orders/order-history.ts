import { type OrderHistory, orderCoreRoutes } from '@floodgate/contracts'
import { handle, NO_STORE, type Route } from '@floodgate/http'
import type { Pool } from 'pg'
import { orderResourceOf } from './order-resource.ts'
import { SHOWN_COLUMNS, type ShownOrder } from './read-orders.ts'

/**
 * One look-up per sale by `(sale, buyer)`, as for an erasure: an index by buyer alone would cost every order of a rush.
 * Creation times have whole milliseconds.
 */
const ORDERS_OF_BUYER = `
  select ${SHOWN_COLUMNS}
  from orders.catalogues c
  cross join lateral (
    select * from orders.orders
    where orders.sale = c.sale and orders.buyer = $1
      and ($2::bigint is null or (created_at, id) < (to_timestamp($2 / 1000.0), $3::uuid))
    order by created_at desc, id desc limit $4) o
  order by o.created_at desc, o.id desc limit $4`

interface PageOfOrders {
  readonly buyer: string
  /** The `next` of the page before. */
  readonly after?: string | undefined
  readonly limit: number
}

/** Reads a page of a buyer's orders in all sales, newest first. Orders placed meanwhile appear on no later page. */
export async function readOrderHistory(pool: Pool, { buyer, after, limit }: PageOfOrders): Promise<OrderHistory> {
  const [createdMs, id] = after?.split('.') ?? []
  const { rows } = await pool.query<ShownOrder>({
    name: 'order-history',
    text: ORDERS_OF_BUYER,
    values: [buyer, createdMs ?? null, id ?? null, limit + 1],
  })
  const orders = rows.slice(0, limit)
  const last = orders.at(-1)
  const next = rows.length > limit && last !== undefined ? `${last.createdAt.getTime()}.${last.id}` : null
  return { orders: orders.map(orderResourceOf), next }
}

/** Serves the orders of one customer to the shop's server. */
export function orderHistoryRoute({ pool }: { pool: Pool }): Route {
  return handle(orderCoreRoutes.readOrderHistory, async function listOrderHistory({ params, query }, reply) {
    return reply(200, await readOrderHistory(pool, { ...params, ...query }), NO_STORE)
  })
}
