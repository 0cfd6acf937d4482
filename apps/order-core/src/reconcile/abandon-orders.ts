import { readFileSync } from 'node:fs'
import type { Pool } from 'pg'
import { type HeldOrder, totalMinorOf } from '../order/order.ts'
import { abandonedEvent, withTimedEvents } from '../order/order-event.ts'

const text = withTimedEvents(readFileSync(new URL('./abandon-orders.sql', import.meta.url), 'utf8'))

/** Writes orders as cancelled (abandoned), each unless its row exists, and returns the ids that it wrote. */
export async function abandonOrders(pool: Pool, overdue: readonly HeldOrder[]): Promise<readonly string[]> {
  const lines = overdue.flatMap((order) =>
    order.lines.map((line, position) => ({ order: order.id, position, ...line })),
  )
  const { rows } = await pool.query<{ id: string }>({
    name: 'abandon-orders',
    text,
    values: [
      overdue.map((order) => order.id),
      overdue.map((order) => order.sale),
      overdue.map((order) => order.buyer),
      overdue.map((order) => order.slot),
      overdue.map((order) => order.requestHash),
      overdue.map((order) => totalMinorOf(order.lines)),
      overdue.map((order) => order.currency),
      overdue.map((order) => order.paymentMethod),
      overdue.map((order) => order.sealedEmail),
      overdue.map((order) => order.traceparent),
      overdue.map(abandonedEvent),
      lines.map((line) => line.order),
      lines.map((line) => line.position),
      lines.map((line) => line.sku),
      lines.map((line) => line.quantity),
      lines.map((line) => line.priceMinor),
    ],
  })
  return rows.map((row) => row.id)
}
