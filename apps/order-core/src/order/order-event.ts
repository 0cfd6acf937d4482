import type { EventDataOf } from '@floodgate/contracts'
import type { NewEvent } from '@floodgate/outbox'
import type { OrderMoveDecision } from './decide.ts'
import type { LockedOrder } from './lock-orders.ts'
import { type HeldOrder, type NewOrder, type Order, totalMinorOf } from './order.ts'

/** `data` of an event that a statement writes together with its order, without the times, which Postgres adds. */
export type UntimedEvent = string

/**
 * Completes a statement that writes untimed events: `:timed(event, created_at, …)` in its text becomes the event with
 * these columns as its last members, in ISO 8601, each by its name in camel case.
 */
export function withTimedEvents(sql: string): string {
  return sql.replaceAll(/:timed\((\w+), ([\w, ]+)\)/g, (_, event: string, columns: string) => {
    const members = columns.split(', ').map((column) => `,"${camelCase(column)}":"' || ${isoTime(column)} || '"`)
    return `${event} || '${members.join('')}}'`
  })
}

const isoTime = (column: string) => `to_char(${column} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`

const camelCase = (column: string) => column.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase())

const untimed = (data: object): UntimedEvent => JSON.stringify(data).slice(0, -1)

/** Builds `order.placed`, untimed. */
export function placedEvent(order: NewOrder): { readonly type: string; readonly data: UntimedEvent } {
  const { paymentMethod, sealedPaymentMethod } = order
  return sealedPaymentMethod === undefined
    ? { type: 'order.placed.v1', data: untimed({ ...sharedBy(order), paymentMethod }) }
    : { type: 'order.placed.v2', data: untimed({ ...sharedBy(order), sealedPaymentMethod }) }
}

/** Builds `order.cancelled.v1` of an order that was never placed, untimed. */
export function abandonedEvent(order: HeldOrder): UntimedEvent {
  return untimed({ ...sharedBy(order), reason: 'abandoned', sealedEmail: order.sealedEmail })
}

/** Returns the fields that every event of an order has, without the times. */
const sharedBy = (order: Pick<Order, 'id' | 'sale' | 'buyer' | 'slot' | 'currency' | 'lines' | 'discountMinor'>) => ({
  order: order.id,
  sale: order.sale,
  buyer: order.buyer,
  slot: order.slot,
  items: [...order.lines],
  totalMinor: totalMinorOf(order),
  currency: order.currency,
})

/** Builds the event of an order's move, about the order after it. */
export function movedEvent(
  order: LockedOrder,
  { announce, cancelReason }: OrderMoveDecision,
  traceparent: string | null,
): NewEvent {
  const data = movedData(order)
  const { version } = order
  if (announce === 'order.confirmed.v1' && order.revivedAt !== null)
    return { type: announce, version, data: { ...data, revived: true }, traceparent }
  if (announce !== 'order.cancelled.v1') return { type: announce, version, data, traceparent }
  return { type: announce, version, data: { ...data, reason: cancelReason }, traceparent }
}

const movedData = (order: LockedOrder) => ({
  ...sharedBy(order),
  // An order that was paid but is missing in the ledger has no lines.
  totalMinor: order.totalMinor,
  createdAt: order.createdAt.toISOString(),
  holdExpiresAt: order.holdExpiresAt.toISOString(),
  // Also of a voucher that took nothing off: its late payment is refunded. Apps that get no names do not know the field.
  ...(order.discountMinor > 0 || (order.voucher !== null && order.saleName !== null)
    ? { discountMinor: order.discountMinor }
    : {}),
  ...(order.saleName === null ? {} : { saleName: order.saleName }),
  ...(order.language === null ? {} : { language: order.language }),
  sealedEmail: order.sealedEmail,
})

/** What the events of one refund of a paid order say about it. */
export type AnnouncedRefund = NonNullable<EventDataOf<'order.refunded.v1'>['refund']>

/** Builds the event of one refund of a paid order, about the order after it. */
export function refundEvent(
  order: LockedOrder,
  announced: {
    readonly type: 'order.refund-requested.v1' | 'order.refunded.v1' | 'order.refund-parked.v1'
    readonly refund: AnnouncedRefund
    readonly traceparent: string | null
  },
): NewEvent {
  const { type, refund, traceparent } = announced
  return { type, version: order.version, data: { ...movedData(order), refund }, traceparent }
}

/** Builds the event of a hold that was made longer, about the order after it. */
export function stretchedEvent(order: LockedOrder, { chargeBy }: Pick<Order, 'chargeBy'>): NewEvent {
  return {
    type: 'order.hold-stretched.v1',
    version: order.version,
    data: {
      ...sharedBy(withoutNames(order)),
      totalMinor: order.totalMinor,
      createdAt: order.createdAt.toISOString(),
      holdExpiresAt: order.holdExpiresAt.toISOString(),
      chargeBy: chargeBy.toISOString(),
      ...(order.paymentUrl === null ? {} : { redirectUrl: order.paymentUrl }),
    },
    traceparent: order.traceparent,
  }
}

/** Builds the event of a pending order that awaits its buyer at `paymentUrl`. */
export function awaitingBuyerEvent(order: LockedOrder, paymentUrl: string, traceparent: string | null): NewEvent {
  const lines = order.lines.map(({ sku, quantity, priceMinor }) => ({ sku, quantity, priceMinor }))
  const data = {
    ...sharedBy({ ...order, lines }),
    createdAt: order.createdAt.toISOString(),
    holdExpiresAt: order.holdExpiresAt.toISOString(),
    redirectUrl: paymentUrl,
  }
  return { type: 'order.awaiting-buyer.v1', version: order.version, data, traceparent }
}

/** Removes the fields that older apps do not accept in events: names, language and discount. */
export function withoutNames(order: LockedOrder): LockedOrder {
  const lines = order.lines.map(({ sku, quantity, priceMinor }) => ({ sku, quantity, priceMinor }))
  return { ...order, saleName: null, language: null, discountMinor: 0, lines }
}
