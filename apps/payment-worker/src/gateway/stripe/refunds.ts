import type Stripe from 'stripe'
import type { RefundCommand, RefundOutcome } from '../payment-gateway.ts'
import { ProviderFailure } from '../resilience.ts'
import { stripeAmountOf } from './amounts.ts'
import { createCancel, releaseIntent } from './captures.ts'
import { isKeyForgotten, reasonOf } from './intents.ts'
import type { CallStripe, Rejected } from './stripe-client.ts'

/** The name of the refund's key in its metadata. */
const KEY = 'floodgate_refund'
const PER_PAGE = 100
/** Calls for one refund, each with an idempotency key of its own, where Stripe stored an error for the one before. */
const CALLS_MAX = 5

interface StripeCalls {
  readonly stripe: Stripe
  readonly call: CallStripe
}

/**
 * Creates refunds, and gives authorizations up. A refund: the first with the caller's key. A stored error ends that key, so the refund is looked for by its
 * metadata, and made again under the next key only where it does not exist. One that Stripe may have forgotten the key
 * of is looked for first.
 */
export function createRefund({ stripe, call }: StripeCalls) {
  const cancel = createCancel({ stripe, call })

  async function findMade({ chargeId, key }: RefundCommand, signal: AbortSignal): Promise<Stripe.Refund | undefined> {
    const said = await call(() => stripe.refunds.list({ payment_intent: chargeId, limit: PER_PAGE }), signal)
    if (said.kind === 'rejected') throw new ProviderFailure(`Stripe does not list refunds: ${said.error.message}`)
    return said.value.data.find(({ metadata, status }) => metadata?.[KEY] === key && status !== 'failed')
  }

  return async function refund(command: RefundCommand, signal: AbortSignal): Promise<RefundOutcome> {
    const { key, chargeId, amountMinor, currency } = command
    const released = command.isAuthorized === true ? await releaseIntent(cancel, chargeId, signal) : undefined
    if (released !== undefined) return released
    const amount = stripeAmountOf(amountMinor, currency)
    if (amount === undefined) return { kind: 'refused', reason: `Stripe cannot refund ${amountMinor} ${currency}` }
    const old = isKeyForgotten(command.requestedAtMs) ? await findMade(command, signal) : undefined
    if (old !== undefined) return outcomeOf(old)
    let rejected: Rejected | undefined
    for (let calls = 1; calls <= CALLS_MAX; calls += 1) {
      const idempotencyKey = calls === 1 ? key : `${key}.${calls}`
      const parameters = { payment_intent: chargeId, amount, metadata: { [KEY]: key } }
      const said = await call(() => stripe.refunds.create(parameters, { idempotencyKey }), signal, 'rest')
      if (said.kind === 'done') return outcomeOf(said.value)
      if (said.status === 409)
        return { kind: 'unavailable', unknown: true, detail: 'a call with this key is in progress' }
      const made = await findMade(command, signal)
      if (made !== undefined) return outcomeOf(made)
      rejected = said
      if (!said.isStored) break
    }
    return { kind: 'refused', reason: rejected === undefined ? 'refused' : reasonOf(rejected.error) }
  }
}

function outcomeOf({ id, status, failure_reason: reason }: Stripe.Refund): RefundOutcome {
  if (status === 'failed' || status === 'canceled') return { kind: 'refused', reason: reason ?? status }
  return { kind: 'refunded', refundId: id }
}
