import { createHmac } from 'node:crypto'
import type { SecretKey } from '../admission/key-set.ts'

/** What a ticket proves. */
export interface Ticket {
  readonly sale: string
  readonly buyer: string
  readonly place: number
}

export const ticketIssuer = 'floodgate-waiting-room'
export const ticketTtlSeconds = 7 * 24 * 3_600

const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

const headers = new WeakMap<SecretKey, string>()
/** The first part of every ticket of a key. */
export const ticketHeader = (key: SecretKey): string => {
  const known = headers.get(key)
  if (known !== undefined) return known
  const header = base64url({ alg: 'HS256', kid: key.kid, typ: 'JWT' })
  headers.set(key, header)
  return header
}

export const ticketSignature = (key: SecretKey, signed: string): string =>
  createHmac('sha256', key.secret).update(signed).digest('base64url')

/**
 * Signs a ticket: a JWS in compact form (RFC 7515 §3.1) with HMAC-SHA-256. The bytes `jose` would give, at a
 * twentieth of its CPU: it signs through WebCrypto, whose every call crosses threads (ADR 0013). What reads
 * them is `read-ticket.ts`.
 */
export const signTicket = (key: SecretKey, { sale, buyer, place }: Ticket, issuedAtSeconds: number): string => {
  const iat = issuedAtSeconds
  const payload = base64url({ sale, place, iss: ticketIssuer, sub: buyer, iat, exp: iat + ticketTtlSeconds })
  const signed = `${ticketHeader(key)}.${payload}`
  return `${signed}.${ticketSignature(key, signed)}`
}
