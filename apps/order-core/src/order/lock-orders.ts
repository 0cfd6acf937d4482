import type { OrderLine } from '@floodgate/contracts'
import { LANGUAGE_TAGS } from '@floodgate/http'
import type { PoolClient } from 'pg'
import { columnsOf, MOVING_FIELDS, type MovingOrder } from './order.ts'

/** Limit for a lock in a transaction that moves orders: a longer wait means that something hangs, and it is repeated. */
export const LOCK_SECONDS_MAX = 5

/** An order whose row this transaction has locked, with the names for its events. */
export interface LockedOrder extends MovingOrder {
  /** Null: unknown. */
  readonly saleName: string | null
  /** Language for the buyer: the sale's where there are texts in it, else that of the request. Null: unknown. */
  readonly language: string | null
  readonly lines: readonly NamedLine[]
}

/** Without a name: its item is no longer in the catalogue. */
export interface NamedLine extends OrderLine {
  readonly name?: string
}

const columns = `
  ${columnsOf(MOVING_FIELDS)}, (select s.name from orders.sales s where s.id = o.sale) as "saleName",
  coalesce((select s.language from orders.sales s where s.id = o.sale and s.language = any ($2::text[])), o.language) as language,
  coalesce((
    select json_agg(json_strip_nulls(json_build_object('sku', l.sku, 'quantity', l.quantity, 'priceMinor', l.price_minor,
      'name', s.name)) order by l.position)
    from orders.order_lines l left join orders.stock s on s.sale = o.sale and s.sku = l.sku where l.order_id = o.id
  ), '[]') as lines`

/**
 * Locks orders by id, ascending: first in the common lock order (orders, stock, buyer units). Ignores a sale's language
 * without texts, as its pages do.
 */
export async function lockOrders(client: PoolClient, ids: readonly string[]): Promise<readonly LockedOrder[]> {
  const { rows } = await client.query<LockedOrder>({
    name: 'lock-orders',
    text: `select ${columns} from orders.orders o where o.id = any ($1::uuid[]) order by o.id for no key update`,
    values: [ids, LANGUAGE_TAGS],
  })
  return rows
}

/**
 * Locks pending orders whose hold is over by Postgres' clock, the most overdue first, and returns their ids. Skips rows
 * that others have locked: it never waits, so its order cannot cause a deadlock, and several processes may expire side
 * by side. Omits parked orders, which would be the most overdue for ever.
 */
export async function lockExpiredOrders(client: PoolClient, max: number): Promise<readonly string[]> {
  const { rows } = await client.query<{ id: string }>({
    name: 'lock-expired-orders',
    text: `select o.id from orders.orders o
      where o.status = 'pending' and o.hold_expires_at <= now()
        and not exists (select from orders.parked p where p.order_id = o.id)
      order by o.hold_expires_at limit $1 for no key update of o skip locked`,
    values: [max],
  })
  return rows.map(({ id }) => id)
}

/** Locks pending orders that cost nothing, oldest first, and returns their ids. Skips locked and parked ones. */
export async function lockFreeOrders(client: PoolClient, max: number): Promise<readonly string[]> {
  const { rows } = await client.query<{ id: string }>({
    name: 'lock-free-orders',
    text: `select o.id from orders.orders o
      where o.status = 'pending' and o.total_minor = 0
        and not exists (select from orders.parked p where p.order_id = o.id)
      order by o.created_at limit $1 for no key update of o skip locked`,
    values: [max],
  })
  return rows.map(({ id }) => id)
}

const REFUND_SWEEP_LOCK = 'orders.repeat-refunds'

/**
 * Locks orders whose refund was requested longer ago than `olderThanMs`, oldest first, and returns their ids. Returns
 * none while another process does this: the advisory lock lasts until the transaction ends.
 */
export async function lockStaleRefunds(
  client: PoolClient,
  { olderThanMs, max }: { olderThanMs: number; max: number },
): Promise<readonly string[]> {
  const lock = await client.query<{ taken: boolean }>(
    'select pg_try_advisory_xact_lock(hashtextextended($1, 0)) as taken',
    [REFUND_SWEEP_LOCK],
  )
  if (lock.rows[0]?.taken !== true) return []
  const { rows } = await client.query<{ id: string }>({
    name: 'lock-stale-refunds',
    text: `select o.id from orders.orders o
      where o.status = 'refund_pending' and o.updated_at < now() - $2::float8 * interval '1 ms'
        and not exists (select from orders.parked p where p.order_id = o.id)
      order by o.updated_at limit $1 for no key update of o skip locked`,
    values: [max, olderThanMs],
  })
  return rows.map(({ id }) => id)
}
