import { hash } from 'node:crypto'

/**
 * Derives the order's id from an idempotency key: a UUID version 8 (RFC 9562 §5.8) from the SHA-256 of buyer, sale and
 * key. The same key gives the same order in any process, without a table of keys.
 */
export function orderIdOf({ sale, buyer, key }: { sale: string; buyer: string; key: string }): string {
  return uuidOf([sale, buyer, key])
}

/** Derives the id of a refund from its order and its idempotency key, in the same way. */
export function refundIdOf({ order, key }: { order: string; key: string }): string {
  return uuidOf(['refund', order, key])
}

function uuidOf(names: readonly string[]): string {
  const bytes = hash('sha256', JSON.stringify(names), 'buffer').subarray(0, 16)
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  const hex = bytes.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
