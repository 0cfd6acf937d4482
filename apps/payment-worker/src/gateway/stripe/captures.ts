import type Stripe from 'stripe'
import type { CaptureOutcome, RefundOutcome } from '../payment-gateway.ts'
import { type IntentOutcome, outcomeOf, reasonOf } from './intents.ts'
import type { CallStripe } from './stripe-client.ts'

interface StripeCalls {
  readonly stripe: Stripe
  readonly call: CallStripe
}

/** Cancels payments, so that nobody can confirm or capture them any more. Returns the state, which may have changed. */
export function createCancel({ stripe, call }: StripeCalls) {
  return async function cancel(id: string, signal: AbortSignal): Promise<IntentOutcome> {
    const said = await call(() => stripe.paymentIntents.cancel(id), signal, 'rest')
    if (said.kind === 'done') return outcomeOf(said.value)
    const { payment_intent: now, message } = said.error
    return now === undefined ? { kind: 'unavailable', unknown: true, detail: message } : outcomeOf(now)
  }
}

/**
 * Captures authorized payments, whole. It needs no idempotency key: the state of the payment says whether it is captured,
 * and the money is taken once.
 */
export function createCapture({ stripe, call }: StripeCalls) {
  return async function capture(chargeId: string, signal: AbortSignal): Promise<CaptureOutcome> {
    const said = await call(() => stripe.paymentIntents.capture(chargeId), signal, 'charge')
    if (said.kind === 'done') return captureOf(said.value, 'Stripe did not capture the payment')
    const { error, status } = said
    if (status === 409) return { kind: 'unavailable', unknown: true, detail: error.message.slice(0, 200) }
    const now = await call(() => stripe.paymentIntents.retrieve(chargeId), signal)
    return now.kind === 'done' ? captureOf(now.value, reasonOf(error)) : { kind: 'refused', reason: reasonOf(error) }
  }
}

/** Judges a payment after the call to capture it. */
function captureOf(intent: Stripe.PaymentIntent, reason: string): CaptureOutcome {
  switch (intent.status) {
    case 'succeeded':
      return { kind: 'captured' }
    case 'processing':
      return { kind: 'unavailable', unknown: true, detail: 'Stripe is still processing the capture' }
    case 'canceled':
      return { kind: 'refused', reason: `the authorization has ended: ${intent.cancellation_reason ?? 'cancelled'}` }
    default:
      return { kind: 'refused', reason }
  }
}

/**
 * Gives up the authorization of a payment. Undefined where its money was taken all the same, as by hand in the dashboard:
 * then it has to be refunded.
 */
export async function releaseIntent(
  cancel: ReturnType<typeof createCancel>,
  chargeId: string,
  signal: AbortSignal,
): Promise<RefundOutcome | undefined> {
  const outcome = await cancel(chargeId, signal)
  if (outcome.kind === 'cancelled') return { kind: 'refunded', refundId: chargeId }
  if (outcome.kind === 'approved' && outcome.isAuthorized !== true) return undefined
  const detail = outcome.kind === 'unavailable' ? outcome.detail : 'Stripe did not cancel the payment'
  return { kind: 'unavailable', unknown: true, detail: detail.slice(0, 200) }
}
