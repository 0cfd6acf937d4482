import { createBoundedMap } from '@floodgate/async'
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
/** Of one round, which has to end within the lease of its charge: 3,000 payments. */
const PAGES_MAX = 30
/** Attempts whose search continues in a later round, and how long each is remembered. */
const SEARCHES_MAX = 10_000
const SEARCH_KEPT_MS = 600_000
/** The clock of this machine and Stripe's may differ by this much; `--check` looks at it. */
const CLOCKS_DIFFER_MS_MAX = 120_000

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
 * then. The list of payments is complete at once, unlike Stripe's search. Throws where it is too long for one round; the
 * next one continues there: the call of the attempt is over, so that newer payments are not its own.
 */
export function createFindIntent({ stripe, call }: { readonly stripe: Stripe; readonly call: CallStripe }) {
  /** The last payments seen, by the key of the attempt. */
  const seen = createBoundedMap<string>(SEARCHES_MAX, { keptMs: SEARCH_KEPT_MS })

  return async function findIntent(attempt: Attempt, signal: AbortSignal): Promise<Stripe.PaymentIntent | undefined> {
    const created = { gte: Math.floor((attempt.openedAtMs - CLOCKS_DIFFER_MS_MAX) / 1_000) }
    for (let pages = 0; pages < PAGES_MAX; pages += 1) {
      const after = seen.get(attempt.key)
      const from = after === undefined ? {} : { starting_after: after }
      const said = await call(() => stripe.paymentIntents.list({ created, limit: PER_PAGE, ...from }), signal)
      if (said.kind === 'rejected') throw new ProviderFailure(`Stripe does not list payments: ${said.error.message}`)
      const { data, has_more: hasMore } = said.value
      const found = data.find(({ metadata }) => metadata[KEY] === attempt.key && metadata[CLOSED] === undefined)
      const last = data.at(-1)?.id
      if (found !== undefined || !hasMore || last === undefined) {
        seen.delete(attempt.key)
        return found
      }
      seen.set(attempt.key, last)
    }
    throw new ProviderFailure('the payment is looked for in a long list, which the next round continues')
  }
}
