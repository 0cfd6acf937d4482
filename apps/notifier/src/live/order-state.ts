import type { FloodgateEvent, OrderResource } from '@floodgate/contracts'

/** The newest known state of an order, and its owner. */
export interface OrderState {
  readonly orderId: string
  readonly sale: string
  readonly buyer: string
  readonly version: number
  /** The buyer's view, as the order core shows it, but for a voucher. */
  readonly body: OrderResource
}

/** The return of a buyer is not a change of the order. */
type OrderEvent = Exclude<Extract<FloodgateEvent, { type: `order.${string}` }>, { type: 'order.buyer-returned.v1' }>

const statusOf: Readonly<Record<OrderEvent['type'], OrderResource['status']>> = {
  'order.placed.v1': 'pending',
  'order.placed.v2': 'pending',
  'order.hold-stretched.v1': 'pending',
  'order.awaiting-buyer.v1': 'pending',
  'order.confirmed.v1': 'confirmed',
  'order.cancelled.v1': 'cancelled',
  'order.refund-requested.v1': 'refund_pending',
  'order.refunded.v1': 'refunded',
  // To the buyer the refund is still in progress.
  'order.refund-parked.v1': 'refund_pending',
}

const isOrderEvent = (event: FloodgateEvent): event is OrderEvent => event.type in statusOf

/** A cancelled order that is refunded stays cancelled: its reason is kept. */
const carriesReason = (status: OrderResource['status']) => status === 'refund_pending' || status === 'refunded'

const stateOf = (event: OrderEvent, before: OrderState | undefined): OrderState => {
  const { order, sale, buyer, totalMinor, currency, createdAt, holdExpiresAt } = event.data
  const items = event.data.items.map(({ sku, quantity, priceMinor }) => ({ sku, quantity, priceMinor }))
  const refund = 'refund' in event.data ? event.data.refund : undefined
  const status = refund?.orderStatus ?? statusOf[event.type]
  const known = refund === undefined && carriesReason(status) ? before?.body.cancelReason : undefined
  const cancelReason = event.type === 'order.cancelled.v1' ? event.data.reason : known
  const version = event.aggregateVersion
  const refunds = refund === undefined ? {} : { refundsMinor: refund.refundsMinor }
  const reason = cancelReason === undefined ? {} : { cancelReason }
  const payment =
    'redirectUrl' in event.data && event.data.redirectUrl !== undefined
      ? { payment: { state: 'awaiting-buyer' as const, redirectUrl: event.data.redirectUrl } }
      : {}
  const isRevived = event.type === 'order.confirmed.v1' ? event.data.revived : before?.body.revived
  const revived = isRevived === true ? { revived: true as const } : {}
  const money = { totalMinor, currency }
  const body = {
    id: order,
    sale,
    items,
    ...money,
    createdAt,
    holdExpiresAt,
    status,
    ...reason,
    ...revived,
    ...payment,
    ...refunds,
    version,
  }
  return { orderId: order, sale, buyer, version, body }
}

/** Returns the newest state of each order in a batch of events. */
export function newestStates(events: readonly FloodgateEvent[]): OrderState[] {
  const states = new Map<string, OrderState>()
  for (const event of events) {
    if (!isOrderEvent(event)) continue
    const before = states.get(event.data.order)
    if (before === undefined || event.aggregateVersion > before.version)
      states.set(event.data.order, stateOf(event, before))
  }
  return [...states.values()]
}
