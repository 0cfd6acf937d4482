import type { OrderStatus } from '@floodgate/contracts'
import { type OutboxRow, outboxRow } from '@floodgate/outbox'
import type { LockedOrder } from '../order/lock-orders.ts'
import { type AnnouncedRefund, refundEvent } from '../order/order-event.ts'
import type { OrderMove } from '../saga/plan-transitions.ts'
import type { Refund, RefundStatus } from './refund-rows.ts'

const TYPES = {
  requested: 'order.refund-requested.v1',
  refunded: 'order.refunded.v1',
  parked: 'order.refund-parked.v1',
} as const satisfies Record<RefundStatus, string>

/** An order with the refunds that a transaction changes, one after the other. */
export interface RefundedOrder {
  readonly order: LockedOrder
  readonly refunds: readonly Refund[]
}

/**
 * Returns the state of an order after its refunds: `refunded` once they cover all its units and are all made. Until
 * then a paid order stays `confirmed`, so that processes that know one refund per order never repeat it.
 */
function statusAfter({ order, refunds }: RefundedOrder): 'confirmed' | 'refunded' {
  return order.refundScope === 'whole' && refunds.every(({ status }) => status === 'refunded')
    ? 'refunded'
    : 'confirmed'
}

/** Returns the state of an order as its buyer sees it: on its way to `refunded` once its refunds cover all its units. */
export function shownStatus(
  order: Pick<LockedOrder, 'refundScope'> & { readonly status: OrderStatus },
): Exclude<OrderStatus, 'refund_parked'> {
  if (order.status === 'refund_parked') return 'refund_pending'
  return order.status === 'confirmed' && order.refundScope === 'whole' ? 'refund_pending' : order.status
}

/** Moves an order by one version, with the event of one of its refunds. */
export function announceRefund(
  { order, refunds }: RefundedOrder,
  { refund, traceparent }: { readonly refund: Refund; readonly traceparent?: string | undefined },
): { readonly order: LockedOrder; readonly event: OutboxRow } {
  const moved = { ...order, status: statusAfter({ order, refunds }), version: order.version + 1 }
  const announced: AnnouncedRefund = {
    id: refund.id,
    amountMinor: refund.amountMinor,
    items: refund.lines.flatMap(({ sku, quantity }) => {
      const line = order.lines.find((each) => each.sku === sku)
      return line === undefined ? [] : [{ ...line, quantity }]
    }),
    restock: refund.restock,
    orderStatus: shownStatus(moved),
    refundsMinor: moved.refundsMinor,
  }
  const trace = traceparent ?? order.traceparent
  const event = refundEvent(moved, { type: TYPES[refund.status], refund: announced, traceparent: trace })
  return { order: moved, event: outboxRow(event) }
}

export function moveOf(before: LockedOrder, after: LockedOrder): OrderMove {
  const { id: order, status: to, cancelReason } = after
  return { order, from: before.status, to, cancelReason, version: before.version, versionAfter: after.version }
}
