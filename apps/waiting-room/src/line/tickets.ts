import { jwtVerify, SignJWT } from 'jose'
import { z } from 'zod'
import type { KeySet } from '../admission/key-set.ts'
import { createBoundedMap } from './bounded-map.ts'

/** What a ticket proves. */
export interface Ticket {
  readonly sale: string
  readonly buyer: string
  readonly place: number
}

export interface Tickets {
  sign(ticket: Ticket): Promise<string>
  /** Undefined for everything that is not a genuine ticket of ours that still counts. */
  verify(token: string): Promise<Ticket | undefined>
}

const issuer = 'floodgate-waiting-room'
const ttlSeconds = 7 * 24 * 3_600
const tokenCharactersMax = 1_024
/** About 400 bytes each. */
const verifiedMax = 200_000
const claims = z.object({
  sale: z.string(),
  sub: z.string(),
  place: z.int().min(1),
  exp: z.number(),
})

/**
 * Signs and verifies tickets (JWS, HS256, a week). A verified one is remembered: one verification costs about 35 µs of
 * CPU, a look-up less than one, and a ticket is shown hundreds of times.
 */
export const createTickets = (keys: () => KeySet, now: () => number = Date.now): Tickets => {
  const verified = createBoundedMap<Ticket & { readonly expiresMs: number }>(verifiedMax)
  const verify = async (token: string) => {
    try {
      const { payload } = await jwtVerify(
        token,
        (header) => {
          const key = keys().ticketKeyById(header.kid ?? '')
          if (key === undefined) throw new Error('unknown key')
          return key.key
        },
        { algorithms: ['HS256'], issuer, currentDate: new Date(now()) },
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
  return {
    sign: async ({ sale, buyer, place }) => {
      const { key, kid } = keys().ticketKey(now())
      const iat = Math.floor(now() / 1_000)
      return await new SignJWT({ sale, place })
        .setProtectedHeader({ alg: 'HS256', kid, typ: 'JWT' })
        .setIssuer(issuer)
        .setSubject(buyer)
        .setIssuedAt(iat)
        .setExpirationTime(iat + ttlSeconds)
        .sign(key)
    },
    verify: async (token) => {
      const known = verified.get(token)
      if (known !== undefined) return known.expiresMs > now() ? known : undefined
      return token.length > tokenCharactersMax ? undefined : await verify(token)
    },
  }
}
