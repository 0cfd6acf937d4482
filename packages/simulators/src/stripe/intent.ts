import { z } from 'zod'

const intentStatus = z.enum([
  'requires_payment_method',
  'requires_confirmation',
  'requires_action',
  'requires_capture',
  'processing',
  'succeeded',
  'canceled',
])

/** A payment, as the face keeps it. */
export const intent = z.strictObject({
  id: z.string(),
  amount: z.int(),
  currency: z.string(),
  status: intentStatus,
  captureMethod: z.enum(['automatic', 'manual']),
  paymentMethod: z.string().nullable(),
  metadata: z.record(z.string(), z.string()),
  returnUrl: z.string().nullable(),
  created: z.int(),
  /** When it was charged or authorized; null: never. */
  charged: z.int().nullable(),
  cancellationReason: z.enum(['automatic']).nullable().default(null),
  error: z.strictObject({ code: z.string(), declineCode: z.string().optional(), message: z.string() }).nullable(),
})
export type Intent = z.infer<typeof intent>

export const refund = z.strictObject({
  id: z.string(),
  intent: z.string(),
  amount: z.int(),
  metadata: z.record(z.string(), z.string()),
  created: z.int(),
  status: z.enum(['pending', 'succeeded', 'failed']).default('succeeded'),
})
export type Refund = z.infer<typeof refund>

const whole = z
  .string()
  .regex(/^\d{1,12}$/)
  .transform(Number)
const metadata = z.record(z.string(), z.string()).default({})

export const createIntent = z.object({
  amount: whole,
  currency: z.string().regex(/^[a-z]{3}$/),
  confirm: z.enum(['true', 'false']).default('false'),
  capture_method: z.enum(['automatic', 'manual']).default('automatic'),
  payment_method: z.string().optional(),
  return_url: z.url().optional(),
  metadata,
})
export type CreateIntent = z.infer<typeof createIntent>

export const createRefund = z.object({ payment_intent: z.string(), amount: whole.optional(), metadata })
export type CreateRefund = z.infer<typeof createRefund>

/** A response of the face. */
export interface Reply {
  readonly status: number
  readonly body: object
}

interface ErrorDetails {
  readonly code?: string
  readonly decline_code?: string
  readonly param?: string
  readonly payment_intent?: object
}

/** Returns an error in Stripe's form (docs.stripe.com/api/errors). */
export function errorReply(status: number, type: string, message: string, details: ErrorDetails = {}): Reply {
  return { status, body: { error: { type, message, ...details } } }
}

export function intentResource(kept: Intent, authenticateUrl: string): object {
  const { id, status, error } = kept
  return {
    id,
    object: 'payment_intent',
    amount: kept.amount,
    amount_capturable: status === 'requires_capture' ? kept.amount : 0,
    amount_received: status === 'succeeded' ? kept.amount : 0,
    cancellation_reason: kept.cancellationReason,
    capture_method: kept.captureMethod,
    client_secret: `${id}_secret_of_the_buyer`,
    created: kept.created,
    currency: kept.currency,
    last_payment_error:
      error === null
        ? null
        : { type: 'card_error', code: error.code, decline_code: error.declineCode, message: error.message },
    latest_charge: kept.charged === null ? null : chargeIdOf(kept),
    livemode: false,
    metadata: kept.metadata,
    next_action:
      status === 'requires_action'
        ? { type: 'redirect_to_url', redirect_to_url: { url: authenticateUrl, return_url: kept.returnUrl } }
        : null,
    payment_method: kept.paymentMethod,
    status,
  }
}

export function chargeResource(kept: Intent, refunded: number): object {
  const isCaptured = kept.status === 'succeeded'
  const released = kept.status === 'canceled' ? kept.amount : refunded
  return {
    id: chargeIdOf(kept),
    object: 'charge',
    amount: kept.amount,
    amount_captured: isCaptured ? kept.amount : 0,
    amount_refunded: released,
    captured: isCaptured,
    created: kept.charged,
    currency: kept.currency,
    metadata: kept.metadata,
    paid: true,
    payment_intent: kept.id,
    refunded: released === kept.amount,
    status: 'succeeded',
  }
}

const chargeIdOf = ({ id }: Intent): string => id.replace(/^pi_/, 'ch_')

export function refundResource(kept: Refund): object {
  return {
    id: kept.id,
    object: 'refund',
    amount: kept.amount,
    created: kept.created,
    metadata: kept.metadata,
    payment_intent: kept.intent,
    status: kept.status,
    ...(kept.status === 'pending' ? { pending_reason: 'insufficient_funds' } : {}),
    ...(kept.status === 'failed' ? { failure_reason: 'expired_or_canceled_card' } : {}),
  }
}
