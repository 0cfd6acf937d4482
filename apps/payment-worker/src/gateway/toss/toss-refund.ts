import type { RefundCommand, RefundOutcome } from '../payment-gateway.ts'
import type { TossClient, TossResponse } from './toss-client.ts'
import { type FoundPayment, foundPayment, type TossPayment, unusable } from './toss-payment.ts'

const MINUTE_MS = 60_000
/** The provider forgets an idempotency key after 15 days. */
const KEY_KEPT_MS = 14 * 24 * 60 * MINUTE_MS

/**
 * Codes by which the provider or the bank finally refuses to give money back
 * (https://docs.tosspayments.com/reference/error-codes). Every other code is retried.
 */
const REFUSALS = new Set([
  'ALREADY_CANCELED_PAYMENT',
  'ALREADY_REFUND_PAYMENT',
  'EXCEED_CANCEL_AMOUNT_DISCOUNT_AMOUNT',
  'EXCEED_CANCEL_LIMIT',
  'EXCEED_MAX_REFUND_DUE',
  'FORBIDDEN_BANK_REFUND_REQUEST',
  'NOT_ALLOWED_PARTIAL_REFUND',
  'NOT_CANCELABLE_AMOUNT',
  'NOT_CANCELABLE_PAYMENT',
  'NOT_CANCELABLE_PAYMENT_FOR_DORMANT_USER',
  'NOT_FOUND_PAYMENT',
  'REFUND_REJECTED',
])

const IN_PROGRESS = 'IDEMPOTENT_REQUEST_PROCESSING'

/**
 * Refunds once for each key of the caller, which the reason of the cancellation carries. The provider stores errors
 * under an idempotency key, so that a repetition after an error needs another one. It is sent only once a look-up has
 * shown that the first call cancelled nothing, and with the balance of that look-up: if the first call takes effect
 * after all, the provider refuses the repetition. One whose key the provider may have forgotten is looked up first.
 */
export async function refundToss(
  client: TossClient,
  { key, chargeId, amountMinor, requestedAtMs }: RefundCommand,
  { nowMs, signal }: { readonly nowMs: number; readonly signal: AbortSignal },
): Promise<RefundOutcome> {
  const path = `/v1/payments/${encodeURIComponent(chargeId)}`
  const cancelReason = `Refund ${key}`
  const body = { cancelReason, cancelAmount: amountMinor }
  const cancel = (call: object, idempotencyKey: string): Promise<TossResponse> =>
    client.post(`${path}/cancel`, { body: { ...body, ...call }, idempotencyKey }, signal)
  const lookUp = async (): Promise<FoundPayment> => foundPayment(await client.get(path, signal))

  if (nowMs - requestedAtMs >= KEY_KEPT_MS) {
    const found = await lookUp()
    const old = found.kind === 'unavailable' ? found : refundOf(found, cancelReason)
    if (old !== undefined) return old
  }
  const first = await cancel({}, key)
  const done = refundOf(foundPayment(first), cancelReason)
  if (done !== undefined) return done
  if (first.kind !== 'failed' || first.code === IN_PROGRESS) return unusable(first, true)

  const found = await lookUp()
  const made = refundOf(found, cancelReason)
  if (made !== undefined) return made
  if (found.kind !== 'found') return found.kind === 'not-found' ? refused(first.detail) : found

  const refundableAmount = found.payment.balanceAmount
  const again = await cancel({ refundableAmount }, `${key}.${Math.floor(nowMs / MINUTE_MS)}`)
  const repeated = refundOf(foundPayment(again), cancelReason) ?? refundOf(await lookUp(), cancelReason)
  if (repeated !== undefined) return repeated
  return again.kind === 'failed' && REFUSALS.has(again.code) ? refused(again.detail) : unusable(again, true)
}

/** Finds the cancellation with this reason. Undefined where there is none, or no payment to look at. */
function refundOf(found: FoundPayment, cancelReason: string): RefundOutcome | undefined {
  const cancels: TossPayment['cancels'] = found.kind === 'found' ? found.payment.cancels : undefined
  const made = cancels?.find((cancel) => cancel.cancelReason === cancelReason)
  return made === undefined ? undefined : { kind: 'refunded', refundId: made.transactionKey }
}

function refused(reason: string): RefundOutcome {
  return { kind: 'refused', reason }
}
