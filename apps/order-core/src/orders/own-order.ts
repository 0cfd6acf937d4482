import type { AdmissionVerifier } from '@floodgate/admission'
import { uuid } from '@floodgate/contracts'
import { AppError, type HotRoute, type PlainAnswer } from '@floodgate/service'
import { admittedBearer } from './admitted-buyer.ts'
import { orderResourceOf } from './order-resource.ts'
import type { ReadShownOrder, ShownOrder } from './read-orders.ts'

/** The buyer's order with this id. Throws `not-found`, also for another buyer's or another sale's. */
export type OwnOrder = (id: string, owner: { readonly sale: string; readonly buyer: string }) => Promise<ShownOrder>

export const createOwnOrder =
  (readOrder: ReadShownOrder): OwnOrder =>
  async (id, owner) => {
    const order = await readOrder(id)
    if (order === undefined || order.buyer !== owner.buyer || order.sale !== owner.sale) throw new AppError('not-found')
    return order
  }

const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' }

/** Who waits for a payment asks again and again: past Hono (ADR 0013), and together with others (see `createReadShownOrder`). */
export const hotOrderRoute = (deps: {
  readonly ownOrder: OwnOrder
  readonly verifier: AdmissionVerifier
}): HotRoute => {
  const answer = async (id: string, authorization: string | undefined): Promise<PlainAnswer> => {
    const order = await deps.ownOrder(id, await admittedBearer(authorization, deps.verifier))
    return { status: 200, headers, body: JSON.stringify(orderResourceOf(order)) }
  }
  return {
    method: 'GET',
    path: '/orders/:id',
    answer: (id, { authorization }) => (uuid.safeParse(id).success ? answer(id, authorization) : undefined),
  }
}
