import { readFileSync } from 'node:fs'
import type { Pool, PoolClient } from 'pg'
import { type NewOrder, totalMinorOf } from '../order/order.ts'
import { fenceLockKey } from '../stock/rebuild/fence-locks.ts'

export interface HoldTimes {
  readonly holdMs: number
  /** Charging stops this long before the hold ends. */
  readonly chargeMarginMs: number
}

export interface PlacedOrder {
  readonly id: string
  readonly createdAt: Date
  readonly holdExpiresAt: Date
}

const text = readFileSync(new URL('./place-orders.sql', import.meta.url), 'utf8')

/**
 * Runs the one statement on orders of one sale, no id twice. Answers those it wrote; the others exist already, or were
 * held under a fence that is gone. Rejects when the ledger's checks, or the data, forbid any one of them: then none is written.
 */
export const placeOrders = async (
  client: Pool | PoolClient,
  { sale, orders, times }: { sale: string; orders: readonly NewOrder[]; times: HoldTimes },
): Promise<readonly PlacedOrder[]> => {
  const lines = orders.flatMap((order) => order.lines.map((line, position) => ({ order: order.id, position, ...line })))
  const { rows } = await client.query<{ id: string; created_at: Date; hold_expires_at: Date }>({
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
      orders.map(eventUpToTimes),
      times.holdMs,
      times.chargeMarginMs,
      lines.map((line) => line.order),
      lines.map((line) => line.position),
      lines.map((line) => line.sku),
      lines.map((line) => line.quantity),
      lines.map((line) => line.priceMinor),
      fenceLockKey(sale),
      orders.map((order) => (order.sealedPaymentMethod === undefined ? 'order.placed.v1' : 'order.placed.v2')),
      orders.map((order) => order.language ?? null),
    ],
  })
  return rows.map((row) => ({ id: row.id, createdAt: row.created_at, holdExpiresAt: row.hold_expires_at }))
}

/** `order.placed` without its closing brace: the times are Postgres' own, so the statement appends them. */
const eventUpToTimes = (order: NewOrder): string =>
  JSON.stringify({
    order: order.id,
    sale: order.sale,
    buyer: order.buyer,
    slot: order.slot,
    items: order.lines.map(({ sku, quantity, priceMinor }) => ({ sku, quantity, priceMinor })),
    totalMinor: totalMinorOf(order.lines),
    currency: order.currency,
    ...(order.sealedPaymentMethod === undefined
      ? { paymentMethod: order.paymentMethod }
      : { sealedPaymentMethod: order.sealedPaymentMethod }),
  }).slice(0, -1)
