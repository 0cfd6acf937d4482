import type { AdmissionVerifier } from '@floodgate/admission'
import { isOrderLink, type LinkVerifier } from '@floodgate/order-link'
import { AppError } from '@floodgate/runtime'
import { authenticate } from '../admission/authenticate.ts'
import { ERASED_BUYER_PREFIX } from '../erasure/erase-buyer.ts'
import type { ReadBuyerOrder, ShownOrder } from './read-orders.ts'

/** Reads the order again, for the authenticated caller. */
export type ReadCurrentOrder = () => Promise<ShownOrder>

/**
 * Authenticates the caller of one order's routes, and returns how to read the order for them. Throws the problem
 * otherwise.
 */
export type OrderAccess = (id: string, authorization: string | undefined) => Promise<ReadCurrentOrder>

export interface OrderAccessDeps {
  readonly verifier: AdmissionVerifier
  readonly verifyLink: LinkVerifier
  readonly readOrder: ReadBuyerOrder
}

/**
 * Accepts the admission that ordered, or the link of the order's mail. The token's type alone decides which rules
 * apply.
 */
export function createOrderAccess({ verifier, verifyLink, readOrder }: OrderAccessDeps): OrderAccess {
  return async function accessOrder(id, authorization) {
    const token = bearerToken(authorization)
    if (token !== undefined && isOrderLink(token)) {
      await checkLink(verifyLink, token, id)
      return function readLinkedOrder() {
        return orderOfLink(readOrder, id)
      }
    }
    const owner = await authenticate(authorization, verifier)
    return function readOwnOrder() {
      return orderOfBuyer(readOrder, id, owner)
    }
  }
}

/** Returns the token of an `Authorization: Bearer` header (RFC 6750 §2.1), or undefined. */
function bearerToken(authorization: string | undefined): string | undefined {
  return /^Bearer ([\x21-\x7e]+)$/i.exec(authorization ?? '')?.[1]
}

async function checkLink(verifyLink: LinkVerifier, token: string, id: string): Promise<void> {
  const verification = await verifyLink(token, id)
  const headers = { 'www-authenticate': 'Bearer error="invalid_token"' }
  switch (verification) {
    case 'valid':
      return
    case 'expired':
      throw new AppError('link-expired', { detail: 'A newer mail about the order has a newer link.', headers })
    case 'other-order':
      throw new AppError('link-forbidden')
    case 'invalid':
      throw new AppError('link-invalid', { detail: 'The link is damaged, or the shop has changed its keys.', headers })
  }
}

/** Throws `not-found`, also for another buyer's or another sale's order. */
async function orderOfBuyer(
  readOrder: ReadBuyerOrder,
  id: string,
  owner: { readonly sale: string; readonly buyer: string },
): Promise<ShownOrder> {
  const order = await readOrder(id)
  if (order === undefined || order.buyer !== owner.buyer || order.sale !== owner.sale) throw new AppError('not-found')
  return order
}

/**
 * Reads the order of a link. It existed when the link was minted: a missing one was deleted, and an erased buyer's is
 * not readable.
 */
async function orderOfLink(readOrder: ReadBuyerOrder, id: string): Promise<ShownOrder> {
  const order = await readOrder(id)
  if (order === undefined || order.buyer.startsWith(ERASED_BUYER_PREFIX))
    throw new AppError('order-gone', { detail: "It was deleted after its retention time, or at its buyer's request." })
  return order
}
