import { readFileSync } from 'node:fs'
import type { Pool, PoolClient } from 'pg'
import { type NewOrder, type Order, totalMinorOf } from '../order/order.ts'
import { placedEvent, withTimedEvents } from '../order/order-event.ts'
import { fenceLockKey } from '../stock/rebuild/fence-locks.ts'

export interface HoldTimes {
  readonly holdMs: number
  /** Charging stops this long before the hold ends. */
  readonly chargeMarginMs: number
}

/** What Postgres adds to an order as it writes it. */
export type WrittenOrder = Pick<Order, 'id' | 'createdAt' | 'holdExpiresAt'>

const text = withTimedEvents(readFileSync(new URL('./place-orders.sql', import.meta.url), 'utf8'))

/**
 * Runs the one statement on orders of one sale, no id twice. Answers those it wrote; the others exist already, or were
 * held under a fence that is gone. Rejects when the ledger's checks, or the data, forbid any one of them: then none is written.
 */
export const placeOrders = async (
  client: Pool | PoolClient,
  { sale, orders, times }: { sale: string; orders: readonly NewOrder[]; times: HoldTimes },
): Promise<readonly WrittenOrder[]> => {
  const lines = orders.flatMap((order) => order.lines.map((line, position) => ({ order: order.id, position, ...line })))
  const events = orders.map(placedEvent)
  const { rows } = await client.query<WrittenOrder>({
    name: 'place-orders',
    text,
    values: [
      sale,
      orders.map((order) => order.id),
      orders.map((order) => order.epoch),
      orders.map((order) => order.buyer),
      orders.map((order) => order.slot),
      orders.map((order) => order.requestHash),
      orders.map((order) => totalMinorOf(order.lines)),
      orders.map((order) => order.currency),
      orders.map((order) => order.paymentMethod),
      orders.map((order) => order.sealedEmail),
      orders.map((order) => order.traceparent),
      events.map((event) => event.data),
      times.holdMs,
      times.chargeMarginMs,
      lines.map((line) => line.order),
      lines.map((line) => line.position),
      lines.map((line) => line.sku),
      lines.map((line) => line.quantity),
      lines.map((line) => line.priceMinor),
      fenceLockKey(sale),
      events.map((event) => event.type),
      orders.map((order) => order.language),
    ],
  })
  return rows
}
