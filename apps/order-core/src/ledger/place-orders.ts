import { readFileSync } from 'node:fs'
import type { Pool, PoolClient } from 'pg'
import { type NewOrder, type Order, totalMinorOf } from '../order/order.ts'
import { placedEvent } from '../order/order-event.ts'
import { lineArrays, orderArrays, orderStatement } from '../order/write-orders.ts'
import { fenceLockKey } from '../stock/rebuild/fence-locks.ts'

export interface HoldTimes {
  readonly holdMs: number
  /** How long before the end of the hold charging stops. */
  readonly chargeMarginMs: number
}

/** The fields that Postgres adds to an order as it writes it. */
export type WrittenOrder = Pick<Order, 'id' | 'createdAt' | 'holdExpiresAt'>

const text = orderStatement(readFileSync(new URL('./place-orders.sql', import.meta.url), 'utf8'))

/**
 * Runs the one statement on orders of one sale, no id twice. Returns those it wrote; the others exist already, or were
 * held under a fence that is gone. Rejects when the ledger's checks, or the data, forbid any one of them: then none is
 * written.
 */
export async function placeOrders(
  client: Pool | PoolClient,
  { sale, orders, times }: { sale: string; orders: readonly NewOrder[]; times: HoldTimes },
): Promise<readonly WrittenOrder[]> {
  const events = orders.map(placedEvent)
  const { rows } = await client.query<WrittenOrder>({
    name: 'place-orders',
    text,
    values: [
      sale,
      fenceLockKey(sale),
      times.holdMs,
      times.chargeMarginMs,
      orders.map((order) => order.epoch),
      orders.map(totalMinorOf),
      events.map((event) => event.type),
      events.map((event) => event.data),
      ...lineArrays(orders),
      ...orderArrays(orders),
    ],
  })
  return rows
}
