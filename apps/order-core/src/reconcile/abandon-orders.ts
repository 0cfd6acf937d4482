import { readFileSync } from 'node:fs'
import type { Pool } from 'pg'
import { type HeldOrder, totalMinorOf } from '../order/order.ts'
import { abandonedEvent } from '../order/order-event.ts'
import { lineArrays, orderArrays, orderStatement } from '../order/write-orders.ts'

const text = orderStatement(readFileSync(new URL('./abandon-orders.sql', import.meta.url), 'utf8'))

/** Writes orders as cancelled (abandoned), each unless its row exists, and returns the ids that it wrote. */
export async function abandonOrders(pool: Pool, overdue: readonly HeldOrder[]): Promise<readonly string[]> {
  const { rows } = await pool.query<{ id: string }>({
    name: 'abandon-orders',
    text,
    values: [
      overdue.map((order) => order.sale),
      overdue.map(totalMinorOf),
      overdue.map(abandonedEvent),
      ...lineArrays(overdue),
      ...orderArrays(overdue),
    ],
  })
  return rows.map((row) => row.id)
}
