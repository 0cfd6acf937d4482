import type { EventType, FloodgateEvent } from '@floodgate/contracts'
import type { OrderFact } from '../order/decide.ts'
import type { TransitionRequest } from './plan-transitions.ts'

const facts = {
  'payment.succeeded.v1': 'payment-succeeded',
  'payment.declined.v1': 'payment-declined',
  'payment.refunded.v1': 'payment-refunded',
  'payment.refund-refused.v1': 'payment-refund-refused',
} as const satisfies Partial<Record<EventType, OrderFact>>

type PaymentEvent = Extract<FloodgateEvent, { type: keyof typeof facts }>

/** The facts about orders, and what is known about the provider. */
export const paymentEventTypes = [
  ...(Object.keys(facts) as (keyof typeof facts)[]),
  'payment.provider-failing.v1' as const,
]

const isPaymentEvent = (event: FloodgateEvent): event is PaymentEvent => event.type in facts

/** Tells whether an event concerns the order as a whole, and not one refund of a paid one. */
const concernsOrder = ({ data }: PaymentEvent): boolean => !('refund' in data) || data.refund === undefined

/** Converts payment events into transition requests, except for those of refunds of paid orders. */
export function requestsOfPayments(events: readonly FloodgateEvent[]): TransitionRequest[] {
  return events
    .filter(isPaymentEvent)
    .filter(concernsOrder)
    .map(({ type, data, traceparent }) => ({
      order: data.order,
      fact: facts[type],
      ...(type === 'payment.succeeded.v1'
        ? { payment: { sale: data.sale, amountMinor: data.amountMinor, currency: data.currency } }
        : {}),
      ...(traceparent === undefined ? {} : { traceparent }),
    }))
}
