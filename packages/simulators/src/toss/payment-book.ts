import { randomUUID } from 'node:crypto'
import type { FailureCode } from './failures.ts'
import { balanceOf, type CancelRequest, type ConfirmRequest, type CreateRequest, type TossPayment } from './payment.ts'

/** A buyer has this long to authenticate, and the shop then this long to approve. */
const READY_MS_MAX = 30 * 60_000
const IN_PROGRESS_MS_MAX = 10 * 60_000
const CARD_WON_MIN = 100

export type BookResult = { readonly payment: TossPayment } | { readonly failure: FailureCode }

/** One approval or cancellation of a payment. */
export interface Transaction {
  readonly transactionKey: string
  readonly payment: TossPayment
  readonly status: 'DONE' | 'CANCELED' | 'PARTIAL_CANCELED'
  readonly amount: number
  readonly atMs: number
}

export type PaymentBook = ReturnType<typeof createPaymentBook>

const isApproved = ({ approvedAtMs }: TossPayment): boolean => approvedAtMs !== null

/**
 * The provider's book of payments: READY until the buyer authenticates, IN_PROGRESS until the shop approves, then DONE
 * until it is cancelled; ABORTED and EXPIRED payments took no money. `changed` receives every new state before it
 * counts.
 */
export function createPaymentBook(options: {
  payments: readonly TossPayment[]
  changed(payment: TossPayment): void
  nowMs(): number
  paymentsMax: number
}) {
  const { nowMs } = options
  const byKey = new Map<string, TossPayment>()
  const keysOfOrder = new Map<string, string[]>()

  const keep = (payment: TossPayment) => {
    const { paymentKey, orderId } = payment
    if (!byKey.has(paymentKey)) keysOfOrder.set(orderId, [...(keysOfOrder.get(orderId) ?? []), paymentKey])
    byKey.set(paymentKey, payment)
  }
  for (const payment of options.payments) keep(payment)

  const write = (payment: TossPayment): BookResult => {
    options.changed(payment)
    keep(payment)
    return { payment }
  }

  /** Returns the payment as of now: one that was left too long has expired. */
  const find = (paymentKey: string): TossPayment | undefined => {
    const payment = byKey.get(paymentKey)
    if (payment === undefined || !hasRunOut(payment, nowMs())) return payment
    const expired = { ...payment, status: 'EXPIRED' as const }
    write(expired)
    return expired
  }

  const ofOrder = (orderId: string): TossPayment[] =>
    (keysOfOrder.get(orderId) ?? []).flatMap((paymentKey) => find(paymentKey) ?? [])

  return {
    find,

    /** Finds the payment of an order: the approved one, else the newest. */
    findByOrder(orderId: string): TossPayment | undefined {
      const payments = ofOrder(orderId)
      return payments.find(isApproved) ?? payments.at(-1)
    },

    create({ method: _, flowMode: __, ...request }: CreateRequest): BookResult {
      if (request.currency !== 'KRW') return { failure: 'NOT_SUPPORTED_CURRENCY' }
      if (request.amount < CARD_WON_MIN) return { failure: 'BELOW_MINIMUM_AMOUNT' }
      if (ofOrder(request.orderId).some(isApproved)) return { failure: 'DUPLICATED_ORDER_ID' }
      if (byKey.size >= options.paymentsMax) return { failure: 'COMMON_ERROR' }
      return write({
        ...request,
        paymentKey: `tsim${randomUUID().replaceAll('-', '')}`,
        status: 'READY',
        card: null,
        requestedAtMs: nowMs(),
        authenticatedAtMs: null,
        approvedAtMs: null,
        approvalKey: null,
        failure: null,
        cancels: [],
      })
    },

    /** Records that the buyer authenticated with a card. */
    authenticate(paymentKey: string, card: NonNullable<TossPayment['card']>): BookResult {
      const payment = find(paymentKey)
      if (payment === undefined) return { failure: 'NOT_FOUND_PAYMENT' }
      if (payment.status !== 'READY') return { failure: 'NOT_FOUND_PAYMENT_SESSION' }
      return write({ ...payment, status: 'IN_PROGRESS', card, authenticatedAtMs: nowMs() })
    },

    /** Records that the card company refused the buyer's authentication. */
    refuse(paymentKey: string): BookResult {
      const payment = find(paymentKey)
      if (payment?.status !== 'READY') return { failure: 'NOT_FOUND_PAYMENT_SESSION' }
      return write({ ...payment, status: 'ABORTED', failure: 'REJECT_CARD_COMPANY' })
    },

    /** Takes the money of an authenticated payment, once. */
    confirm({ paymentKey, orderId, amount }: ConfirmRequest, declineAll: boolean): BookResult {
      const payment = find(paymentKey)
      if (payment === undefined) return { failure: 'NOT_FOUND_PAYMENT' }
      if (payment.orderId !== orderId || payment.amount !== amount) return { failure: 'FORBIDDEN_REQUEST' }
      if (isApproved(payment)) return { failure: 'ALREADY_PROCESSED_PAYMENT' }
      if (payment.status !== 'IN_PROGRESS') return { failure: 'NOT_FOUND_PAYMENT_SESSION' }
      if (ofOrder(orderId).some(isApproved)) return { failure: 'DUPLICATED_ORDER_ID' }
      if (declineAll || payment.card === 'without-money') {
        write({ ...payment, status: 'ABORTED', failure: 'REJECT_CARD_PAYMENT' })
        return { failure: 'REJECT_CARD_PAYMENT' }
      }
      return write({ ...payment, status: 'DONE', approvedAtMs: nowMs(), approvalKey: transactionKey() })
    },

    /** Gives money back: the whole balance, or a part of it. */
    cancel(paymentKey: string, { cancelReason, cancelAmount, refundableAmount }: CancelRequest): BookResult {
      const payment = find(paymentKey)
      if (payment === undefined) return { failure: 'NOT_FOUND_PAYMENT' }
      if (!isApproved(payment)) return { failure: 'NOT_CANCELABLE_PAYMENT' }
      const balance = balanceOf(payment)
      if (balance === 0) return { failure: 'ALREADY_CANCELED_PAYMENT' }
      if (refundableAmount !== undefined && refundableAmount !== balance)
        return { failure: 'NOT_MATCHES_REFUNDABLE_AMOUNT' }
      const amount = cancelAmount ?? balance
      if (amount > balance) return { failure: 'NOT_CANCELABLE_AMOUNT' }
      const entry = { transactionKey: transactionKey(), cancelReason, cancelAmount: amount, canceledAtMs: nowMs() }
      const rest = balance - amount
      return write({
        ...payment,
        status: rest === 0 ? 'CANCELED' : 'PARTIAL_CANCELED',
        cancels: [...payment.cancels, { ...entry, refundableAmount: rest }],
      })
    },

    list: (): readonly TossPayment[] => [...byKey.values()],

    /** Lists approvals and cancellations between two times, both included, the oldest first. */
    transactions: (startMs: number, endMs: number): readonly Transaction[] =>
      [...byKey.values()]
        .flatMap(transactionsOf)
        .filter(({ atMs }) => atMs >= startMs && atMs <= endMs)
        .sort((one, other) => one.atMs - other.atMs || (one.transactionKey < other.transactionKey ? -1 : 1)),
  }
}

function transactionKey(): string {
  return randomUUID().replaceAll('-', '').toUpperCase()
}

function hasRunOut({ status, requestedAtMs, authenticatedAtMs }: TossPayment, nowMs: number): boolean {
  if (status === 'READY') return nowMs >= requestedAtMs + READY_MS_MAX
  return status === 'IN_PROGRESS' && nowMs >= (authenticatedAtMs ?? requestedAtMs) + IN_PROGRESS_MS_MAX
}

function transactionsOf(payment: TossPayment): readonly Transaction[] {
  const { approvedAtMs, approvalKey, amount, cancels } = payment
  if (approvedAtMs === null || approvalKey === null) return []
  const approval = { transactionKey: approvalKey, payment, status: 'DONE' as const, amount, atMs: approvedAtMs }
  const cancellations = cancels.map((cancel) => ({
    transactionKey: cancel.transactionKey,
    payment,
    status: cancel.refundableAmount === 0 ? ('CANCELED' as const) : ('PARTIAL_CANCELED' as const),
    amount: cancel.cancelAmount,
    atMs: cancel.canceledAtMs,
  }))
  return [approval, ...cancellations]
}
