import { andThen, bearerToken, type MaybePromise } from '@floodgate/http'
import { AppError } from '@floodgate/runtime'
import type { BuyerCookie } from './buyer-cookie.ts'
import type { Ticket } from './sign-ticket.ts'
import type { TicketCookie } from './ticket-cookie.ts'
import type { Tickets } from './tickets.ts'

/** A buyer of a sale, and its place; place 0 when only the buyer's cookie identified it. */
export interface TicketHolder {
  readonly sale: string
  readonly buyer: string
  readonly place: number
  /** An account of the shop: the short name of the ID token it came with, '' for one without `jti`. */
  readonly idToken?: string
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
  /** Returns the place on a ticket of this buyer, among all that are shown; 0 without one. Other credentials do not count. */
  placeOf(owner: { readonly sale: string; readonly buyer: string }, credentials: CredentialHeaders): number
}

/** The headers that may identify a buyer. */
export interface CredentialHeaders {
  readonly authorization?: string | undefined
  readonly cookie?: string | undefined
}

/**
 * Throws `ticket-invalid` for an `Authorization` header that is not a bearer token: a wrong ticket, not a missing one.
 */
export function credentialsOf({ authorization, cookie }: CredentialHeaders): Credentials {
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
 *
 * The ticket of an account counts beside the cookie of that account, whatever the buyer's cookie says: the browser had
 * an anonymous buyer before. A ticket that no cookie proves counts only in a browser without either cookie.
 */
export function createIdentify(deps: {
  tickets: Tickets
  cookie: BuyerCookie
  accountCookie: BuyerCookie
  ticketCookie: TicketCookie
}): Identify {
  const { tickets, cookie, accountCookie, ticketCookie } = deps

  function isOwn({ buyer, idToken }: Ticket, own: string | undefined, header: string | undefined): boolean {
    if (idToken === undefined && own !== undefined) return buyer === own
    const account = accountCookie.read(header)
    if (idToken === undefined) return account.kind !== 'buyer'
    return account.kind === 'buyer' && account.buyer === buyer
  }

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
      if (ticket?.sale === sale && isOwn(ticket, own, header))
        return { kind: 'buyer', holder: ticket, hasBuyerCookie: own === ticket.buyer }
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

  function placeOf({ sale, buyer }: Pick<TicketHolder, 'sale' | 'buyer'>, headers: CredentialHeaders): number {
    const bearer = bearerToken(headers.authorization)
    const shown = ticketCookie.tokens(headers.cookie).slice(0, TOKENS_MAX)
    for (const token of bearer === undefined ? shown : [bearer, ...shown]) {
      const ticket = tickets.verifyOwn(token)
      if (ticket?.sale === sale && ticket.buyer === buyer) return ticket.place
    }
    return 0
  }

  return Object.assign(identify, { byCookies, placeOf })
}
