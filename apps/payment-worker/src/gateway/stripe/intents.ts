import type Stripe from 'stripe'
import type { Approved, Attempt, Declined, NeedsBuyer, Unavailable } from '../payment-gateway.ts'

/** Names in the metadata of what belongs to an order. A charge has that of its payment. */
export const ORDER = 'floodgate_order'
const SALE = 'floodgate_sale'
export const KEY = 'floodgate_key'
/** Marks a payment that was only made to use up a key. */
export const CLOSED = 'floodgate_closed'

const REASON_LENGTH_MAX = 200
/** Stripe forgets an idempotency key after 24 hours: what is older is looked for before its key is used again. */
const KEY_KEPT_MS = 23 * 3_600_000

/** Tells whether Stripe may have forgotten a key that was first used at that time or later. */
export function isKeyForgotten(usedAtMs: number): boolean {
  return Date.now() - usedAtMs >= KEY_KEPT_MS
}

export function metadataOf({ orderId, sale, key }: Attempt): Record<string, string> {
  return { [ORDER]: orderId, [SALE]: sale, [KEY]: key }
}

/** The metadata of a payment that takes the place of a closed attempt: nobody ever confirms it. */
export function closedMetadataOf(attempt: Attempt): Record<string, string> {
  return { ...metadataOf(attempt), [CLOSED]: 'true' }
}

/** Nothing was charged, and this payment never will be, unless somebody confirms it: it is to be cancelled. */
interface Unpaid {
  readonly kind: 'unpaid'
  readonly reason: string
}

export type IntentOutcome = Approved | Declined | NeedsBuyer | Unavailable | Unpaid | { readonly kind: 'cancelled' }

/** Reads the state of a payment (docs.stripe.com/payments/paymentintents/lifecycle). */
export function outcomeOf(intent: Stripe.PaymentIntent): IntentOutcome {
  const { status, id, next_action: action, last_payment_error: error } = intent
  switch (status) {
    case 'succeeded':
      return { kind: 'approved', chargeId: id }
    case 'requires_capture':
      return { kind: 'approved', chargeId: id, isAuthorized: true }
    case 'requires_action': {
      const redirectUrl = action?.redirect_to_url?.url
      if (redirectUrl) return { kind: 'needs-buyer', redirectUrl, reference: id }
      return { kind: 'unpaid', reason: `the payment method needs a step without a page: ${action?.type}` }
    }
    case 'canceled':
      return { kind: 'cancelled' }
    case 'processing':
      return { kind: 'unavailable', unknown: true, detail: 'Stripe is still processing the payment', reference: id }
    default:
      return { kind: 'unpaid', reason: error === null ? 'the payment was not completed' : reasonOf(error) }
  }
}

/** Returns why the bank or Stripe declined, with the code first, for operators. */
export function reasonOf({
  code,
  decline_code: declined,
  message,
}: {
  readonly code?: string | null | undefined
  readonly decline_code?: string | null | undefined
  readonly message?: string | null | undefined
}): string {
  return [declined ?? code, message].filter(Boolean).join(': ').slice(0, REASON_LENGTH_MAX) || 'declined'
}
