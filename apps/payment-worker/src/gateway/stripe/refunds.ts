import type Stripe from 'stripe'
import type { RefundCommand, RefundOutcome } from '../payment-gateway.ts'
import { ProviderFailure } from '../resilience.ts'
import { stripeAmountOf } from './amounts.ts'
import { createCancel, releaseIntent } from './captures.ts'
import { isKeyForgotten, ORDER, reasonOf } from './intents.ts'
import { type CallStripe, isOtherRequest, type Rejected } from './stripe-client.ts'

/** The name of the refund's key in its metadata. */
const KEY = 'floodgate_refund'
const PER_PAGE = 100
/** Keys of one refund: another one is used where Stripe stored an error for the one before, or its refund failed. */
const KEYS_MAX = 20
const ERRORS_MAX = 5

interface StripeCalls {
  readonly stripe: Stripe
  readonly call: CallStripe
}

/**
 * Creates refunds, and gives authorizations up. The first call for a refund has the caller's key. A stored error ends that
 * key, so the refund is looked for by its metadata, and made under the next key only where it does not exist; so is one
 * that failed and is requested again. One that Stripe may have forgotten the key of is looked for first.
 */
export function createRefund({ stripe, call }: StripeCalls) {
  const cancel = createCancel({ stripe, call })

  async function findMade({ chargeId, key }: RefundCommand, signal: AbortSignal): Promise<Stripe.Refund | undefined> {
    const said = await call(() => stripe.refunds.list({ payment_intent: chargeId, limit: PER_PAGE }), signal)
    if (said.kind === 'rejected') throw new ProviderFailure(`Stripe does not list refunds: ${said.error.message}`)
    return said.value.data.find((made) => made.metadata?.[KEY] === key && !hasFailed(made))
  }

  async function lookUp(id: string, signal: AbortSignal): Promise<Stripe.Refund> {
    const said = await call(() => stripe.refunds.retrieve(id), signal)
    if (said.kind === 'rejected') throw new ProviderFailure(`Stripe does not show a refund: ${said.error.message}`)
    return said.value
  }

  return async function refund(command: RefundCommand, signal: AbortSignal): Promise<RefundOutcome> {
    const { key, chargeId, amountMinor, currency } = command
    const released = command.isAuthorized === true ? await releaseIntent(cancel, chargeId, signal) : undefined
    if (released !== undefined) return released
    const amount = stripeAmountOf(amountMinor, currency)
    if (amount === undefined) return { kind: 'refused', reason: `Stripe cannot refund ${amountMinor} ${currency}` }
    if (command.reference != null) return outcomeOf(await lookUp(command.reference, signal))
    const old = isKeyForgotten(command.requestedAtMs) ? await findMade(command, signal) : undefined
    if (old !== undefined) return outcomeOf(old)
    let rejected: Rejected | undefined
    const parameters = { payment_intent: chargeId, amount, metadata: { [KEY]: key, [ORDER]: command.orderId } }
    for (let keys = 1, errors = 0; keys <= KEYS_MAX && errors < ERRORS_MAX; keys += 1) {
      const idempotencyKey = keys === 1 ? key : `${key}.${keys}`
      const said = await call(() => stripe.refunds.create(parameters, { idempotencyKey }), signal, 'rest')
      if (said.kind === 'done') {
        // A stored response shows the refund as it was when it was made.
        const made = said.isStored ? await lookUp(said.value.id, signal) : said.value
        if (said.isStored && hasFailed(made)) continue
        return outcomeOf(made)
      }
      errors += 1
      if (said.status === 409)
        return { kind: 'unavailable', unknown: true, detail: 'a call with this key is in progress' }
      const made = await findMade(command, signal)
      if (made !== undefined) return outcomeOf(made)
      rejected = said
      if (!said.isStored && !isOtherRequest(said)) break
    }
    return { kind: 'refused', reason: rejected === undefined ? 'refused' : reasonOf(rejected.error) }
  }
}

const hasFailed = ({ status }: Stripe.Refund): boolean => status === 'failed' || status === 'canceled'

/** Reads the state of a refund (docs.stripe.com/refunds#view-refund-status). */
function outcomeOf(refund: Stripe.Refund): RefundOutcome {
  const { id, status, pending_reason: pending } = refund
  if (hasFailed(refund)) return { kind: 'refused', reason: `the refund failed: ${refund.failure_reason ?? status}` }
  if (status === 'succeeded') return { kind: 'refunded', refundId: id }
  return { kind: 'pending', refundId: id, detail: `Stripe has the refund as ${pending ?? status}` }
}
