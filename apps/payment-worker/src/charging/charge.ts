/** The record of one order's payment (`payments.charges`). */
export interface Charge {
  readonly orderId: string
  readonly attempt: number
  readonly key: string
  readonly sale: string
  readonly amountMinor: number
  readonly currency: string
  /** Empty while it is sealed. */
  readonly paymentMethod: string
  /** The payment method as received, when the worker that recorded the order had no key for it; null otherwise. */
  readonly sealedPaymentMethod: string | null
  readonly status: ChargeStatus
  readonly chargeId: string | null
  readonly reason: string | null
  readonly chargeBy: Date
  /** The order was cancelled: no new charge may be made for it. */
  readonly orderEnded: boolean
  readonly version: number
  readonly tries: number
  readonly createdAt: Date
  readonly updatedAt: Date
  readonly traceparent: string | null
}

/** `started`: whether the provider was called is unknown. `unknown`: it was called, and the outcome is unknown. */
export type ChargeStatus = 'started' | 'approved' | 'declined' | 'unknown' | 'not-charged'

/**
 * Returns the key of an attempt. The first one is the order's id, so that even a worker without its records cannot
 * charge an order twice.
 */
export function chargeKey(orderId: string, attempt: number): string {
  return attempt === 1 ? orderId : `${orderId}:${attempt}`
}

/** How long a charge or refund is leased to one process; longer than a round's time-outs together. */
export const LEASE_SECONDS = 30
