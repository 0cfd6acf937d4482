import type { CaptureStatus } from '../capturing/capture-store.ts'
import type { ChargeStatus } from '../charging/charge.ts'
import type { PaymentEvent } from '../payment-events.ts'

/**
 * The two tables of refunds, each with the column of its key. An order that is over has one refund, of its whole charge;
 * a paid order may have several, by the order core's id of each.
 */
export const TABLES = {
  whole: { table: 'payments.refunds', id: 'order_id', amount: 'charge.amount_minor' },
  part: { table: 'payments.part_refunds', id: 'id', amount: 'refund.amount_minor' },
} as const
export type Kind = keyof typeof TABLES
export const KINDS = Object.keys(TABLES) as readonly Kind[]

/** Names a refund. `part`: one of a paid order. */
export interface RefundKey {
  readonly kind: Kind
  readonly id: string
}

/** A requested refund, with the charge it refunds. */
export interface Refund extends RefundKey {
  readonly orderId: string
  readonly key: string
  readonly tries: number
  readonly sale: string
  readonly amountMinor: number
  /** The whole charge. */
  readonly chargedMinor: number
  /** All refunds of the paid order together, whatever came of them. 0: it has none. */
  readonly requestedMinor: number
  readonly currency: string
  readonly chargeStatus: ChargeStatus
  readonly chargeId: string | null
  /** Null: the provider took the money at once. */
  readonly captureStatus: CaptureStatus | null
  readonly requestedAt: Date
  /** The provider's id of the refund, while it is pending there. */
  readonly reference: string | null
  /** The end of its lease. A changed one means that something has happened since. */
  readonly dueAt: Date
  readonly traceparent: string | null
}

export type RefundSettlement =
  | { readonly kind: 'refunded'; readonly refundId: string }
  | { readonly kind: 'refused'; readonly reason: string }

export type Announced = Pick<Refund, 'orderId' | 'sale' | 'amountMinor' | 'currency' | 'chargeId'> & EventRow

export interface EventRow {
  readonly version: number
  readonly traceparent: string | null
}

/** Builds the event of an outcome. */
export function refundEvent(
  refund: Omit<Announced, keyof EventRow> & RefundKey,
  settlement: { readonly kind: 'refunded' } | Exclude<RefundSettlement, { kind: 'refunded' }>,
  { version, traceparent }: EventRow,
): PaymentEvent {
  const { orderId: order, sale, amountMinor, currency } = refund
  const row = { version, traceparent }
  const data = { order, sale, amountMinor, currency, ...(refund.kind === 'part' ? { refund: refund.id } : {}) }
  if (settlement.kind === 'refunded')
    return { type: 'payment.refunded.v1', ...row, data: { ...data, charge: refund.chargeId ?? '' } }
  return { type: 'payment.refund-refused.v1', ...row, data: { ...data, reason: settlement.reason } }
}
