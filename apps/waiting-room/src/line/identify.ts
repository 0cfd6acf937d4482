import { AppError } from '@floodgate/service'
import type { BuyerCookie } from './buyer-cookie.ts'
import type { Tickets } from './tickets.ts'

/** Who asks, and from which place; place 0 when only the cookie told. */
export interface Bearer {
  readonly sale: string
  readonly buyer: string
  readonly place: number
}

export interface Shown {
  readonly token: string | undefined
  readonly cookie: string | undefined
}

export type Identify = (sale: string, shown: Shown) => Promise<Bearer>

/** Who asks, as far as this process can tell at once; undefined for everything that `Identify` has to look at. */
export type Recognize = (sale: string, shown: Shown) => Bearer | undefined

/**
 * Finds out who asks: the ticket if one is shown, else the cookie. A ticket of another sale is as good as a forged one
 * (401 `ticket-invalid`): it says nothing about this line.
 */
export const createIdentify = (deps: { tickets: Tickets; cookie: BuyerCookie }): Identify =>
  async function identify(sale, { token, cookie }) {
    if (token !== undefined) {
      const ticket = await deps.tickets.verify(token)
      if (ticket === undefined || ticket.sale !== sale)
        throw new AppError('ticket-invalid', { headers: { 'www-authenticate': 'Bearer error="invalid_token"' } })
      return ticket
    }
    const known = deps.cookie.read(cookie)
    if (known.kind === 'forged') throw new AppError('ticket-invalid')
    if (known.kind === 'none') throw new AppError('ticket-missing', { headers: { 'www-authenticate': 'Bearer' } })
    return { sale, buyer: known.buyer, place: 0 }
  }

export const createRecognize = (deps: { tickets: Tickets; cookie: BuyerCookie }): Recognize =>
  function recognize(sale, { token, cookie }) {
    if (token !== undefined) {
      const ticket = deps.tickets.known(token)
      return ticket?.sale === sale ? ticket : undefined
    }
    const known = deps.cookie.read(cookie)
    return known.kind === 'buyer' ? { sale, buyer: known.buyer, place: 0 } : undefined
  }
