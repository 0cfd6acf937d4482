import { andThen, bearerToken, type MaybePromise } from '@floodgate/http'
import { AppError } from '@floodgate/runtime'
import type { BuyerCookie } from './buyer-cookie.ts'
import type { TicketCookie } from './ticket-cookie.ts'
import type { Tickets } from './tickets.ts'

/** A buyer of a sale, and its place; place 0 when only the buyer's cookie identified it. */
export interface TicketHolder {
  readonly sale: string
  readonly buyer: string
  readonly place: number
}

export interface Credentials {
  readonly token: string | undefined
  /** The `Cookie` header. */
  readonly cookie: string | undefined
}

/** The OpenAPI security of operations for buyers: any one of these credentials is enough. */

export type CookieIdentity =
  | { readonly kind: 'none' }
  | { readonly kind: 'forged' }
  | { readonly kind: 'buyer'; readonly holder: TicketHolder; readonly hasBuyerCookie: boolean }

export interface Identify {
  /** Identifies a buyer or throws. Returns at once where the ticket is cached or in our own form, else a promise. */
  (sale: string, credentials: Credentials): MaybePromise<TicketHolder>
  /** Identifies by the cookies alone, without throwing. */
  byCookies(sale: string, header: string | undefined): CookieIdentity
}

/**
 * Throws `ticket-invalid` for an `Authorization` header that is not a bearer token: a wrong ticket, not a missing one.
 */
export function credentialsOf({
  authorization,
  cookie,
}: {
  readonly authorization?: string | undefined
  readonly cookie?: string | undefined
}): Credentials {
  const token = bearerToken(authorization)
  if (authorization !== undefined && token === undefined) throw new AppError('ticket-invalid')
  return { token, cookie }
}

const invalidTicket = () =>
  new AppError('ticket-invalid', { headers: { 'www-authenticate': 'Bearer error="invalid_token"' } })

/**
 * Maximum number of cookie tickets verified per request, at some 3 µs each. A sibling host can plant as many as fit
 * into a header section, which is fewer with the default of `HEADERS_MAX_BYTES`: they cannot hide the right one.
 */
const TOKENS_MAX = 128

/**
 * Identifies a buyer: by the ticket if one is shown, else by the cookies. A ticket of another sale counts as forged
 * (401 `ticket-invalid`): it says nothing about this line.
 *
 * The ticket's cookie knows the place, the buyer's cookie only the buyer. Where the two disagree the buyer's counts: a
 * sibling host can set a cookie with the prefix `__Secure-`, but none with `__Host-`. Among several cookies of a ticket
 * the first that verifies counts; a cookie has exactly the form in which it was written.
 */
export function createIdentify(deps: { tickets: Tickets; cookie: BuyerCookie; ticketCookie: TicketCookie }): Identify {
  const { tickets, cookie, ticketCookie } = deps

  function byCookies(sale: string, header: string | undefined): CookieIdentity {
    const known = cookie.read(header)
    const own = known.kind === 'buyer' ? known.buyer : undefined
    const tokens = ticketCookie.tokens(header).slice(0, TOKENS_MAX)
    const otherwise = (): CookieIdentity => {
      if (own !== undefined) return { kind: 'buyer', holder: { sale, buyer: own, place: 0 }, hasBuyerCookie: true }
      return { kind: known.kind === 'none' && tokens.length === 0 ? 'none' : 'forged' }
    }
    for (const token of tokens) {
      const ticket = tickets.verifyOwn(token)
      if (ticket?.sale === sale && (own === undefined || ticket.buyer === own))
        return { kind: 'buyer', holder: ticket, hasBuyerCookie: own !== undefined }
    }
    return otherwise()
  }

  function identify(sale: string, { token, cookie: header }: Credentials): MaybePromise<TicketHolder> {
    if (token !== undefined)
      return andThen(tickets.verify(token), (ticket) => {
        if (ticket?.sale !== sale) throw invalidTicket()
        return ticket
      })
    const identity = byCookies(sale, header)
    if (identity.kind === 'buyer') return identity.holder
    if (identity.kind === 'forged') throw new AppError('ticket-invalid')
    throw new AppError('ticket-missing', { headers: { 'www-authenticate': 'Bearer' } })
  }

  return Object.assign(identify, { byCookies })
}
