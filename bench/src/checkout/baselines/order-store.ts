import { randomUUID } from 'node:crypto'
import type { Admission } from '@floodgate/admission'
import type { OrderRequest } from '@floodgate/contracts'
import type { PoolClient } from 'pg'

/** An order requested from a baseline. */
export interface WantedOrder {
  readonly admission: Admission
  readonly body: OrderRequest
}

export type Placed = { readonly kind: 'placed'; readonly order: string } | { readonly kind: 'sold-out' }

/**
 * Places an order by one strategy: all of it is in the database when it resolves to `placed`, nothing otherwise.
 */
export type Strategy = (wanted: WantedOrder) => Promise<Placed>

export interface Line {
  readonly sku: string
  readonly quantity: number
  readonly priceMinor: number
}

/** Thrown to roll a transaction back. */
export class SoldOut extends Error {}

/** Named, so that each connection prepares it once. All rows are those that the order core writes. */
const insertOrder = {
  name: 'baseline-order',
  text: `with written as (
    insert into orders.orders (id, sale, buyer, slot, request_hash, status, total_minor, currency, payment_method,
      sealed_email, hold_expires_at, charge_by)
    values ($1, $2, $3, $4, '', 'pending', $5, 'EUR', $6, $7, now() + interval '10 minutes', now() + interval '9 minutes')
  )
  insert into orders.order_lines (order_id, position, sku, quantity, price_minor)
  select $1, position - 1, sku, quantity, price_minor
  from unnest($8::text[], $9::int[], $10::bigint[]) with ordinality as line (sku, quantity, price_minor, position)`,
}

const insertEvent = {
  name: 'baseline-event',
  text: `insert into orders.outbox (type, key, version, data) values ('order.placed.v1', $1, 1, $2)`,
}

/** Writes order, lines and outbox row: two statements of the caller's transaction. Returns the order's id. */
export async function writeOrder(
  client: PoolClient,
  { admission, body }: WantedOrder,
  lines: readonly Line[],
): Promise<string> {
  const order = randomUUID()
  const totalMinor = lines.reduce((sum, line) => sum + line.quantity * line.priceMinor, 0)
  await client.query({
    ...insertOrder,
    values: [
      order,
      admission.sale,
      admission.buyer,
      admission.slot,
      totalMinor,
      body.paymentMethod,
      body.email,
      lines.map(({ sku }) => sku),
      lines.map(({ quantity }) => quantity),
      lines.map(({ priceMinor }) => priceMinor),
    ],
  })
  await client.query({ ...insertEvent, values: [order, eventText(order, { admission, body }, lines)] })
  return order
}

/** Builds the same bytes of an event as the order core does. */
function eventText(order: string, { admission, body }: WantedOrder, lines: readonly Line[]): string {
  const now = Date.now()
  return JSON.stringify({
    order,
    sale: admission.sale,
    buyer: admission.buyer,
    slot: admission.slot,
    items: lines,
    totalMinor: lines.reduce((sum, line) => sum + line.quantity * line.priceMinor, 0),
    currency: 'EUR',
    paymentMethod: body.paymentMethod,
    createdAt: new Date(now).toISOString(),
    holdExpiresAt: new Date(now + 600_000).toISOString(),
    chargeBy: new Date(now + 570_000).toISOString(),
  })
}

/** Runs a transaction that `SoldOut` rolls back. */
export async function soldOutOr(placing: Promise<string>): Promise<Placed> {
  try {
    return { kind: 'placed', order: await placing }
  } catch (error) {
    if (error instanceof SoldOut) return { kind: 'sold-out' }
    throw error
  }
}
