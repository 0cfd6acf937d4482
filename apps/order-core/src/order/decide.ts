import type { CancelReason, OrderStatus } from '@floodgate/contracts'

/**
 * What can happen to an order, as reported to the saga. `late-payment-covered`: a payment for an expired order whose
 * units are still there, within its buyer's limit; see saga/late-payments.ts.
 */
export const orderFacts = [
  'payment-succeeded',
  'late-payment-covered',
  'payment-declined',
  'payment-refunded',
  'payment-refund-refused',
  'hold-expired',
  'cancelled-by-buyer',
  'cancelled-by-operator',
  'refund-repeated',
  'nothing-to-pay',
] as const
export type OrderFact = (typeof orderFacts)[number]

/** A move to another state, with the event that announces it. */
export type OrderMoveDecision =
  | {
      readonly kind: 'move'
      readonly to: 'confirmed' | 'refund_pending' | 'refunded' | 'refund_parked'
      readonly announce:
        | 'order.confirmed.v1'
        | 'order.refund-requested.v1'
        | 'order.refunded.v1'
        | 'order.refund-parked.v1'
      readonly cancelReason?: never
    }
  | {
      readonly kind: 'move'
      readonly to: 'cancelled'
      readonly announce: 'order.cancelled.v1'
      readonly cancelReason: CancelReason
    }

export type Decision = OrderMoveDecision | { readonly kind: 'ignore'; readonly reason: string }

const confirm: OrderMoveDecision = { kind: 'move', to: 'confirmed', announce: 'order.confirmed.v1' }
const requestRefund: OrderMoveDecision = { kind: 'move', to: 'refund_pending', announce: 'order.refund-requested.v1' }
const finishRefund: OrderMoveDecision = { kind: 'move', to: 'refunded', announce: 'order.refunded.v1' }
const parkRefund: OrderMoveDecision = { kind: 'move', to: 'refund_parked', announce: 'order.refund-parked.v1' }
const cancel = (cancelReason: CancelReason): OrderMoveDecision => ({
  kind: 'move',
  to: 'cancelled',
  cancelReason,
  announce: 'order.cancelled.v1',
})

/** A repetition, or a late or overtaken fact. */
const stays = undefined

/**
 * Every state's reaction to every fact: a missing one does not compile. A payment for an order that is over confirms it
 * or is refunded, never both: either move leaves `cancelled`.
 */
const moves: Readonly<Record<OrderStatus, Readonly<Record<OrderFact, OrderMoveDecision | undefined>>>> = {
  pending: {
    'payment-succeeded': confirm,
    'late-payment-covered': stays,
    'payment-declined': cancel('declined'),
    'payment-refunded': stays,
    'payment-refund-refused': stays,
    'hold-expired': cancel('expired'),
    'cancelled-by-buyer': cancel('by-buyer'),
    'cancelled-by-operator': cancel('by-operator'),
    'refund-repeated': stays,
    'nothing-to-pay': confirm,
  },
  confirmed: {
    'payment-succeeded': stays,
    'late-payment-covered': stays,
    'payment-declined': stays,
    'payment-refunded': stays,
    'payment-refund-refused': stays,
    'hold-expired': stays,
    'cancelled-by-buyer': stays,
    'cancelled-by-operator': stays,
    'refund-repeated': stays,
    'nothing-to-pay': stays,
  },
  cancelled: {
    'payment-succeeded': requestRefund,
    'late-payment-covered': confirm,
    'payment-declined': stays,
    'payment-refunded': stays,
    'payment-refund-refused': stays,
    'hold-expired': stays,
    'cancelled-by-buyer': stays,
    'cancelled-by-operator': stays,
    'refund-repeated': stays,
    'nothing-to-pay': stays,
  },
  // Announces a lost request again; the worker's key makes one refund of any number of requests.
  refund_pending: {
    'payment-succeeded': stays,
    'late-payment-covered': stays,
    'payment-declined': stays,
    'payment-refunded': finishRefund,
    'payment-refund-refused': parkRefund,
    'hold-expired': stays,
    'cancelled-by-buyer': stays,
    'cancelled-by-operator': stays,
    'refund-repeated': requestRefund,
    'nothing-to-pay': stays,
  },
  refunded: {
    'payment-succeeded': stays,
    'late-payment-covered': stays,
    'payment-declined': stays,
    'payment-refunded': stays,
    'payment-refund-refused': stays,
    'hold-expired': stays,
    'cancelled-by-buyer': stays,
    'cancelled-by-operator': stays,
    'refund-repeated': stays,
    'nothing-to-pay': stays,
  },
  // A rejection delivered twice may park an order whose refund is already in progress again; that refund's success
  // counts.
  refund_parked: {
    'payment-succeeded': stays,
    'late-payment-covered': stays,
    'payment-declined': stays,
    'payment-refunded': finishRefund,
    'payment-refund-refused': stays,
    'hold-expired': stays,
    'cancelled-by-buyer': stays,
    'cancelled-by-operator': stays,
    'refund-repeated': requestRefund,
    'nothing-to-pay': stays,
  },
}

/** Decides what a fact does to an order in this state. */
export function decide(status: OrderStatus, fact: OrderFact): Decision {
  return moves[status][fact] ?? { kind: 'ignore', reason: `${fact} changes nothing about a ${status} order` }
}

const PAYMENTS: ReadonlySet<OrderFact> = new Set(['payment-succeeded', 'late-payment-covered', 'payment-declined'])

/**
 * Decides what a fact does to an order with this total. No payment confirms, cancels or outlives a free order: a
 * payment by an older worker means nothing, and its deadline only ends a long wait. A paid order is never given away.
 */
export function decideFor(
  order: { readonly status: OrderStatus; readonly totalMinor: number },
  fact: OrderFact,
): Decision {
  const isFree = !(order.totalMinor > 0)
  if (isFree && fact === 'hold-expired') return decide(order.status, 'nothing-to-pay')
  const isMeaningless = isFree ? PAYMENTS.has(fact) : fact === 'nothing-to-pay'
  if (!isMeaningless) return decide(order.status, fact)
  return { kind: 'ignore', reason: `${fact} changes nothing about an order of ${order.totalMinor}` }
}
