import type { CancelReason, OrderLine } from '@floodgate/contracts'
import { createBatches } from '@floodgate/runtime'
import type { Pool } from 'pg'
import type { OrderStatus } from '../order/decide.ts'

/** An order as it is read for people. */
export interface ReadOrder {
  readonly id: string
  readonly sale: string
  readonly buyer: string
  readonly slot: string
  readonly status: OrderStatus
  readonly cancelReason: CancelReason | null
  readonly totalMinor: number
  readonly currency: string
  readonly paymentMethod: string
  readonly createdAt: Date
  readonly committedAt: Date
  readonly holdExpiresAt: Date
  readonly chargeBy: Date
  readonly endedAt: Date | null
  readonly updatedAt: Date
  readonly version: number
  /** By Postgres' clock, the only one that decides expiry. */
  readonly holdIsOver: boolean
  readonly lines: readonly OrderLine[]
}

const listMax = 100

/** What a buyer is shown of an order. */
export type ShownOrder = Pick<
  ReadOrder,
  | 'id'
  | 'sale'
  | 'buyer'
  | 'status'
  | 'cancelReason'
  | 'totalMinor'
  | 'currency'
  | 'createdAt'
  | 'holdExpiresAt'
  | 'version'
  | 'lines'
>

const shownColumns = `o.id, o.sale, o.buyer, o.status, o.cancel_reason as "cancelReason",
    o.total_minor as "totalMinor", o.currency, o.created_at as "createdAt", o.hold_expires_at as "holdExpiresAt",
    o.version, coalesce((
      select json_agg(json_build_object('sku', sku, 'quantity', quantity, 'priceMinor', price_minor) order by position)
      from orders.order_lines where order_id = o.id
    ), '[]') as lines`

export const readOrder = async (pool: Pool, id: string): Promise<ReadOrder | undefined> => {
  const { rows } = await pool.query<ReadOrder>({
    name: 'read-order',
    text: `select ${shownColumns}, o.slot, o.payment_method as "paymentMethod", o.committed_at as "committedAt",
      o.charge_by as "chargeBy", o.ended_at as "endedAt", o.updated_at as "updatedAt",
      o.hold_expires_at <= now() as "holdIsOver"
      from orders.orders o where o.id = $1`,
    values: [id],
  })
  return rows[0]
}

/** Undefined: there is no such order. The id is a UUID. */
export type ReadShownOrder = (id: string) => Promise<ShownOrder | undefined>

const readShownOrders = async (pool: Pool, ids: readonly string[]): Promise<readonly (ShownOrder | undefined)[]> => {
  const { rows } = await pool.query<ShownOrder>({
    name: 'read-shown-orders',
    text: `select ${shownColumns} from orders.orders o where o.id = any ($1::uuid[])`,
    values: [ids],
  })
  const byId = new Map(rows.map((row) => [row.id, row]))
  return ids.map((id) => byId.get(id))
}

const ORDERS_PER_QUERY = 100

/** Reads what is asked for in one turn of the event loop with one statement: buyers who wait for a payment ask in crowds. */
export const createReadShownOrder = (pool: Pool): ReadShownOrder => {
  const readInBatch = createBatches<string, ShownOrder | undefined>({
    itemsMax: ORDERS_PER_QUERY,
    send: (_, ids) => readShownOrders(pool, ids),
  })
  // Of all sales together, and as Postgres writes an id.
  return (id) => readInBatch('', id.toLowerCase())
}

/** The newest orders of a buyer in a sale, 100 at most. */
export const readOrdersOfBuyer = async (
  pool: Pool,
  owner: { sale: string; buyer: string },
): Promise<readonly ShownOrder[]> => {
  const { rows } = await pool.query<ShownOrder>({
    name: 'read-orders-of-buyer',
    text: `select ${shownColumns} from orders.orders o
      where o.sale = $1 and o.buyer = $2 order by o.created_at desc, o.id desc limit $3`,
    values: [owner.sale, owner.buyer, listMax],
  })
  return rows
}

export interface AnnouncedEvent {
  readonly type: string
  readonly occurredAt: Date
  readonly sentAt: Date | null
}

/** The events about an order that are still in the outbox: those of the last minute, and those not sent yet. */
export const readAnnouncements = async (pool: Pool, order: string): Promise<readonly AnnouncedEvent[]> => {
  const { rows } = await pool.query<AnnouncedEvent>({
    name: 'read-announcements',
    text: `select type, occurred_at as "occurredAt", sent_at as "sentAt" from orders.outbox where key = $1 order by id`,
    values: [order],
  })
  return rows
}
