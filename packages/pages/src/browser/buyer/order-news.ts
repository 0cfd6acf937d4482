import type { OrderResource } from '@floodgate/contracts'
import { draftOf } from './checkout-news.ts'
import type { KnownOrder, Model } from './model.ts'
import { isSameTurn } from './turn-news.ts'

/** What the page knows after news of an order. */
export function onOrder(model: Model, order: KnownOrder): Model {
  // A late answer to POST says "pending" for ever; news of a higher version is not taken back by it.
  const known = model.order
  const isOlder = known?.id === order.id && versionOf(order) < versionOf(known)
  return {
    ...model,
    order: isOlder ? known : order,
    checkout: { kind: 'placed', order: order.id, ...draftOf(model.checkout) },
    // Without an order the turn can be made longer again.
    moreTime: order.status === 'cancelled' && model.moreTime.kind === 'refused' ? { kind: 'none' } : model.moreTime,
    tillLostSince: undefined,
  }
}

const versionOf = (order: KnownOrder): number => ('version' in order ? order.version : 0)

/** When the turn began, by its pass. */
const turnBeganMs = (admission: string): number => {
  try {
    const { iat } = JSON.parse(atob((admission.split('.')[1] ?? '').replace(/-/g, '+').replace(/_/g, '/'))) as {
      iat?: unknown
    }
    return typeof iat === 'number' ? iat * 1_000 : 0
  } catch {
    return 0 // Not in the usual form: every order counts.
  }
}

/**
 * The newest order, but none from before the turn that the buyer has now: that one is for another order. Should the clocks of Redis
 * and of the order core be apart, the form is shown, and an order that this turn has already is found by the refusal of another.
 */
const orderToShow = ({ line }: Model, orders: readonly OrderResource[]): OrderResource | undefined => {
  const newest = orders.at(0)
  if (line.kind !== 'admitted' || newest === undefined) return newest
  return Date.parse(newest.createdAt) >= turnBeganMs(line.admission) ? newest : undefined
}

/** Neither the line nor the order core knows anything of this buyer. Without a pass nobody was asked: the buyer decides. */
const joinsNow = (
  { line, joinsByClick }: Model,
  { found, reader }: { found: OrderResource | undefined; reader: string | undefined },
): boolean => line.kind === 'unknown' && !joinsByClick && found === undefined && reader !== undefined

/** A pass has no use left where it took another one to read with, other than an earlier one of the same turn. */
function isTooOld(admission: string | undefined, reader: string | undefined): boolean {
  if (admission === undefined || reader === undefined || reader === admission) return false
  return !isSameTurn(reader, admission)
}

/** What the page knows once the buyer's orders were read, with this pass; without one there was none to read them with. */
export function onOrders(model: Model, orders: readonly OrderResource[], reader: string | undefined): Model {
  const searched: Model = {
    ...model,
    search: 'none',
    reader: reader ?? model.reader,
    admission: isTooOld(model.admission, reader) ? undefined : model.admission,
  }
  const order = orderToShow(model, orders)
  // Whatever the buyer has begun meanwhile goes on.
  if (order === undefined || model.checkout.kind === 'placing' || model.order !== undefined)
    return joinsNow(model, { found: order, reader }) ? { ...searched, line: { kind: 'arriving' } } : searched
  return onOrder(searched, order)
}
