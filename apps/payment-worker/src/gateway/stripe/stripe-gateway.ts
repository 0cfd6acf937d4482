import type Stripe from 'stripe'
import type {
  Attempt,
  ChargeOutcome,
  CloseOutcome,
  LookUpOutcome,
  PaymentGateway,
  Unavailable,
} from '../payment-gateway.ts'
import { createResilience, type ResilienceOptions, unavailableOf } from '../resilience.ts'
import { returnUrlOf } from '../return-url.ts'
import { stripeAmountOf } from './amounts.ts'
import { createCancel, createCapture } from './captures.ts'
import { createFindIntent } from './find-intent.ts'
import { closedMetadataOf, type IntentOutcome, isKeyForgotten, metadataOf, outcomeOf, reasonOf } from './intents.ts'
import { listStripeCharges } from './list-charges.ts'
import { createRefund } from './refunds.ts'
import {
  createCallStripe,
  createStripeClient,
  isOtherRequest,
  type Rejected,
  type StripeAddress,
} from './stripe-client.ts'
import { createReadWebhook } from './webhooks.ts'

export interface StripeGatewayOptions extends StripeAddress {
  /** Secrets of the webhook endpoint: all are accepted, so that they can be changed. */
  readonly webhookSecrets: readonly string[]
  readonly paymentMethodTypes: readonly string[]
  /** `manual`: charges are only authorized, and their money is taken by `capture`. */
  readonly captureMethod: 'automatic' | 'manual'
  /** Where the buyer returns to, see `returnUrlOf`. */
  readonly returnUrl: string
  /** How far back charges are listed; 0: all. */
  readonly listedDays: number
  readonly resilience: ResilienceOptions
}

type EndedOutcome = Exclude<IntentOutcome, { kind: 'unpaid' }>

/** Rejections of what the buyer sent or bought: repeating them is useless. */
const NEVER = new Set(['amount_too_small', 'amount_too_large', 'payment_method_unactivated', 'currency_not_supported'])

/**
 * Charges through Stripe's PaymentIntents, each created and confirmed in one call (ADR 0068). The key of the attempt is
 * the idempotency key. Stripe stores whatever it responds under a key, errors too: once such a response is known to be
 * the stored one, the call is over, and the payment is looked for in the list.
 */
export function createStripeGateway(options: StripeGatewayOptions): PaymentGateway {
  const stripe = createStripeClient(options)
  const resilience = createResilience(options.resilience)
  const call = createCallStripe(resilience)
  const find = createFindIntent({ stripe, call })

  const cancel = createCancel({ stripe, call })

  /** Ends a payment that was not completed: a bank that declined, or a step that the buyer cannot take here. */
  async function ended(intent: Stripe.PaymentIntent, signal: AbortSignal): Promise<EndedOutcome> {
    const outcome = outcomeOf(intent)
    if (outcome.kind !== 'unpaid') return outcome
    const after = await cancel(intent.id, signal)
    if (after.kind === 'cancelled') return { kind: 'declined', reason: outcome.reason }
    return after.kind === 'unpaid' ? { kind: 'unavailable', unknown: true, detail: after.reason } : after
  }

  /** Decides about a key that is used up: what came of its call is in the list, or nothing did. */
  async function afterUsedKey(attempt: Attempt, signal: AbortSignal): Promise<ChargeOutcome> {
    const found = await find(attempt, signal)
    return found === undefined ? { kind: 'key-closed' } : chargeOf(await ended(found, signal))
  }

  async function afterRejection(rejected: Rejected, attempt: Attempt, signal: AbortSignal): Promise<ChargeOutcome> {
    const { status, error, isStored } = rejected
    if (status === 402) return { kind: 'declined', reason: reasonOf(error) }
    if (status === 409) return unknown('a call with this key is in progress')
    if (isOtherRequest(rejected) || status >= 500) return await afterUsedKey(attempt, signal)
    if (error.param === 'payment_method' || NEVER.has(error.code ?? ''))
      return { kind: 'declined', reason: reasonOf(error) }
    // Stripe did nothing, and will say the same under this key, even when its cause is corrected.
    if (isStored) return { kind: 'key-closed' }
    return { kind: 'unavailable', unknown: false, detail: `Stripe (${status}): ${error.message}`.slice(0, 200) }
  }

  /** Returns what was found of an attempt whose key Stripe may have forgotten. */
  async function foundOld(attempt: Attempt, signal: AbortSignal): Promise<Stripe.PaymentIntent | undefined> {
    return isKeyForgotten(attempt.openedAtMs) ? await find(attempt, signal) : undefined
  }

  async function begin(
    attempt: Attempt & { readonly paymentMethod: string },
    signal: AbortSignal,
  ): Promise<ChargeOutcome> {
    const { currency, amountMinor } = attempt
    const amount = stripeAmountOf(amountMinor, currency)
    if (amount === undefined) return { kind: 'declined', reason: `Stripe cannot charge ${amountMinor} ${currency}` }
    const old = await foundOld(attempt, signal)
    if (old !== undefined) return chargeOf(await ended(old, signal))
    const said = await call(
      () =>
        stripe.paymentIntents.create(
          {
            ...{ amount, currency: currency.toLowerCase(), confirm: true },
            capture_method: options.captureMethod,
            payment_method: attempt.paymentMethod,
            allowed_payment_method_types: [...options.paymentMethodTypes],
            return_url: returnUrlOf(options.returnUrl, attempt),
            metadata: metadataOf(attempt),
          },
          { idempotencyKey: attempt.key },
        ),
      signal,
      'charge',
    )
    if (said.kind === 'rejected') return await afterRejection(said, attempt, signal)
    return chargeOf(await ended(said.value, signal))
  }

  async function lookUp({ reference }: Attempt, signal: AbortSignal): Promise<LookUpOutcome> {
    // Without the id only the key finds it: the charge is sent again, and gets the stored response.
    if (reference === null) return { kind: 'nothing-charged' }
    const said = await call(() => stripe.paymentIntents.retrieve(reference), signal)
    if (said.kind === 'rejected') return unknown(`Stripe (${said.status}): ${said.error.message}`)
    const outcome = await ended(said.value, signal)
    return outcome.kind === 'cancelled' ? { kind: 'declined', reason: 'the payment was cancelled at Stripe' } : outcome
  }

  async function close(attempt: Attempt, signal: AbortSignal): Promise<CloseOutcome> {
    const { reference } = attempt
    if (reference !== null) return await closeKnown(reference, signal)
    const old = await foundOld(attempt, signal)
    if (old !== undefined) return await closeFound(old, signal)
    return await useUpKey(attempt, signal)
  }

  /** Stripe cancels an authorized payment, too: whether there is one is looked at first, where there may be. */
  async function closeKnown(id: string, signal: AbortSignal): Promise<CloseOutcome> {
    if (options.captureMethod === 'automatic') return closingOf(await cancel(id, signal))
    const said = await call(() => stripe.paymentIntents.retrieve(id), signal)
    if (said.kind === 'rejected') return unknown(`Stripe (${said.status}): ${said.error.message}`)
    return await closeFound(said.value, signal)
  }

  async function closeFound(intent: Stripe.PaymentIntent, signal: AbortSignal): Promise<CloseOutcome> {
    const outcome = outcomeOf(intent)
    return closingOf(outcome.kind === 'approved' ? outcome : await cancel(intent.id, signal))
  }

  /**
   * Uses the key for a payment that nobody confirms. A call that is still in transit then gets an error, since its
   * parameters differ; and this one gets it where the other was first.
   */
  async function useUpKey(attempt: Attempt, signal: AbortSignal): Promise<CloseOutcome> {
    const { amountMinor, currency } = attempt
    const amount = stripeAmountOf(amountMinor, currency)
    if (amount === undefined) return { kind: 'key-closed' }
    const said = await call(
      () =>
        stripe.paymentIntents.create(
          {
            ...{ amount, currency: currency.toLowerCase(), metadata: closedMetadataOf(attempt) },
            allowed_payment_method_types: [...options.paymentMethodTypes],
          },
          { idempotencyKey: attempt.key },
        ),
      signal,
      'rest',
    )
    if (said.kind === 'done' || said.isStored) return { kind: 'key-closed' }
    if (!isOtherRequest(said)) return unknown(`Stripe (${said.status}): ${said.error.message}`)
    const found = await find(attempt, signal)
    return found === undefined ? { kind: 'key-closed' } : await closeFound(found, signal)
  }

  /** Turns every failure into an outcome. */
  const guarded =
    <Arguments extends unknown[], Outcome>(work: (...args: Arguments) => Promise<Outcome>) =>
    async (...args: Arguments): Promise<Outcome | Unavailable> => {
      try {
        return await work(...args)
      } catch (error) {
        return unavailableOf(error)
      }
    }

  return {
    begin: guarded(begin),
    resume: guarded(lookUp),
    lookUp: guarded(lookUp),
    close: guarded(close),
    capture: guarded(createCapture({ stripe, call })),
    refund: guarded(createRefund({ stripe, call })),
    listCharges: guarded((signal: AbortSignal) => listStripeCharges({ stripe, call }, options, signal)),
    readWebhook: createReadWebhook(stripe, options.webhookSecrets),
    async probe(signal) {
      await call(() => stripe.paymentIntents.list({ limit: 1 }), signal).catch(() => undefined) // The breaker counts it.
    },
    breakerState: resilience.state,
    onBreakerChange: resilience.onChange,
  }
}

const chargeOf = (outcome: EndedOutcome): ChargeOutcome =>
  outcome.kind === 'cancelled' ? { kind: 'key-closed' } : outcome

function closingOf(outcome: IntentOutcome): CloseOutcome {
  switch (outcome.kind) {
    case 'cancelled':
      return { kind: 'key-closed' }
    case 'needs-buyer':
    case 'unpaid':
      return unknown('Stripe did not cancel the payment')
    default:
      return outcome
  }
}

const unknown = (detail: string): Unavailable => ({ kind: 'unavailable', unknown: true, detail: detail.slice(0, 200) })
