import { idPrefixOfNumber, ORDERS_PER_PAGE, type OrderPage, orderCoreRoutes } from '@floodgate/contracts'
import { handle, NO_STORE, type Route } from '@floodgate/http'
import { AppError } from '@floodgate/runtime'
import type { Pool } from 'pg'

/** What the money check compares: a paid order with refunds also has their sums. */
const PAGE_COLUMNS = `id, status, total_minor as "totalMinor", currency, case when refund_scope is not null then (
    select jsonb_strip_nulls(jsonb_build_object(
      'requestedMinor', o.refunds_minor,
      'refundedMinor', coalesce(sum(amount_minor) filter (where r.status = 'refunded'), 0),
      'openSince', to_char(min(created_at) filter (where r.status <> 'refunded') at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')))
    from orders.refunds r where r.order_id = o.id) end as refunds`

type ListedOrder = OrderPage['orders'][number]
type OrderRow = Omit<ListedOrder, 'refunds'> & { readonly refunds: ListedOrder['refunds'] | null }

const listed = ({ refunds, ...order }: OrderRow): ListedOrder => ({ ...order, ...(refunds == null ? {} : { refunds }) })

/** Reads the orders after this id, by the primary key. */
export async function readOrderPage(pool: Pool, after: string | undefined): Promise<OrderPage> {
  const { rows } = await pool.query<OrderRow>({
    name: 'order-page',
    text: `select ${PAGE_COLUMNS} from orders.orders o
      where id > coalesce($1::uuid, '00000000-0000-0000-0000-000000000000') order by id limit ${ORDERS_PER_PAGE}`,
    values: [after ?? null],
  })
  const orders = rows.map(listed)
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
  const { rows } = await pool.query<OrderRow>({
    name: 'orders-by-number',
    text: `select ${PAGE_COLUMNS} from orders.orders o
      where id between $1::uuid and $2::uuid order by id limit ${ORDERS_PER_PAGE}`,
    values: [`${prefix}00-0000-0000-000000000000`, `${prefix}ff-ffff-ffff-ffffffffffff`],
  })
  return { orders: rows.map(listed), next: null }
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
