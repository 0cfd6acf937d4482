import type { PreparedClaim } from './prepare-claims.ts'
import type { PreparedOrder } from './prepare-orders.ts'
import type { PreparedReminder } from './prepare-reminders.ts'

/** Returns the bytes of a `POST /orders`. Pure. */
export function requestBytes({ admission, key, body }: PreparedOrder, host: string): Buffer {
  const head = [
    'POST /orders HTTP/1.1',
    `Host: ${host}`,
    `Authorization: Bearer ${admission}`,
    `Idempotency-Key: ${key}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ]
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`)
}

/** Returns the bytes of a claim of a voucher. Pure. */
export function claimBytes({ admission, path }: PreparedClaim, host: string): Buffer {
  const head = [`POST ${path} HTTP/1.1`, `Host: ${host}`, `Authorization: Bearer ${admission}`, 'Content-Length: 0']
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n`)
}

/** Returns the bytes of a request for a reminder. Pure. */
export function reminderBytes({ path, body }: PreparedReminder, host: string): Buffer {
  const head = [
    `POST ${path} HTTP/1.1`,
    `Host: ${host}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ]
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`)
}

/** Returns the bytes of a `GET`. Pure. */
export function readBytes(path: string, host: string): Buffer {
  return Buffer.from(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
}
