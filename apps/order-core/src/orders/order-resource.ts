import type {
  BuyerRefund,
  Chargeability,
  OperatorOrderResource,
  OrderRefund,
  OrderResource,
} from '@floodgate/contracts'
import { type BuyerOrder, discountShownOf } from '../order/order.ts'
import { shownStatus } from '../refunds/announce-refund.ts'
import type { Refund } from '../refunds/refund-rows.ts'
import type { CurrentOrder, ShownOrder, ShownRefund } from './read-orders.ts'

const common = (order: BuyerOrder) => ({
  id: order.id,
  sale: order.sale,
  items: [...order.lines],
  ...discountShownOf(order),
  totalMinor: order.totalMinor,
  currency: order.currency,
  createdAt: order.createdAt.toISOString(),
  holdExpiresAt: order.holdExpiresAt.toISOString(),
  // A revived order keeps its reason in the ledger, for its hold; it is cancelled no more.
  ...(order.cancelReason === null || order.revivedAt !== null ? {} : { cancelReason: order.cancelReason }),
  ...(order.revivedAt === null ? {} : { revived: true as const }),
  ...(order.refundScope === null ? {} : { refundsMinor: order.refundsMinor }),
  version: order.version,
})

/** Only a pending order shows where its buyer has to agree to the payment. */
function paymentOf({ status, paymentUrl }: BuyerOrder): Pick<OrderResource, 'payment'> {
  if (status !== 'pending' || paymentUrl === null) return {}
  return { payment: { state: 'awaiting-buyer', redirectUrl: paymentUrl } }
}

export function orderResourceOf(order: ShownOrder): OrderResource {
  return {
    ...common(order),
    status: shownStatus(order),
    ...paymentOf(order),
    ...(order.paymentDelayed ? { paymentDelayed: true } : {}),
    ...(order.cancellableUntil === null ? {} : { cancellableUntil: order.cancellableUntil.toISOString() }),
    ...(order.refunds === null ? {} : { refunds: order.refunds.map(shownRefundOf) }),
  }
}

const shownRefundOf = ({ id, status, amountMinor, lines }: ShownRefund): BuyerRefund => ({
  id,
  status: status === 'refunded' ? status : 'requested',
  amountMinor,
  items: [...lines],
})

export function operatorOrderOf(order: CurrentOrder, refunds: readonly Refund[] = []): OperatorOrderResource {
  return {
    ...common(order),
    status: order.status,
    buyer: order.buyer,
    slot: order.slot,
    paymentMethod: order.paymentMethod,
    chargeBy: order.chargeBy.toISOString(),
    endedAt: order.endedAt?.toISOString() ?? null,
    ...(refunds.length === 0 ? {} : { refunds: refunds.map(refundOf) }),
  }
}

const refundOf = (refund: Refund): OrderRefund => ({
  id: refund.id,
  status: refund.status,
  amountMinor: refund.amountMinor,
  items: [...refund.lines],
  restock: refund.restock,
  requestedBy: refund.requestedBy,
  reason: refund.reason,
  createdAt: refund.createdAt.toISOString(),
  updatedAt: refund.updatedAt.toISOString(),
})

/**
 * Tells whether the order may still be charged. A pending order past its hold will be cancelled at any moment, so it
 * may not; nor may a free one.
 */
export function chargeabilityOf(order: CurrentOrder): Chargeability {
  return {
    order: order.id,
    chargeable: order.status === 'pending' && !order.holdIsOver && order.totalMinor > 0,
    status: shownStatus(order),
  }
}
