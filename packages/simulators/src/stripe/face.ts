import type { SimulatedCharge, SimulatorControl } from '@floodgate/contracts'
import { AppError } from '@floodgate/runtime'
import { z } from 'zod'
import type { createCalls } from '../calls.ts'
import { createClock } from '../clock.ts'
import {
  chargeResource,
  errorReply,
  type Intent,
  intentResource,
  type Refund,
  type Reply,
  refundResource,
} from './intent.ts'
import { type BookResult, createIntentBook, type StripeEntry } from './intent-book.ts'
import { createStoredReplies } from './stored-replies.ts'
import { createStripeWebhooks } from './webhooks.ts'

const SECOND_MS = 1_000
const ADVANCE_SECONDS_MAX = 366 * 86_400
const EVENT_TYPES: { readonly [Status in Intent['status']]?: string } = {
  succeeded: 'payment_intent.succeeded',
  requires_action: 'payment_intent.requires_action',
  requires_payment_method: 'payment_intent.payment_failed',
  requires_capture: 'payment_intent.amount_capturable_updated',
  canceled: 'payment_intent.canceled',
  processing: 'payment_intent.processing',
}
const REFUND_EVENT_TYPES: { readonly [Status in Refund['status']]: string } = {
  pending: 'refund.created',
  succeeded: 'refund.updated',
  failed: 'refund.failed',
}

/** Changes how the face behaves; what is absent stays as it is. Stripe has no such thing. */
export const stripeControl = z.strictObject({
  /** Where webhooks go; null: nowhere. */
  webhookUrl: z.url().nullish(),
  webhookSecret: z.string().optional(),
  /** How often each webhook is sent, all at once. */
  webhookCopies: z.int().min(1).max(100).optional(),
  writesPerSecondMax: z.int().min(1).max(100_000).optional(),
  /** Moves the face's clock forward. */
  advanceSeconds: z.number().min(0).max(ADVANCE_SECONDS_MAX).optional(),
  /** The state of new refunds, and of those that are pending. */
  refundsAre: z.enum(['pending', 'succeeded', 'failed']).optional(),
  /** The next writes respond with 500, which is stored under their keys; with `acts`, after they took effect. */
  fails: z.strictObject({ acts: z.boolean().default(false), times: z.int().min(0).max(1_000) }).optional(),
})
type StripeControl = z.infer<typeof stripeControl>

export type StripeFace = ReturnType<typeof createStripeFace>

/** The state behind the Stripe-shaped interface: payments, stored responses, the rate limit and webhooks. */
export function createStripeFace(options: {
  readonly entries: readonly StripeEntry[]
  append(entry: StripeEntry): void
  readonly keysMax: number
  authenticateUrlOf(id: string): string
  readonly calls: ReturnType<typeof createCalls>
  readonly stopped: AbortSignal
}) {
  const { nowMs, advance } = createClock()
  const webhooks = createStripeWebhooks({ nowMs, stopped: options.stopped })
  const resourceOf = (kept: Intent) => intentResource(kept, options.authenticateUrlOf(kept.id))
  const book = createIntentBook({
    entries: options.entries,
    nowMs,
    changed: (entry) => {
      options.append(entry)
      const type = entry.kind === 'intent' ? EVENT_TYPES[entry.intent.status] : REFUND_EVENT_TYPES[entry.refund.status]
      const object = entry.kind === 'intent' ? resourceOf(entry.intent) : refundResource(entry.refund)
      if (type !== undefined) webhooks.announce(type, object)
    },
  })
  const limit = { writesPerSecondMax: 100 }
  let fails: NonNullable<StripeControl['fails']> = { acts: false, times: 0 }
  let second = { startMs: 0, writes: 0 }

  const failsNow = (): boolean => {
    if (fails.times === 0) return false
    fails = { ...fails, times: fails.times - 1 }
    return true
  }

  return {
    book,
    webhooks,
    resourceOf,
    nowMs,
    storedReply: createStoredReplies({ ...options, nowMs }),

    /** Counts a write; false when this second has had its share. */
    mayWrite(): boolean {
      if (nowMs() >= second.startMs + SECOND_MS) second = { startMs: nowMs(), writes: 0 }
      second.writes += 1
      return second.writes <= limit.writesPerSecondMax
    },

    /** Runs a write as the controls say. */
    async act<Value>(
      key: string,
      clientGone: () => AbortSignal,
      { change, show }: { change(mode: SimulatorControl['mode']): BookResult<Value>; show(value: Value): object },
    ): Promise<Reply> {
      try {
        return await options.calls.act(key, clientGone, (mode) => {
          if (!failsNow()) return replyOf(change(mode), show, resourceOf)
          if (fails.acts) change(mode)
          return BROKEN
        })
      } catch (error) {
        if (error instanceof AppError) return BROKEN
        throw error
      }
    },

    async control({ webhookUrl, webhookSecret, webhookCopies, writesPerSecondMax, ...next }: StripeControl) {
      if (webhookUrl !== undefined) webhooks.target.url = webhookUrl ?? undefined
      webhooks.signing.secret = webhookSecret ?? webhooks.signing.secret
      webhooks.target.copies = webhookCopies ?? webhooks.target.copies
      limit.writesPerSecondMax = writesPerSecondMax ?? limit.writesPerSecondMax
      fails = next.fails ?? fails
      advance(next.advanceSeconds ?? 0)
      book.letTimePass()
      if (next.refundsAre !== undefined) book.refundsAre(next.refundsAre)
      await webhooks.deliverDue()
    },

    chargeOf: (kept: Intent) => chargeResource(kept, book.refundedOf(kept.id)),

    /** Lists approved and declined payments in the form that all faces share. */
    charges: (): readonly SimulatedCharge[] =>
      book.intents().flatMap((kept) => {
        const { id, amount: amountMinor, currency, charged, metadata, error } = kept
        if (charged === null && error === null) return []
        return {
          ...{ id, orderId: metadata.floodgate_order ?? '', idempotencyKey: metadata.floodgate_key ?? '' },
          ...{ amountMinor, currency: currency.toUpperCase() },
          status: charged === null ? 'declined' : 'approved',
          refundedMinor: kept.status === 'canceled' ? amountMinor : book.refundedOf(id),
          at: new Date((charged ?? kept.created) * 1_000).toISOString(),
        }
      }),
  }
}

export const BROKEN: Reply = errorReply(500, 'api_error', 'An unknown error occurred.')

function replyOf<Value>(
  result: BookResult<Value>,
  show: (value: Value) => object,
  resourceOf: (kept: Intent) => object,
): Reply {
  switch (result.kind) {
    case 'done':
      return { status: 200, body: show(result.value) }
    case 'declined': {
      const { error } = result.intent
      return errorReply(402, 'card_error', error?.message ?? '', {
        code: error?.code ?? 'card_declined',
        ...(error?.declineCode === undefined ? {} : { decline_code: error.declineCode }),
        payment_intent: resourceOf(result.intent),
      })
    }
    case 'no-method':
      return errorReply(400, 'invalid_request_error', 'No such PaymentMethod', {
        ...{ code: 'resource_missing', param: 'payment_method' },
      })
    case 'wrong-state':
      return errorReply(400, 'invalid_request_error', `This PaymentIntent has a status of ${result.intent.status}.`, {
        ...{ code: 'payment_intent_unexpected_state', payment_intent: resourceOf(result.intent) },
      })
    case 'unknown':
      return errorReply(404, 'invalid_request_error', 'No such payment_intent', { code: 'resource_missing' })
    case 'refunded':
      return errorReply(400, 'invalid_request_error', 'The charge has already been refunded.', {
        code: 'charge_already_refunded',
      })
    case 'too-much':
      return errorReply(400, 'invalid_request_error', 'The refund amount is greater than the unrefunded amount.')
    case 'not-charged':
      return errorReply(400, 'invalid_request_error', 'This PaymentIntent does not have a successful charge to refund.')
  }
}
