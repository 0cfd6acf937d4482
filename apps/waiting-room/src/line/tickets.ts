import { jwtVerify } from 'jose'
import { z } from 'zod'
import type { KeySet } from '../admission/key-set.ts'
import { createBoundedMap } from './bounded-map.ts'
import { signTicket, type Ticket, ticketIssuer, ticketTtlSeconds } from './sign-ticket.ts'

export interface Tickets {
  readonly sign: (ticket: Ticket) => string
  /** Undefined for everything that is not a genuine ticket of ours that still counts. */
  readonly verify: (token: string) => Promise<Ticket | undefined>
  /** The ticket, if this process has signed or verified it before. */
  readonly known: (token: string) => Ticket | undefined
}

const tokenCharactersMax = 1_024
/** About 400 bytes each. */
const verifiedMax = 200_000
const claims = z.object({
  sale: z.string(),
  sub: z.string(),
  place: z.int().min(1),
  exp: z.number(),
})

interface Verified extends Ticket {
  readonly expiresMs: number
}

/**
 * Signs and verifies tickets (JWS, HS256, a week). A verified one is remembered: one verification costs about 35 µs of
 * CPU, a look-up less than one, and a ticket is shown hundreds of times. One signed here needs no verification here.
 */
export const createTickets = (keys: () => KeySet, now: () => number = Date.now): Tickets => {
  const verified = createBoundedMap<Verified>(verifiedMax)
  const verify = async (token: string) => {
    try {
      const { payload } = await jwtVerify(
        token,
        (header) => {
          const key = keys().ticketKeyById(header.kid ?? '')
          if (key === undefined) throw new Error('unknown key')
          return key.key
        },
        { algorithms: ['HS256'], issuer: ticketIssuer, currentDate: new Date(now()) },
      )
      const { sale, sub, place, exp } = claims.parse(payload)
      const ticket = { sale, buyer: sub, place, expiresMs: exp * 1_000 }
      verified.set(token, ticket)
      return ticket
    } catch {
      // Forged, malformed, expired, another algorithm: to the bearer it is all one.
      return undefined
    }
  }
  const ifCurrent = (ticket: Verified) => (ticket.expiresMs > now() ? ticket : undefined)
  return {
    sign: ({ sale, buyer, place }) => {
      const nowMs = now()
      const iat = Math.floor(nowMs / 1_000)
      const token = signTicket(keys().ticketKey(nowMs), { sale, buyer, place }, iat)
      verified.set(token, { sale, buyer, place, expiresMs: (iat + ticketTtlSeconds) * 1_000 })
      return token
    },
    known: (token) => {
      const known = verified.get(token)
      return known === undefined ? undefined : ifCurrent(known)
    },
    verify: async (token) => {
      const known = verified.get(token)
      if (known !== undefined) return ifCurrent(known)
      return token.length > tokenCharactersMax ? undefined : await verify(token)
    },
  }
}
