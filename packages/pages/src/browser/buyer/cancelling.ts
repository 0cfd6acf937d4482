import type { Cancelling, KnownOrder, Model } from './model.ts'
import type { PageEvent } from './page-event.ts'
import { secondsUntil } from './time-left.ts'

/** What the page offers about cancelling an order. */
export type CancelOffer =
  /** `secondsLeft`: null for as long as the order is unpaid. */
  | { readonly kind: 'open'; readonly secondsLeft: number | null }
  /** `asked`: requested and not decided. `rejected`: it was too late. */
  | { readonly kind: 'asked' | 'rejected' | 'none' }

/** Returns what becomes of the buyer's wish to cancel. */
export function afterCancelEvent(
  { checkout, cancelling }: Model,
  event: Extract<PageEvent, { kind: 'cancel-order' | 'cancel-decided' }>,
): Cancelling | undefined {
  if (event.kind === 'cancel-order')
    return checkout.kind === 'placed' ? { order: checkout.order, state: 'asked' } : cancelling
  return event.rejected ? { order: event.order, state: 'rejected' } : undefined
}

/** An order that is over needs no decision any more, whoever ended it. */
export function afterOrder(cancelling: Cancelling | undefined, order: KnownOrder): Cancelling | undefined {
  const isOpen = order.status === 'pending' || order.status === 'confirmed'
  return isOpen && cancelling?.order === order.id ? cancelling : undefined
}

/** Returns what the page offers: a pending order can be cancelled, a paid one for as long as its sale allows it. */
export function cancelOfferOf({ cancelling }: Model, order: KnownOrder, nowMs: number): CancelOffer {
  if (cancelling?.order === order.id) return { kind: cancelling.state }
  if (order.status === 'pending') return { kind: 'open', secondsLeft: null }
  const until = order.status === 'confirmed' ? order.cancellableUntil : undefined
  const secondsLeft = until === undefined ? 0 : secondsUntil(until, nowMs)
  return secondsLeft === 0 ? { kind: 'none' } : { kind: 'open', secondsLeft }
}
