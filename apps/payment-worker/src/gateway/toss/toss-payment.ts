import { z } from 'zod'
import type { Attempt, LookUpOutcome, Unavailable } from '../payment-gateway.ts'
import type { TossResponse } from './toss-client.ts'

const payment = z.object({
  paymentKey: z.string().min(1).max(200),
  orderId: z.string(),
  status: z.string(),
  currency: z.string(),
  totalAmount: z.number(),
  balanceAmount: z.number(),
  checkout: z.object({ url: z.url({ protocol: /^https?$/ }) }).nullish(),
  failure: z.object({ code: z.string() }).nullish(),
  cancels: z
    .array(z.object({ transactionKey: z.string(), cancelReason: z.string(), cancelAmount: z.number() }))
    .nullish(),
})

/** A payment in the provider's records. */
export type TossPayment = z.infer<typeof payment>

export type FoundPayment =
  | { readonly kind: 'found'; readonly payment: TossPayment }
  | { readonly kind: 'not-found' }
  | Unavailable

const NOT_FOUND = new Set(['NOT_FOUND_PAYMENT', 'NOT_FOUND'])

/** Returns the provider's name of an attempt: of letters, digits and `-_=.` only, 64 at most. */
export function tossOrderId(key: string): string {
  return key.replaceAll(':', '.')
}

/** Returns the order of an attempt that this adapter named; undefined for the payments of other systems. */
export function orderOfToss(orderId: string): string | undefined {
  const [order = ''] = orderId.split('.', 1)
  return z.uuid().safeParse(order).success ? order : undefined
}

/** Returns a response without a usable payment as an outcome. */
export function unusable(response: TossResponse, unknown: boolean): Unavailable {
  if (response.kind === 'unavailable') return response
  const detail = response.kind === 'failed' ? response.detail : 'unknown payment in the response'
  return { kind: 'unavailable', unknown, detail }
}

/** Reads the response to a look-up. */
export function foundPayment(response: TossResponse): FoundPayment {
  if (response.kind === 'failed' && NOT_FOUND.has(response.code)) return { kind: 'not-found' }
  const read = response.kind === 'ok' ? payment.safeParse(response.body) : undefined
  return read?.success ? { kind: 'found', payment: read.data } : { ...unusable(response, true), unknown: true }
}

/**
 * Judges a payment by its status, which alone decides: no error code and no webhook does. Aborted and expired payments
 * can never be approved. An authenticated one waits for the buyer's return, and for the shop's approval.
 */
export function outcomeOfPayment(found: TossPayment, attempt: Attempt): LookUpOutcome {
  const { paymentKey, status, failure, checkout } = found
  const misfit = misfitOf(found, attempt)
  if (misfit !== undefined) return { kind: 'unavailable', unknown: true, detail: misfit }
  switch (status) {
    case 'READY':
    case 'IN_PROGRESS':
      if (checkout == null) return { kind: 'unavailable', unknown: true, detail: 'a payment without its page' }
      return { kind: 'needs-buyer', redirectUrl: checkout.url, reference: paymentKey }
    case 'DONE':
    case 'CANCELED':
    case 'PARTIAL_CANCELED':
      return { kind: 'approved', chargeId: paymentKey }
    case 'ABORTED':
      return { kind: 'declined', reason: failure?.code ?? 'ABORTED' }
    case 'EXPIRED':
      return { kind: 'declined', reason: 'EXPIRED' }
    default:
      return { kind: 'unavailable', unknown: true, detail: `payment in the unknown state ${status}`.slice(0, 200) }
  }
}

/** Tells how a payment differs from the record of its order, which must not happen; undefined where it does not. */
function misfitOf({ orderId, totalAmount, currency }: TossPayment, attempt: Attempt): string | undefined {
  if (orderId !== tossOrderId(attempt.key)) return 'the payment is of another order'
  if (totalAmount !== attempt.amountMinor || currency !== attempt.currency) return 'the payment has another amount'
  return undefined
}
