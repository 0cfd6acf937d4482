import { createHmac } from 'node:crypto'
import type { SecretKey } from './key-set.ts'

/** The content of a ticket. */
export interface Ticket {
  readonly sale: string
  readonly buyer: string
  readonly place: number
  /** The ticket of an account: the short name of its ID token, '' for one without `jti`. */
  readonly idToken?: string
}

export const ticketIssuer = 'floodgate-waiting-room'
const DAY_SECONDS = 24 * 3_600
/** Validity of a ticket for a sale without a planned end. */
const TICKET_SECONDS = 7 * DAY_SECONDS

export interface TicketTimes {
  readonly issuedAtSeconds: number
  readonly expiresAtSeconds: number
}

/** Returns a ticket's times: it ends a day after its sale; a week after its issue when no end is planned. */
export function ticketTimes(nowMs: number, closesAtMs: number | undefined): TicketTimes {
  const issuedAtSeconds = Math.floor(nowMs / 1_000)
  if (closesAtMs === undefined) return { issuedAtSeconds, expiresAtSeconds: issuedAtSeconds + TICKET_SECONDS }
  return { issuedAtSeconds, expiresAtSeconds: Math.ceil(Math.max(closesAtMs, nowMs) / 1_000) + DAY_SECONDS }
}

const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

const headers = new WeakMap<SecretKey, string>()
/** Returns the first part of every ticket of a key. */
export function ticketHeader(key: SecretKey): string {
  const known = headers.get(key)
  if (known !== undefined) return known
  const header = base64url({ alg: 'HS256', kid: key.kid, typ: 'JWT' })
  headers.set(key, header)
  return header
}

export function ticketSignature(key: SecretKey, signed: string): string {
  return createHmac('sha256', key.secret).update(signed).digest('base64url')
}

/**
 * Signs a ticket: a JWS in compact form (RFC 7515 §3.1) with HMAC-SHA-256. The bytes equal those of `jose`, at a
 * twentieth of its CPU: it signs through WebCrypto, whose every call crosses threads (ADR 0013). `read-ticket.ts` reads
 * them.
 */
export function signTicket(key: SecretKey, { sale, buyer, place, idToken }: Ticket, times: TicketTimes): string {
  const { issuedAtSeconds: iat, expiresAtSeconds: exp } = times
  const payload = base64url({
    sale,
    place,
    iss: ticketIssuer,
    sub: buyer,
    iat,
    exp,
    ...(idToken !== undefined && { idt: idToken }),
  })
  const signed = `${ticketHeader(key)}.${payload}`
  return `${signed}.${ticketSignature(key, signed)}`
}
