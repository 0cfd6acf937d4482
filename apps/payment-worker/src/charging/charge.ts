import type { Attempt } from '../gateway/payment-gateway.ts'

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
  /** The provider's id of the charge; while it is open, of the attempt. Null until the provider has told one. */
  readonly chargeId: string | null
  /** What the buyer's browser brought back, sealed, until it was used; null otherwise. */
  readonly buyerProof: string | null
  readonly reason: string | null
  readonly chargeBy: Date
  /** The order was cancelled: no new charge may be made for it. */
  readonly orderEnded: boolean
  readonly version: number
  readonly tries: number
  /** The end of the lease, or the earliest next round. A changed one means that something has happened since. */
  readonly dueAt: Date
  readonly createdAt: Date
  readonly updatedAt: Date
  readonly traceparent: string | null
}

/**
 * `started`: whether the provider was called is unknown. `unknown`: it was called, and the outcome is unknown.
 * `awaiting-buyer`: the buyer has to agree on a page of the bank or the provider.
 */
export type ChargeStatus = OpenStatus | 'approved' | 'declined' | 'not-charged'

export type OpenStatus = (typeof OPEN_STATUSES)[number]

/** The states in which the outcome is still open. */
export const OPEN_STATUSES = ['started', 'unknown', 'awaiting-buyer'] as const

/** The same, as a list of SQL. */
export const OPEN_LIST: string = OPEN_STATUSES.map((status) => `'${status}'`).join(', ')

export function isOpen(status: ChargeStatus): status is OpenStatus {
  return (OPEN_STATUSES as readonly ChargeStatus[]).includes(status)
}

/**
 * Returns the key of an attempt. The first one is the order's id, so that even a worker without its records cannot
 * charge an order twice.
 */
export function chargeKey(orderId: string, attempt: number): string {
  return attempt === 1 ? orderId : `${orderId}:${attempt}`
}

/** Returns the current attempt, as a provider gets it. */
export function attemptOf(charge: Charge): Attempt {
  const { key, orderId, sale, amountMinor, currency, chargeId: reference, createdAt } = charge
  return { key, orderId, sale, amountMinor, currency, reference, openedAtMs: createdAt.getTime() }
}
