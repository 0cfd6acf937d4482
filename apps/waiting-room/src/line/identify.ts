import { AppError, andThen, bearerToken, type NowOrLater } from '@floodgate/service'
import type { BuyerCookie } from './buyer-cookie.ts'
import type { Tickets } from './tickets.ts'

/** A buyer of a sale, and its place; place 0 when only the cookie identified it. */
export interface Bearer {
  readonly sale: string
  readonly buyer: string
  readonly place: number
}

export interface Credentials {
  readonly token: string | undefined
  /** The `Cookie` header. */
  readonly cookie: string | undefined
}

/** At once where the ticket is known or in our own form, else by promise. */
export type Identify = (sale: string, credentials: Credentials) => NowOrLater<Bearer>

/** Throws `ticket-invalid` for an `Authorization` header that is no bearer token: a wrong ticket, not a missing one. */
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
 * Identifies a buyer: by the ticket if one is shown, else by the cookie. A ticket of another sale is as good as a forged
 * one (401 `ticket-invalid`): it says nothing about this line.
 */
export function createIdentify(deps: { tickets: Tickets; cookie: BuyerCookie }): Identify {
  return function identify(sale, { token, cookie }) {
    if (token !== undefined)
      return andThen(deps.tickets.verify(token), (ticket) => {
        if (ticket?.sale !== sale) throw invalidTicket()
        return ticket
      })
    const known = deps.cookie.read(cookie)
    if (known.kind === 'forged') throw new AppError('ticket-invalid')
    if (known.kind === 'none') throw new AppError('ticket-missing', { headers: { 'www-authenticate': 'Bearer' } })
    return { sale, buyer: known.buyer, place: 0 }
  }
}
