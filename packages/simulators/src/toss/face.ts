import type { SimulatedCharge, SimulatorControl } from '@floodgate/contracts'
import { AppError } from '@floodgate/runtime'
import { z } from 'zod'
import type { createCalls } from '../calls.ts'
import { createClock } from '../clock.ts'
import { FAILURE_CODES, type FailureCode, failureReply, type Reply } from './failures.ts'
import { balanceOf, type TossPayment } from './payment.ts'
import { type BookResult, createPaymentBook } from './payment-book.ts'
import { paymentResource } from './resources.ts'
import { createStoredReplies } from './stored-replies.ts'
import { createWebhooks } from './webhooks.ts'

const SECOND_MS = 1_000
const ADVANCE_SECONDS_MAX = 366 * 86_400
/** The states whose entry the provider announces. */
const ANNOUNCED = new Set<TossPayment['status']>(['DONE', 'CANCELED', 'PARTIAL_CANCELED', 'ABORTED', 'EXPIRED'])

/** Changes how the face behaves; what is absent stays as it is. No provider has this. */
export const tossControl = z.strictObject({
  /** Where webhooks go; null: nowhere. */
  webhookUrl: z.url().nullish(),
  /** How often each webhook is sent, all at once. */
  webhookCopies: z.int().min(1).max(100).optional(),
  writesPerSecondMax: z.int().min(1).max(100_000).optional(),
  /** Moves the face's clock forward. */
  advanceSeconds: z.number().min(0).max(ADVANCE_SECONDS_MAX).optional(),
  /** The reply to the next writes; with `acts`, after they took effect. */
  fails: z
    .strictObject({ code: z.enum(FAILURE_CODES), acts: z.boolean().default(false), times: z.int().min(0).max(1_000) })
    .optional(),
})
type TossControl = z.infer<typeof tossControl>

export type TossFace = ReturnType<typeof createTossFace>

/** The state behind the Toss-shaped interface: payments, stored replies, the rate limit and webhooks. */
export function createTossFace(options: {
  payments: readonly TossPayment[]
  append(payment: TossPayment): void
  paymentsMax: number
  checkoutUrlOf(paymentKey: string): string
  calls: ReturnType<typeof createCalls>
  stopped: AbortSignal
}) {
  const clock = createClock()
  const webhooks = createWebhooks({ clock, stopped: options.stopped })
  const resourceOf = (payment: TossPayment) => paymentResource(payment, options.checkoutUrlOf(payment.paymentKey))
  const book = createPaymentBook({
    payments: options.payments,
    changed: (payment) => {
      options.append(payment)
      if (ANNOUNCED.has(payment.status)) webhooks.announce(resourceOf(payment))
    },
    nowMs: clock.nowMs,
    paymentsMax: options.paymentsMax,
  })
  const limit = { writesPerSecondMax: 100 }
  let fails: TossControl['fails']
  let second = { startMs: 0, writes: 0 }

  const replyOf = (result: BookResult): Reply =>
    'failure' in result ? failureReply(result.failure) : { status: 200, body: resourceOf(result.payment) }

  const failsNow = (): { code: FailureCode; acts: boolean } | undefined => {
    if (fails === undefined || fails.times === 0) return undefined
    fails = { ...fails, times: fails.times - 1 }
    return fails
  }

  return {
    book,
    webhooks,
    resourceOf,
    replyOf,
    nowMs: clock.nowMs,
    storedReply: createStoredReplies({ nowMs: clock.nowMs, keysMax: options.paymentsMax }),

    /** Counts a write; false when this second has had its share. */
    mayWrite(): boolean {
      const nowMs = clock.nowMs()
      if (nowMs >= second.startMs + SECOND_MS) second = { startMs: nowMs, writes: 0 }
      second.writes += 1
      return second.writes <= limit.writesPerSecondMax
    },

    /** Runs a call that moves money as the controls say. */
    async act(
      paymentKey: string,
      clientGone: () => AbortSignal,
      change: (mode: SimulatorControl['mode']) => BookResult,
    ): Promise<Reply> {
      try {
        return await options.calls.act(paymentKey, clientGone, (mode) => {
          const failure = failsNow()
          if (failure === undefined) return replyOf(change(mode))
          if (failure.acts) change(mode)
          return failureReply(failure.code)
        })
      } catch (error) {
        if (!(error instanceof AppError)) throw error
        const isLimit = error.code === 'too-many-requests'
        return failureReply(isLimit ? 'FORBIDDEN_CONSECUTIVE_REQUEST' : 'FAILED_INTERNAL_SYSTEM_PROCESSING')
      }
    },

    async control({ webhookUrl, webhookCopies, writesPerSecondMax, advanceSeconds, fails: next }: TossControl) {
      if (webhookUrl !== undefined) webhooks.target.url = webhookUrl ?? undefined
      webhooks.target.copies = webhookCopies ?? webhooks.target.copies
      limit.writesPerSecondMax = writesPerSecondMax ?? limit.writesPerSecondMax
      fails = next ?? fails
      clock.advance(advanceSeconds ?? 0)
      await webhooks.deliverDue()
    },

    /** Lists approved and declined payments in the form that all faces share. */
    charges: (): readonly SimulatedCharge[] =>
      book.list().flatMap((payment) => {
        const { paymentKey: id, orderId, amount: amountMinor, currency, status, requestedAtMs, approvedAtMs } = payment
        if (approvedAtMs === null && status !== 'ABORTED') return []
        return {
          ...{ id, orderId: orderOf(orderId), idempotencyKey: orderId, amountMinor, currency },
          status: approvedAtMs === null ? 'declined' : 'approved',
          refundedMinor: amountMinor - balanceOf(payment),
          at: new Date(approvedAtMs ?? requestedAtMs).toISOString(),
        }
      }),
  }
}

/** Returns the order of an attempt, which is named `order.attempt` from the second on. */
function orderOf(orderId: string): string {
  return orderId.split('.', 1)[0] ?? orderId
}
