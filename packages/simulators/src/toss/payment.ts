import { z } from 'zod'
import { FAILURE_CODES } from './failures.ts'

/** The request that creates a payment. The amount is in whole won: the currency has no smaller unit. */
export const createRequest = z.object({
  method: z.literal('CARD'),
  amount: z.int().min(1),
  currency: z.string().default('KRW'),
  orderId: z.string().regex(/^[A-Za-z0-9\-_=.]{6,64}$/),
  orderName: z.string().min(1).max(100),
  successUrl: z.url(),
  failUrl: z.url(),
  flowMode: z.literal('DEFAULT').optional(),
})
export type CreateRequest = z.infer<typeof createRequest>

export const confirmRequest = z.object({
  paymentKey: z.string().min(1).max(200),
  orderId: z.string(),
  amount: z.int().min(1),
})
export type ConfirmRequest = z.infer<typeof confirmRequest>

export const cancelRequest = z.object({
  cancelReason: z.string().min(1).max(200),
  /** The whole balance without it. */
  cancelAmount: z.int().min(1).optional(),
  /** The balance that the shop expects; another one refuses the cancellation. */
  refundableAmount: z.int().optional(),
})
export type CancelRequest = z.infer<typeof cancelRequest>

const cancelEntry = z.strictObject({
  transactionKey: z.string(),
  cancelReason: z.string(),
  cancelAmount: z.int(),
  refundableAmount: z.int(),
  canceledAtMs: z.number(),
})

/** What the buyer's card will do when the shop asks for the money. */
const cardKind = z.enum(['good', 'without-money'])

/** A payment as the face keeps it; one line of its file. */
export const tossPayment = z.strictObject({
  paymentKey: z.string(),
  ...createRequest.omit({ method: true, flowMode: true }).shape,
  status: z.enum(['READY', 'IN_PROGRESS', 'DONE', 'CANCELED', 'PARTIAL_CANCELED', 'ABORTED', 'EXPIRED']),
  card: cardKind.nullable(),
  requestedAtMs: z.number(),
  authenticatedAtMs: z.number().nullable(),
  approvedAtMs: z.number().nullable(),
  approvalKey: z.string().nullable(),
  failure: z.enum(FAILURE_CODES).nullable(),
  cancels: z.array(cancelEntry),
})
export type TossPayment = z.infer<typeof tossPayment>

/** Returns the part of the amount that can still be cancelled, in won. */
export function balanceOf({ amount, cancels }: Pick<TossPayment, 'amount' | 'cancels'>): number {
  return cancels.reduce((rest, { cancelAmount }) => rest - cancelAmount, amount)
}
