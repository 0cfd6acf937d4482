import { type EncodedEvent, encodeEvent, type FloodgateEvent } from '@floodgate/contracts'
import type { StoredEvent } from './store.ts'

export type Encoded =
  | { readonly kind: 'encoded'; readonly row: StoredEvent; readonly event: EncodedEvent }
  | { readonly kind: 'poison'; readonly row: StoredEvent; readonly reason: string }

const REASON_LENGTH_MAX = 500

/**
 * Encodes a stored row for the bus. Never throws: a row that the contracts no longer know is `poison`, with the reason.
 */
export function encodeRow(row: StoredEvent, source: string): Encoded {
  try {
    const event = {
      type: row.type,
      id: row.eventId,
      source,
      time: row.occurredAt.toISOString(),
      aggregateVersion: row.version,
      data: JSON.parse(row.data),
      ...(row.traceparent === null ? {} : { traceparent: row.traceparent }),
    }
    // Encoding parses the data by its type's contract.
    return { kind: 'encoded', row, event: encodeEvent(event as FloodgateEvent) }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return { kind: 'poison', row, reason: reason.slice(0, REASON_LENGTH_MAX) || 'unknown' }
  }
}
