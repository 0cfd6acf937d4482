import type { z } from 'zod'
import { admissionRevokedEvent, admissionVoidedEvent } from './admissions.ts'
import {
  orderAwaitingBuyerEvent,
  orderBuyerReturnedEvent,
  orderCancelledEvent,
  orderConfirmedEvent,
  orderHoldStretchedEvent,
  orderPlacedEvent,
  orderPlacedSealedEvent,
  orderRefundedEvent,
  orderRefundParkedEvent,
  orderRefundRequestedEvent,
} from './orders.ts'
import {
  paymentAwaitingBuyerEvent,
  paymentDeclinedEvent,
  paymentDelayedEvent,
  paymentProviderFailingEvent,
  paymentRefundedEvent,
  paymentRefundRefusedEvent,
  paymentResumedEvent,
  paymentSucceededEvent,
} from './payments.ts'
import {
  saleClosedEvent,
  saleConfiguredEvent,
  saleOpenedEvent,
  salePausedEvent,
  saleReopenedEvent,
  saleResumedEvent,
} from './sales.ts'
import { saleStockEvent } from './stock.ts'

/** Lists every event. */
export const eventDefinitions = [
  saleConfiguredEvent,
  saleOpenedEvent,
  salePausedEvent,
  saleResumedEvent,
  saleReopenedEvent,
  saleClosedEvent,
  orderPlacedEvent,
  orderPlacedSealedEvent,
  orderHoldStretchedEvent,
  orderAwaitingBuyerEvent,
  orderBuyerReturnedEvent,
  orderConfirmedEvent,
  orderCancelledEvent,
  orderRefundRequestedEvent,
  orderRefundedEvent,
  orderRefundParkedEvent,
  paymentAwaitingBuyerEvent,
  paymentSucceededEvent,
  paymentDeclinedEvent,
  paymentRefundedEvent,
  paymentRefundRefusedEvent,
  paymentProviderFailingEvent,
  paymentDelayedEvent,
  paymentResumedEvent,
  admissionRevokedEvent,
  admissionVoidedEvent,
  saleStockEvent,
] as const

type AnyDefinition = (typeof eventDefinitions)[number]
export type EventType = AnyDefinition['type']

/** The data of the event of one type. */
export type EventDataOf<Type extends EventType> = z.infer<Extract<AnyDefinition, { type: Type }>['data']>

/** An event as consumers see it: parsed, and discriminated by `type`. */
export type FloodgateEvent = {
  [Type in EventType]: {
    readonly type: Type
    /** Unique per event, the same at every redelivery (CloudEvents `id`). */
    readonly id: string
    readonly source: string
    /** When the event happened, RFC 3339. */
    readonly time: string
    /** The aggregate's version after this event; per key, a lower version is stale. */
    readonly aggregateVersion: number
    /** W3C trace context of the request that caused the event. */
    readonly traceparent?: string
    readonly data: EventDataOf<Type>
  }
}[EventType]

/** The events of these types. */
export type EventOf<Type extends EventType> = Extract<FloodgateEvent, { type: Type }>

/** Returns a type guard for the events of these types. */
export function eventGuard<Type extends EventType>(
  types: readonly Type[],
): (event: FloodgateEvent) => event is EventOf<Type> {
  const wanted = new Set<EventType>(types)
  return function isOfTheseTypes(event): event is EventOf<Type> {
    return wanted.has(event.type)
  }
}

const byType: ReadonlyMap<string, AnyDefinition> = new Map(eventDefinitions.map((each) => [each.type, each]))

export function eventDefinition(type: string): AnyDefinition | undefined {
  return byType.get(type)
}
