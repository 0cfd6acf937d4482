import { idPrefixOfNumber, ORDERS_PER_PAGE, type OrderPage, orderCoreRoutes } from '@floodgate/contracts'
import { handle, NO_STORE, type Route } from '@floodgate/http'
import { AppError } from '@floodgate/runtime'
import type { Pool } from 'pg'

/** Reads the orders after this id, by the primary key. */
async function readOrderPage(pool: Pool, after: string | undefined): Promise<OrderPage> {
  const { rows: orders } = await pool.query<OrderPage['orders'][number]>({
    name: 'order-page',
    text: `select id, status, total_minor as "totalMinor", currency from orders.orders
      where id > coalesce($1::uuid, '00000000-0000-0000-0000-000000000000') order by id limit ${ORDERS_PER_PAGE}`,
    values: [after ?? null],
  })
  const kept = await pool.query<{ since: Date }>({
    name: 'orders-kept-since',
    text: 'select kept_since as since from orders.retention',
  })
  const keptSince = kept.rows[0]?.since.toISOString()
  return {
    orders,
    ...(keptSince === undefined ? {} : { keptSince }),
    next: orders.length < ORDERS_PER_PAGE ? null : (orders.at(-1)?.id ?? null),
  }
}

/** Finds the orders whose ids begin with the number's bits, by the primary key. */
async function findByNumber(pool: Pool, number: string): Promise<OrderPage> {
  const prefix = idPrefixOfNumber(number)
  if (prefix === undefined)
    throw new AppError('invalid-request', {
      members: { errors: [{ pointer: '/number', message: 'must be 8 letters and digits, such as 7F3K-92QD' }] },
    })
  const { rows: orders } = await pool.query<OrderPage['orders'][number]>({
    name: 'orders-by-number',
    text: `select id, status, total_minor as "totalMinor", currency from orders.orders
      where id between $1::uuid and $2::uuid order by id limit ${ORDERS_PER_PAGE}`,
    values: [`${prefix}00-0000-0000-000000000000`, `${prefix}ff-ffff-ffff-ffffffffffff`],
  })
  return { orders, next: null }
}

/** Lists orders for the money check, and finds the order of a number that a buyer quotes. */
export function listOrdersRoute({ pool }: { pool: Pool }): Route {
  return handle(orderCoreRoutes.listOrders, async function listOrders({ query: { after, number } }, reply) {
    if (after !== undefined && number !== undefined)
      throw new AppError('invalid-request', {
        members: { errors: [{ pointer: '/number', message: 'after and number exclude each other' }] },
      })
    const page = number === undefined ? await readOrderPage(pool, after) : await findByNumber(pool, number)
    return reply(200, page, NO_STORE)
  })
}
