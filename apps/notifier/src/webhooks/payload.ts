import {
  type EventOf,
  type EventType,
  eventGuard,
  type FloodgateEvent,
  orderNumber,
  type WebhookPayload,
  type WebhookType,
  webhookPayload,
} from '@floodgate/contracts'

/** The events that the shop is told about. One without a type below does not compile. */
export const WEBHOOK_EVENTS = [
  'order.confirmed.v1',
  'order.cancelled.v1',
  'order.refund-requested.v1',
  'order.refunded.v1',
] as const satisfies readonly EventType[]
type WebhookEvent = EventOf<(typeof WEBHOOK_EVENTS)[number]>

const TYPES: Readonly<Record<WebhookEvent['type'], WebhookType>> = {
  'order.confirmed.v1': 'order.confirmed',
  'order.cancelled.v1': 'order.cancelled',
  'order.refund-requested.v1': 'order.refund-requested',
  'order.refunded.v1': 'order.refunded',
}

const isForShop = eventGuard(WEBHOOK_EVENTS)

export interface NewWebhook {
  readonly eventId: string
  readonly payload: WebhookPayload
  readonly traceparent: string | undefined
}

/**
 * Returns what the shop is told about an event, if anything: no address, no payment method, no slot. The refund of an
 * order that is over follows its cancellation: only its end is told.
 */
export function webhookOf(event: FloodgateEvent): NewWebhook | undefined {
  if (!isForShop(event)) return undefined
  if (event.type === 'order.refund-requested.v1' && event.data.refund === undefined) return undefined
  const { order, sale, saleName, buyer, items, totalMinor, discountMinor, currency, createdAt } = event.data
  const payload = webhookPayload.parse({
    type: TYPES[event.type],
    timestamp: event.time,
    data: {
      ...{ order, number: orderNumber(order), sale, saleName, buyer, items, totalMinor },
      ...{ discountMinor: discountMinor === 0 ? undefined : discountMinor, currency, createdAt },
      ...(event.type === 'order.cancelled.v1' && { reason: event.data.reason }),
      ...(event.type === 'order.confirmed.v1' && { revived: event.data.revived }),
      ...('refund' in event.data && { refund: event.data.refund }),
      aggregateVersion: event.aggregateVersion,
    },
  })
  return { eventId: event.id, payload, traceparent: event.traceparent }
}
