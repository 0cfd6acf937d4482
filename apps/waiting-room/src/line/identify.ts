import { AppError } from '@floodgate/service'
import type { BuyerCookie } from './buyer-cookie.ts'
import type { Tickets } from './tickets.ts'

/** Who asks, and from which place; place 0 when only the cookie told. */
export interface Bearer {
  readonly sale: string
  readonly buyer: string
  readonly place: number
}

export type Identify = (
  sale: string,
  shown: { token: string | undefined; cookie: string | undefined },
) => Promise<Bearer>

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
