import { randomUUID } from 'node:crypto'
import type { NewEvent } from '../new-event.ts'

type Declined = Extract<NewEvent, { type: 'payment.declined.v1' }>

/** Creates a valid event about an order; only its key and version matter here. */
export function declined(order: string = randomUUID(), version = 1): Declined {
  const data = { order, sale: 'demo', amountMinor: 100, currency: 'EUR', reason: 'insufficient-funds' }
  return { type: 'payment.declined.v1', version, data }
}
