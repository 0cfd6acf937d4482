import type { OrderResource } from '@floodgate/contracts'
import { afterOrder } from './cancelling.ts'
import { draftOf } from './checkout-news.ts'
import type { KnownOrder, Model } from './model.ts'
import { isSameTurn } from './turn-news.ts'

/** Updates the page with the state of an order. `live`: by the socket, whose news leave out what only a read tells. */
export function onOrder(model: Model, news: KnownOrder, live = false): Model {
  // A late response to POST always says "pending"; it does not replace news of a higher version.
  const known = model.order?.id === news.id ? model.order : undefined
  const isOlder = known !== undefined && versionOf(news) < versionOf(known)
  const order = isOlder ? known : live ? withDetailsOf(known, news) : news
  return {
    ...model,
    order,
    cancelling: afterOrder(model.cancelling, order),
    checkout: { kind: 'placed', order: order.id, ...draftOf(model.checkout) },
    // Without an order the turn can be extended again.
    moreTime: order.status === 'cancelled' && model.moreTime.kind === 'rejected' ? { kind: 'none' } : model.moreTime,
    tillLostSince: undefined,
  }
}

/**
 * Keeps what the socket leaves out: the order's voucher, its refunds, and until when it can be cancelled. Refunds whose sum
 * has changed are not all of them.
 */
function withDetailsOf(known: KnownOrder | undefined, news: KnownOrder): KnownOrder {
  if (known === undefined) return news
  const { voucher, subtotalMinor, discountMinor } = known
  const paid = 'version' in known && news.status !== 'pending' ? known : undefined
  const { refunds, refundsMinor, cancellableUntil } = paid ?? {}
  const hasAll = 'refundsMinor' in news && news.refundsMinor === refundsMinor
  return {
    ...(voucher === undefined ? {} : { voucher, subtotalMinor, discountMinor }),
    ...(refunds === undefined || !hasAll ? {} : { refunds }),
    ...(cancellableUntil === undefined || news.status !== 'confirmed' ? {} : { cancellableUntil }),
    ...news,
  }
}

/**
 * Tells whether news by the socket leave out something that the page shows: it then reads the order. Only of sales whose
 * paid orders can be cancelled, and of refunds, so that a rush of confirmed orders does not become one of reads.
 */
export function needsRead({ order: known, catalogue }: Model, news: OrderResource): boolean {
  if (known?.id === news.id && versionOf(news) <= versionOf(known)) return false
  if (news.refundsMinor !== undefined) return true
  return news.status === 'confirmed' && (catalogue?.cancelWithinSeconds ?? 0) > 0
}

const versionOf = (order: KnownOrder): number => ('version' in order ? order.version : 0)

/** Returns when the turn began, by its admission. */
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
 * Returns the newest order, but none from before the current turn, which is for another order. Should the clocks of
 * Redis and the order core differ, the form is shown, and an order that this turn already has is found when another is
 * rejected.
 */
const orderToShow = ({ line }: Model, orders: readonly OrderResource[]): OrderResource | undefined => {
  const newest = orders.at(0)
  if (line.kind !== 'admitted' || newest === undefined) return newest
  return Date.parse(newest.createdAt) >= turnBeganMs(line.admission) ? newest : undefined
}

/**
 * Tells whether the page may join: neither the line nor the order core knows this buyer. Without an admission the order
 * core was not asked: the buyer decides.
 */
const joinsNow = (
  { line, joinsByClick }: Model,
  { found, reader }: { found: OrderResource | undefined; reader: string | undefined },
): boolean => line.kind === 'unknown' && !joinsByClick && found === undefined && reader !== undefined

/**
 * Tells whether an admission has become useless: reading needed another one that is not just an earlier one of the same
 * turn.
 */
function isTooOld(admission: string | undefined, reader: string | undefined): boolean {
  if (admission === undefined || reader === undefined || reader === admission) return false
  return !isSameTurn(reader, admission)
}

/** Updates the page once the buyer's orders were read with this admission; without one none could be read. */
export function onOrders(model: Model, orders: readonly OrderResource[], reader: string | undefined): Model {
  const searched: Model = {
    ...model,
    search: 'none',
    reader: reader ?? model.reader,
    admission: isTooOld(model.admission, reader) ? undefined : model.admission,
  }
  const order = orderToShow(model, orders)
  // Whatever the buyer has begun meanwhile continues.
  if (order === undefined || model.checkout.kind === 'placing' || model.order !== undefined)
    return joinsNow(model, { found: order, reader }) ? { ...searched, line: { kind: 'arriving' } } : searched
  return onOrder(searched, order)
}
