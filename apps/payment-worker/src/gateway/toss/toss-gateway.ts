import { randomUUID } from 'node:crypto'
import { orderNumber } from '@floodgate/contracts'
import type { Attempt, BuyerProof, CloseOutcome, LookUpOutcome, PaymentGateway } from '../payment-gateway.ts'
import type { ResilienceOptions } from '../resilience.ts'
import { returnUrlOf } from '../return-url.ts'
import { takenAtOnce } from '../taken-at-once.ts'
import { listTossCharges } from './toss-charges.ts'
import { createTossClient, type TossResponse } from './toss-client.ts'
import { type FoundPayment, foundPayment, outcomeOfPayment, tossOrderId, unusable } from './toss-payment.ts'
import { refundToss } from './toss-refund.ts'
import { readTossWebhook } from './toss-webhook.ts'

const CURRENCY = 'KRW'
/** Codes by which a payment is refused before it exists; nothing was charged. */
const NEVER = new Set(['BELOW_MINIMUM_AMOUNT', 'EXCEED_MAX_AMOUNT', 'NOT_SUPPORTED_CURRENCY'])

export interface TossGatewayOptions {
  readonly url: string
  readonly secretKey: string
  /** Where the buyer returns to, see `returnUrlOf`. */
  readonly returnUrl: string
  /** How far back charges are listed. */
  readonly listedDays: number
  readonly resilience: ResilienceOptions
}

/**
 * Implements Toss Payments (ADR 0073): the buyer authenticates on the provider's page, and nothing is charged until
 * this server approves. What keeps an order from being charged twice is the payment itself: only the one on record is
 * approved, and the provider approves a payment once. Creations and approvals therefore have an idempotency key of
 * their own in each round, and a stored error blocks none of the next.
 */
export function createTossGateway(options: TossGatewayOptions): PaymentGateway {
  const client = createTossClient(options)

  const findByKey = async (paymentKey: string, signal: AbortSignal): Promise<FoundPayment> =>
    foundPayment(await client.get(`/v1/payments/${encodeURIComponent(paymentKey)}`, signal))

  /** Finds the payment on record, else one that the provider has for the attempt. */
  const find = async ({ reference, key }: Attempt, signal: AbortSignal): Promise<FoundPayment> =>
    reference === null
      ? foundPayment(await client.get(`/v1/payments/orders/${tossOrderId(key)}`, signal))
      : await findByKey(reference, signal)

  async function lookUp(attempt: Attempt, signal: AbortSignal): Promise<LookUpOutcome> {
    const found = await find(attempt, signal)
    if (found.kind === 'not-found') return { kind: 'nothing-charged' }
    return found.kind === 'found' ? outcomeOfPayment(found.payment, attempt) : found
  }

  function create(attempt: Attempt, signal: AbortSignal): Promise<TossResponse> {
    const { key, amountMinor, currency } = attempt
    const returnUrl = returnUrlOf(options.returnUrl, attempt)
    const body = {
      ...{ method: 'CARD', flowMode: 'DEFAULT', amount: amountMinor, currency },
      ...{ orderId: tossOrderId(key), orderName: orderNameOf(attempt), successUrl: returnUrl, failUrl: returnUrl },
    }
    return client.post('/v1/payments', { body, idempotencyKey: randomUUID() }, signal)
  }

  /** Takes the money. Whatever the response: the payment's status is the outcome. */
  async function approve(attempt: Attempt, paymentKey: string, signal: AbortSignal): Promise<LookUpOutcome> {
    const body = { paymentKey, orderId: tossOrderId(attempt.key), amount: attempt.amountMinor }
    const response = await client.post('/v1/payments/confirm', { body, idempotencyKey: randomUUID() }, signal)
    const approved = foundPayment(response)
    if (approved.kind === 'found') return outcomeOfPayment(approved.payment, attempt)
    const outcome = await lookUp(attempt, signal)
    // Not approved, and not over: the call failed, or is still in progress.
    return outcome.kind === 'needs-buyer' ? { ...unusable(response, true), unknown: true } : outcome
  }

  return {
    async begin(attempt, signal) {
      const { currency } = attempt
      if (currency !== CURRENCY)
        return { kind: 'declined', reason: `Toss Payments takes ${CURRENCY} only, not ${currency}` }
      const response = await create(attempt, signal)
      if (response.kind === 'failed' && NEVER.has(response.code)) return { kind: 'declined', reason: response.detail }
      // The order was paid for already: by a worker whose records are lost.
      if (response.kind === 'failed' && response.code === 'DUPLICATED_ORDER_ID') {
        const outcome = await lookUp({ ...attempt, reference: null }, signal)
        return outcome.kind === 'approved' ? outcome : { ...unusable(response, true), unknown: true }
      }
      const created = foundPayment(response)
      if (created.kind === 'found') return readyOutcome(outcomeOfPayment(created.payment, attempt))
      // No creation charges anything.
      return { ...unusable(response, false), unknown: false }
    },

    async resume(attempt, signal) {
      const { reference, proof } = attempt
      if (reference === null || !fits(proof, attempt)) return await lookUp(attempt, signal)
      // Approves only what it has seen authenticated: `close` relies on it.
      const found = await findByKey(reference, signal)
      if (found.kind !== 'found') return found.kind === 'not-found' ? { kind: 'nothing-charged' } : found
      const outcome = outcomeOfPayment(found.payment, attempt)
      const isAuthenticated = outcome.kind === 'needs-buyer' && found.payment.status === 'IN_PROGRESS'
      return isAuthenticated ? await approve(attempt, reference, signal) : outcome
    },

    lookUp,

    async close(attempt, signal) {
      // A payment that is not on record was never shown to a buyer, and is never approved.
      const found = await find(attempt, signal)
      if (found.kind !== 'found') return found.kind === 'not-found' ? { kind: 'key-closed' } : found
      return closeOutcome(found.payment.status, outcomeOfPayment(found.payment, attempt))
    },

    capture: takenAtOnce,

    refund: (command, signal) => refundToss(client, command, { nowMs: Date.now(), signal }),

    listCharges: (signal) => listTossCharges(client, { days: options.listedDays, nowMs: Date.now(), signal }),

    readWebhook: readTossWebhook,

    async probe(signal) {
      await client.get('/v1/payments/orders/floodgate-probe', signal)
    },
    breakerState: client.breakerState,
    onBreakerChange: client.onBreakerChange,
  }
}

/** Names an order on the provider's page, which is Korean, by the number that its mails show. */
function orderNameOf({ orderId }: Attempt): string {
  return `주문 ${orderNumber(orderId)}`
}

/** Tells whether the buyer brought back the payment on record, and the amount of the record where it names one. */
function fits({ paymentKey, amount }: BuyerProof, { reference, amountMinor }: Attempt): boolean {
  return paymentKey === reference && (amount === undefined || amount === String(amountMinor))
}

/** A payment that was just created cannot be unknown. */
function readyOutcome(outcome: LookUpOutcome) {
  if (outcome.kind !== 'nothing-charged') return outcome
  return { kind: 'unavailable', unknown: false, detail: 'the payment was not created' } as const
}

/**
 * Judges a payment that must not be approved any more. One that the buyer has not authenticated is never approved,
 * because only authenticated ones are. For an authenticated one an approval may be in transit: it ends within ten
 * minutes, approved or expired.
 */
function closeOutcome(status: string, outcome: LookUpOutcome): CloseOutcome {
  if (status === 'READY' || status === 'EXPIRED') return { kind: 'key-closed' }
  if (outcome.kind === 'needs-buyer' || outcome.kind === 'nothing-charged')
    return { kind: 'unavailable', unknown: true, detail: 'the payment is authenticated and has not expired' }
  return outcome
}
