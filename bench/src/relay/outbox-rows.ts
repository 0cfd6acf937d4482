import { randomUUID } from 'node:crypto'
import { type EncodedEvent, encodeEvent, type FloodgateEvent } from '@floodgate/contracts'
import { insertOutbox, type NewEvent } from '@floodgate/outbox'
import type { Pool } from 'pg'

const SOURCE = '/floodgate/bench'
const ROWS_PER_INSERT = 5_000
const MINUTE = 60_000

type Placed = Extract<NewEvent, { type: 'order.placed.v1' }>

/** An order as a buyer places it: the event that a sale publishes most. */
export function placedOrder(now: number): Placed {
  const data = {
    order: randomUUID(),
    sale: 'bench',
    buyer: randomUUID(),
    slot: randomUUID(),
    items: [{ sku: 'COAT', quantity: 1, priceMinor: 12_450 }],
    totalMinor: 12_450,
    currency: 'EUR',
    createdAt: new Date(now).toISOString(),
    holdExpiresAt: new Date(now + 10 * MINUTE).toISOString(),
    paymentMethod: 'sim_ok',
    chargeBy: new Date(now + 9 * MINUTE).toISOString(),
  }
  return { type: 'order.placed.v1', version: 1, data }
}

/** The same events as the relay puts them on the wire. */
export function encoded(events: readonly Placed[]): EncodedEvent[] {
  return events.map(({ type, version, data }) => {
    const event: FloodgateEvent = {
      type,
      id: randomUUID(),
      source: SOURCE,
      time: new Date().toISOString(),
      aggregateVersion: version,
      data,
    }
    return encodeEvent(event)
  })
}

/** Writes them all in one transaction: the relay sees them at once, at the commit. */
export async function insertAtOnce(pool: Pool, events: readonly Placed[]): Promise<void> {
  const client = await pool.connect()
  try {
    await client.query('begin')
    for (let first = 0; first < events.length; first += ROWS_PER_INSERT)
      await insertOutbox(client, 'orders', events.slice(first, first + ROWS_PER_INSERT))
    await client.query('commit')
  } finally {
    client.release()
  }
}

export const source = SOURCE
