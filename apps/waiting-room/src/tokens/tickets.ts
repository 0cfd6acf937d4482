import { createBoundedMap } from '@floodgate/async'
import type { MaybePromise } from '@floodgate/http'
import { jwtVerify } from 'jose'
import type { KeySet, SecretKey } from './key-set.ts'
import { readTicket, type SignedTicket, ticketClaims, ticketOf } from './read-ticket.ts'
import { signTicket, type Ticket, ticketIssuer, ticketTimes } from './sign-ticket.ts'
import { TOKEN_CACHE_TTL_MS } from './token-cache.ts'

export interface SignedToken {
  readonly token: string
  readonly maxAgeSeconds: number
}

export interface Tickets {
  /** `closesAtMs`: the planned end of the ticket's sale. */
  sign(ticket: Ticket, closesAtMs?: number): SignedToken
  /** Returns undefined for everything but a genuine, valid ticket. At once for tokens in the form of `sign`. */
  verify(token: string): MaybePromise<Ticket | undefined>
  /** Verifies only tokens in the form of `sign`: at most one HMAC. */
  verifyOwn(token: string): Ticket | undefined
}

/** A verified ticket, and the key that verified it. */
interface Verified {
  readonly ticket: SignedTicket
  readonly key: SecretKey
}

const TOKEN_CHARACTERS_MAX = 1_024
/** About 400 bytes each. */
const VERIFIED_MAX = 200_000

/**
 * Signs and verifies tickets (JWS, HS256). A verified one is cached: a look-up costs less than 1 µs of CPU, and a
 * ticket is shown hundreds of times. A cached ticket counts only under the key that verified it: a reload of the key
 * file creates other keys, and a key removed from it ends its tickets.
 */
export function createTickets(keys: () => KeySet, now: () => number = Date.now): Tickets {
  const verified = createBoundedMap<Verified>(VERIFIED_MAX, { keptMs: TOKEN_CACHE_TTL_MS })

  const remember = (token: string, ticket: SignedTicket, key: SecretKey | undefined) => {
    if (key === undefined || ticket.expiresMs <= now()) return undefined
    verified.set(token, { ticket, key })
    return ticket
  }
  const known = (token: string) => {
    const before = verified.get(token)
    if (before !== undefined && keys().ticketKeyById(before.key.kid) === before.key)
      return before.ticket.expiresMs > now() ? before.ticket : undefined
    if (token.length > TOKEN_CHARACTERS_MAX) return undefined
    const read = readTicket(keys(), token)
    return read === undefined ? undefined : remember(token, read.ticket, read.key)
  }
  const verifyForeign = async (token: string) => {
    let key: SecretKey | undefined
    try {
      const { payload } = await jwtVerify(
        token,
        (header) => {
          key = keys().ticketKeyById(header.kid ?? '')
          if (key === undefined) throw new Error('unknown key')
          return key.key
        },
        { algorithms: ['HS256'], issuer: ticketIssuer, currentDate: new Date(now()) },
      )
      return remember(token, ticketOf(ticketClaims.parse(payload)), key)
    } catch {
      // Forged, malformed, expired, another algorithm: the bearer gets the same result.
      return undefined
    }
  }
  return {
    sign: (ticket, closesAtMs) => {
      const nowMs = now()
      const times = ticketTimes(nowMs, closesAtMs)
      const token = signTicket(keys().ticketKey(nowMs), ticket, times)
      return { token, maxAgeSeconds: times.expiresAtSeconds - times.issuedAtSeconds }
    },
    verifyOwn: known,
    verify: (token) => known(token) ?? (token.length > TOKEN_CHARACTERS_MAX ? undefined : verifyForeign(token)),
  }
}
