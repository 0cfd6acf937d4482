import { createBoundedMap, type NowOrLater } from '@floodgate/service'
import { jwtVerify } from 'jose'
import type { KeySet } from '../admission/key-set.ts'
import { silentMs } from '../status/poll-policy.ts'
import { readTicket, type SignedTicket, ticketClaims, ticketOf } from './read-ticket.ts'
import { signTicket, type Ticket, ticketIssuer } from './sign-ticket.ts'

export interface Tickets {
  readonly sign: (ticket: Ticket) => string
  /** Undefined for everything that is not a genuine ticket of ours that still counts. At once for tokens as `sign` writes them. */
  readonly verify: (token: string) => NowOrLater<Ticket | undefined>
}

const tokenCharactersMax = 1_024
/** About 400 bytes each. */
const verifiedMax = 200_000

/**
 * Signs and verifies tickets (JWS, HS256, a week). A verified one is remembered: a look-up costs less than 1 µs of CPU, and
 * a ticket is shown hundreds of times.
 */
export const createTickets = (keys: () => KeySet, now: () => number = Date.now): Tickets => {
  const verified = createBoundedMap<SignedTicket>(verifiedMax, { keptMs: silentMs })
  const ifCurrent = (ticket: SignedTicket) => (ticket.expiresMs > now() ? ticket : undefined)

  const known = (token: string) => {
    const before = verified.get(token)
    if (before !== undefined) return ifCurrent(before)
    if (token.length > tokenCharactersMax) return undefined
    const ticket = readTicket(keys(), token)
    if (ticket === undefined || ifCurrent(ticket) === undefined) return undefined
    verified.set(token, ticket)
    return ticket
  }
  const verifyForeign = async (token: string) => {
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
      const ticket = ticketOf(ticketClaims.parse(payload))
      verified.set(token, ticket)
      return ticket
    } catch {
      // Forged, malformed, expired, another algorithm: to the bearer it is all one.
      return undefined
    }
  }
  return {
    sign: (ticket) => {
      const nowMs = now()
      return signTicket(keys().ticketKey(nowMs), ticket, Math.floor(nowMs / 1_000))
    },
    verify: (token) => known(token) ?? (token.length > tokenCharactersMax ? undefined : verifyForeign(token)),
  }
}
