import type Stripe from 'stripe'
import type { Approved, Attempt, Declined, NeedsBuyer, Unavailable } from '../payment-gateway.ts'
import { ProviderFailure } from '../resilience.ts'
import type { CallStripe } from './stripe-client.ts'

/** Names in the metadata of what belongs to an order. A charge has that of its payment. */
export const ORDER = 'floodgate_order'
const SALE = 'floodgate_sale'
const KEY = 'floodgate_key'
/** Marks a payment that was only made to use up a key. */
const CLOSED = 'floodgate_closed'

const REASON_LENGTH_MAX = 200
const PER_PAGE = 100
/** 100,000 payments. */
const PAGES_MAX = 1_000
/** The clock of this machine and Stripe's may differ by this much; `--check` looks at it. */
const CLOCKS_DIFFER_MS_MAX = 120_000

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
    case 'requires_capture':
      return { kind: 'approved', chargeId: id }
    case 'requires_action': {
      const redirectUrl = action?.redirect_to_url?.url
      if (redirectUrl) return { kind: 'needs-buyer', redirectUrl, reference: id }
      return { kind: 'unpaid', reason: `the payment method needs a step without a page: ${action?.type}` }
    }
    case 'canceled':
      return { kind: 'cancelled' }
    case 'processing':
      return { kind: 'unavailable', unknown: true, detail: 'Stripe is still processing the payment' }
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

/**
 * Finds the payment of an attempt that ended without a usable response, by its key in the metadata of all payments since
 * then. The list of payments is complete at once, unlike Stripe's search. Throws where it is too long.
 */
export async function findIntent(
  { stripe, call }: { readonly stripe: Stripe; readonly call: CallStripe },
  attempt: Attempt,
  signal: AbortSignal,
): Promise<Stripe.PaymentIntent | undefined> {
  const created = { gte: Math.floor((attempt.openedAtMs - CLOCKS_DIFFER_MS_MAX) / 1_000) }
  let after: string | undefined
  for (let pages = 0; pages < PAGES_MAX; pages += 1) {
    const from = after === undefined ? {} : { starting_after: after }
    const said = await call(() => stripe.paymentIntents.list({ created, limit: PER_PAGE, ...from }), signal)
    if (said.kind === 'rejected') throw new ProviderFailure(`Stripe does not list payments: ${said.error.message}`)
    const { data, has_more: hasMore } = said.value
    const found = data.find(({ metadata }) => metadata[KEY] === attempt.key && metadata[CLOSED] === undefined)
    after = data.at(-1)?.id
    if (found !== undefined || !hasMore || after === undefined) return found
  }
  throw new ProviderFailure(`the payment is not among the last ${PAGES_MAX * PER_PAGE}`)
}
