import { AppError } from '@floodgate/service'
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
