/** The record of one order's money (`payments.charges`). */
export interface Charge {
  readonly orderId: string
  readonly attempt: number
  readonly key: string
  readonly sale: string
  readonly amountMinor: number
  readonly currency: string
  /** Empty while it is sealed. */
  readonly paymentMethod: string
  /** The payment method as it came, when the worker that recorded the order had no key for it; null otherwise. */
  readonly sealedPaymentMethod: string | null
  readonly status: ChargeStatus
  readonly chargeId: string | null
  readonly reason: string | null
  readonly chargeBy: Date
  /** The order was cancelled: nothing new may be charged for it. */
  readonly orderEnded: boolean
  readonly version: number
  readonly tries: number
  readonly createdAt: Date
  readonly updatedAt: Date
  readonly traceparent: string | null
}

/** `started`: nobody knows yet whether the provider was called. `unknown`: it was, and what came of it is open. */
export type ChargeStatus = 'started' | 'approved' | 'declined' | 'unknown' | 'not-charged'

/** The first attempt's key is the order's id, so that even a worker without its records can't charge an order twice. */
export function chargeKey(orderId: string, attempt: number): string {
  return attempt === 1 ? orderId : `${orderId}:${attempt}`
}

/** How long whoever took up a charge or a refund has it for itself; longer than a round's time-outs together. */
export const LEASE_SECONDS = 30
