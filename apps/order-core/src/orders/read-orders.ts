import { createMicroBatcher } from '@floodgate/async'
import type { Pool } from 'pg'
import { BUYER_FIELDS, type BuyerOrder, columnsOf, ORDER_FIELDS, type Order } from '../order/order.ts'
import { CANCELLABLE_UNTIL } from '../refunds/cancel-window.ts'
import type { RefundLine } from '../refunds/plan-refund.ts'
import type { RefundStatus } from '../refunds/refund-rows.ts'

const LISTED_MAX = 100

/** An order as its buyer sees it now. */
export interface ShownOrder extends BuyerOrder {
  /** It waits for its payment, and payments are delayed. */
  readonly paymentDelayed: boolean
  /** When the time to cancel the paid order ends; null: it cannot be cancelled, or no longer. */
  readonly cancellableUntil: Date | null
  /** Of the paid order, oldest first; null: there are none. */
  readonly refunds: readonly ShownRefund[] | null
}

export interface ShownRefund {
  readonly id: string
  readonly status: RefundStatus
  readonly amountMinor: number
  readonly lines: readonly RefundLine[]
}

/** The fields of a shown order as a `select` list, for statements over `orders.orders o`. */
export const SHOWN_COLUMNS = `${columnsOf(BUYER_FIELDS)},
  o.status = 'pending' and o.total_minor > 0
    and exists (select from orders.payment_watch where delayed_since is not null) as "paymentDelayed",
  case when o.status = 'confirmed' and o.refund_scope is distinct from 'whole' then (
    select ${CANCELLABLE_UNTIL} from orders.catalogues c where c.sale = o.sale and ${CANCELLABLE_UNTIL} > now()
  ) end as "cancellableUntil",
  case when o.refund_scope is not null then (
    select json_agg(json_build_object('id', r.id, 'status', r.status, 'amountMinor', r.amount_minor, 'lines', (
        select json_agg(json_build_object('sku', sku, 'quantity', quantity, 'amountMinor', amount_minor) order by position)
        from orders.refund_lines where refund_id = r.id)) order by r.created_at, r.id)
    from orders.refunds r where r.order_id = o.id
  ) end as refunds`

/** An order in its current state. */
export interface CurrentOrder extends Order {
  /** By Postgres' clock, the only one that decides expiry. */
  readonly holdIsOver: boolean
}

export async function readOrder(pool: Pool, id: string): Promise<CurrentOrder | undefined> {
  const { rows } = await pool.query<CurrentOrder>({
    name: 'read-order',
    text: `select ${columnsOf(ORDER_FIELDS)}, o.hold_expires_at <= now() as "holdIsOver"
      from orders.orders o where o.id = $1`,
    values: [id],
  })
  return rows[0]
}

/** Undefined: no such order exists. The id is a UUID. */
export type ReadBuyerOrder = (id: string) => Promise<ShownOrder | undefined>

const readBuyerOrders = async (pool: Pool, ids: readonly string[]): Promise<readonly (ShownOrder | undefined)[]> => {
  const { rows } = await pool.query<ShownOrder>({
    name: 'read-shown-orders',
    text: `select ${SHOWN_COLUMNS} from orders.orders o where o.id = any ($1::uuid[])`,
    values: [ids],
  })
  const byId = new Map(rows.map((row) => [row.id, row]))
  return ids.map((id) => byId.get(id))
}

const ORDERS_PER_QUERY = 100

/**
 * Reads all orders requested in one turn of the event loop with one statement: many buyers at once poll for their
 * payment.
 */
export function createReadBuyerOrder(pool: Pool): ReadBuyerOrder {
  const readInBatch = createMicroBatcher<string, ShownOrder | undefined>({
    itemsMax: ORDERS_PER_QUERY,
    send: (_, ids) => readBuyerOrders(pool, ids),
  })
  // Orders of all sales, with ids in Postgres' form.
  return function readBuyerOrder(id) {
    return readInBatch('', id.toLowerCase())
  }
}

/** Reads the newest orders of a buyer in a sale, at most 100. */
export async function readOrdersOfBuyer(
  pool: Pool,
  owner: { sale: string; buyer: string },
): Promise<readonly ShownOrder[]> {
  const { rows } = await pool.query<ShownOrder>({
    name: 'read-orders-of-buyer',
    text: `select ${SHOWN_COLUMNS} from orders.orders o
      where o.sale = $1 and o.buyer = $2 order by o.created_at desc, o.id desc limit $3`,
    values: [owner.sale, owner.buyer, LISTED_MAX],
  })
  return rows
}

export interface AnnouncedEvent {
  readonly type: string
  readonly occurredAt: Date
  readonly sentAt: Date | null
}

/** Reads the events about an order that are still in the outbox: those of the last minute, and unsent ones. */
export async function readAnnouncements(pool: Pool, order: string): Promise<readonly AnnouncedEvent[]> {
  const { rows } = await pool.query<AnnouncedEvent>({
    name: 'read-announcements',
    text: `select type, occurred_at as "occurredAt", sent_at as "sentAt" from orders.outbox where key = $1 order by id`,
    values: [order],
  })
  return rows
}
