import { timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import type { KeySet, SecretKey } from './key-set.ts'
import { type Ticket, ticketHeader, ticketIssuer, ticketSignature } from './sign-ticket.ts'

export interface SignedTicket extends Ticket {
  readonly expiresMs: number
}

export const ticketClaims = z.object({
  sale: z.string(),
  sub: z.string(),
  place: z.int().min(1),
  exp: z.number(),
  /** Of an account. */
  idt: z.string().optional(),
})
const ownClaims = ticketClaims.extend({ iss: z.literal(ticketIssuer) })

export function ticketOf({ sale, sub, place, exp, idt }: z.infer<typeof ticketClaims>): SignedTicket {
  return {
    sale,
    buyer: sub,
    place,
    expiresMs: exp * 1_000,
    ...(idt !== undefined && { idToken: idt }),
  }
}

const parse = (part: string): unknown => {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
  } catch {
    return undefined
  }
}
/** HMAC-SHA-256 in base64url. */
const SIGNATURE_CHARACTERS = 43
const kidOf = z.object({ kid: z.string() })

const isSame = (given: string, expected: string): boolean => {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)]
  return one.length === other.length && timingSafeEqual(one, other)
}

/**
 * Reads the ticket in a token of `signTicket`, expired or not. Undefined for every other token, even a valid one: only
 * a header that is the exact text of one of our keys' counts, so there is no algorithm to choose and no parameter to
 * understand, and then only the one signature over the given text (RFC 7515 §5.2). A tenth of the CPU of `jose`, which
 * decides about all other tokens.
 */
export function readTicket(
  keys: KeySet,
  token: string,
): { readonly ticket: SignedTicket; readonly key: SecretKey } | undefined {
  const [header = '', payload = '', signature = '', ...more] = token.split('.')
  const named = kidOf.safeParse(parse(header))
  const key = named.success ? keys.ticketKeyById(named.data.kid) : undefined
  if (key === undefined || more.length > 0 || header !== ticketHeader(key)) return undefined
  if (signature.length !== SIGNATURE_CHARACTERS) return undefined
  if (!isSame(signature, ticketSignature(key, `${header}.${payload}`))) return undefined
  const claims = ownClaims.safeParse(parse(payload))
  return claims.success ? { ticket: ticketOf(claims.data), key } : undefined
}
