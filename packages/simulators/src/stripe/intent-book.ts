import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { type CreateIntent, type CreateRefund, type Intent, intent, type Refund, refund } from './intent.ts'

/** What the journal keeps: each payment and refund as it is after a change, and the responses stored under keys. */
export const stripeEntry = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('intent'), intent }),
  z.strictObject({ kind: z.literal('refund'), refund }),
  z.strictObject({
    kind: z.literal('reply'),
    key: z.string(),
    request: z.string(),
    atMs: z.number(),
    status: z.int(),
    body: z.record(z.string(), z.unknown()),
  }),
])
export type StripeEntry = z.infer<typeof stripeEntry>

type Failure =
  | { readonly kind: 'no-method' }
  | { readonly kind: 'declined'; readonly intent: Intent }
  | { readonly kind: 'wrong-state'; readonly intent: Intent }
  | { readonly kind: 'unknown' | 'too-much' | 'refunded' | 'not-charged' }
export type BookResult<Value> = { readonly kind: 'done'; readonly value: Value } | Failure

/** How long an authorization of a card lasts (docs.stripe.com/payments/place-a-hold-on-a-payment-method). */
const AUTHORIZED_SECONDS = 7 * 86_400

/** How long a payment with `takes-time` is processed. */
const PROCESSING_SECONDS = 60

/** Payment methods of Stripe's test mode, and those of the simulator's own protocol. */
const METHODS: ReadonlyMap<string, 'works' | 'asks' | 'no-money' | 'declined' | 'takes-time'> = new Map([
  ['pm_card_visa', 'works'],
  ['sim_ok', 'works'],
  ['pm_card_authenticationRequired', 'asks'],
  ['pm_card_threeDSecure2Required', 'asks'],
  ['sim_3ds', 'asks'],
  ['pm_card_chargeDeclinedInsufficientFunds', 'no-money'],
  ['pm_card_chargeDeclined', 'declined'],
  ['sim_declined', 'declined'],
  ['pm_usBankAccount_success', 'takes-time'],
])

/** The payments and refunds of the face. `changed` is called before a new state counts. */
export function createIntentBook(options: {
  readonly entries: readonly StripeEntry[]
  changed(entry: Extract<StripeEntry, { kind: 'intent' | 'refund' }>): void
  nowMs(): number
}) {
  const intents = new Map<string, Intent>()
  const refunds = new Map<string, Refund>()
  let newRefundsAre: Refund['status'] = 'succeeded'
  for (const entry of options.entries) {
    if (entry.kind === 'intent') intents.set(entry.intent.id, entry.intent)
    if (entry.kind === 'refund') refunds.set(entry.refund.id, entry.refund)
  }
  const nowSeconds = () => Math.floor(options.nowMs() / 1_000)
  /** Does what time does: ends authorizations that nobody captured, and payments that are being processed. */
  const letTimePass = (): void => {
    for (const each of intents.values()) {
      if (each.status === 'processing' && nowSeconds() - each.created >= PROCESSING_SECONDS) keep(charged(each))
      if (each.status === 'requires_capture' && nowSeconds() - (each.charged ?? 0) >= AUTHORIZED_SECONDS)
        keep({ ...each, status: 'canceled', cancellationReason: 'automatic' })
    }
  }
  const keep = (changed: Intent): Intent => {
    options.changed({ kind: 'intent', intent: changed })
    intents.set(changed.id, changed)
    return changed
  }
  const refundedOf = (id: string) =>
    [...refunds.values()]
      .filter((each) => each.intent === id && each.status !== 'failed')
      .reduce((sum, { amount }) => sum + amount, 0)
  const keepRefund = (changed: Refund): Refund => {
    options.changed({ kind: 'refund', refund: changed })
    refunds.set(changed.id, changed)
    return changed
  }

  /** Charges, or authorizes where the capture is manual. */
  const charged = (before: Intent): Intent => ({
    ...before,
    status: before.captureMethod === 'manual' ? 'requires_capture' : 'succeeded',
    charged: nowSeconds(),
    error: null,
  })
  const failed = (before: Intent, code: string, declineCode?: string): Intent => ({
    ...before,
    status: 'requires_payment_method',
    error: {
      code,
      ...(declineCode === undefined ? {} : { declineCode }),
      message: 'Your card was declined.',
    },
  })

  return {
    create(request: CreateIntent, declineAll: boolean): BookResult<Intent> {
      const method = METHODS.get(request.payment_method ?? '')
      if (request.confirm === 'true' && method === undefined) return { kind: 'no-method' }
      const fresh: Intent = {
        id: `pi_${randomUUID().replaceAll('-', '')}`,
        amount: request.amount,
        currency: request.currency,
        status: 'requires_confirmation',
        captureMethod: request.capture_method,
        paymentMethod: request.payment_method ?? null,
        metadata: request.metadata,
        returnUrl: request.return_url ?? null,
        created: nowSeconds(),
        charged: null,
        cancellationReason: null,
        error: null,
      }
      if (request.confirm === 'false') return { kind: 'done', value: keep(fresh) }
      if (method === 'asks' && !declineAll)
        return { kind: 'done', value: keep({ ...fresh, status: 'requires_action' }) }
      if (method === 'takes-time' && !declineAll)
        return { kind: 'done', value: keep({ ...fresh, status: 'processing' }) }
      if (method === 'works' && !declineAll) return { kind: 'done', value: keep(charged(fresh)) }
      const declineCode = method === 'no-money' ? 'insufficient_funds' : 'generic_decline'
      return { kind: 'declined', intent: keep(failed(fresh, 'card_declined', declineCode)) }
    },

    find: (id: string): Intent | undefined => intents.get(id),
    refundedOf,
    letTimePass,

    cancel(id: string): BookResult<Intent> {
      const before = intents.get(id)
      if (before === undefined) return { kind: 'unknown' }
      if (['succeeded', 'canceled', 'processing'].includes(before.status))
        return { kind: 'wrong-state', intent: before }
      return { kind: 'done', value: keep({ ...before, status: 'canceled' }) }
    },

    /** Takes the money of an authorization, whole. */
    capture(id: string): BookResult<Intent> {
      const before = intents.get(id)
      if (before === undefined) return { kind: 'unknown' }
      if (before.status !== 'requires_capture') return { kind: 'wrong-state', intent: before }
      return { kind: 'done', value: keep({ ...before, status: 'succeeded' }) }
    },

    /** Records the decision of the buyer at the bank; a payment that no longer waits for it is unchanged. */
    decide(id: string, agreed: boolean): Intent | undefined {
      const before = intents.get(id)
      if (before?.status !== 'requires_action') return before
      return keep(agreed ? charged(before) : failed(before, 'payment_intent_authentication_failure'))
    },

    refund({ payment_intent: id, amount: wanted, metadata }: CreateRefund): BookResult<Refund> {
      const paid = intents.get(id)
      if (paid === undefined) return { kind: 'unknown' }
      if (paid.status !== 'succeeded') return { kind: 'not-charged' }
      const left = paid.amount - refundedOf(id)
      if (left === 0) return { kind: 'refunded' }
      const amount = wanted ?? left
      if (amount > left) return { kind: 'too-much' }
      const made: Refund = {
        id: `re_${randomUUID().replaceAll('-', '')}`,
        intent: id,
        amount,
        metadata,
        created: nowSeconds(),
        status: newRefundsAre,
      }
      return { kind: 'done', value: keepRefund(made) }
    },

    /** The newest first, as Stripe lists. */
    intents: (): readonly Intent[] => [...intents.values()].reverse(),
    refunds: (id: string): readonly Refund[] => [...refunds.values()].filter((each) => each.intent === id).reverse(),
    findRefund: (id: string): Refund | undefined => refunds.get(id),

    /** Sets what becomes of new refunds; those that were pending take the state, too, where it is another. */
    refundsAre(status: Refund['status']): void {
      newRefundsAre = status
      for (const each of refunds.values())
        if (each.status === 'pending' && status !== 'pending') keepRefund({ ...each, status })
    },
  }
}
