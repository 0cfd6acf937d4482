import { z } from 'zod'
import { redirectUrl } from '../http/order-core.ts'
import { currency, minorUnits, saleId, timestamp, uuid } from '../scalars.ts'
import { defineEvent } from './define-event.ts'

const payment = { order: uuid, sale: saleId, amountMinor: minorUnits, currency }
const refund = uuid
  .optional()
  .describe('The refund of `order.refund-requested`; `amountMinor` is its amount. Absent: the whole payment')
const key = (data: { order: string }) => data.order

export const paymentSucceededEvent = defineEvent({
  type: 'payment.succeeded.v1',
  topic: 'floodgate.payments',
  summary:
    'The provider took the payment, or authorized it. Published again when a cancelled order turns out to be charged.',
  key,
  data: z.strictObject({ ...payment, charge: z.string() }),
})

export const paymentAwaitingBuyerEvent = defineEvent({
  type: 'payment.awaiting-buyer.v1',
  topic: 'floodgate.payments',
  summary:
    'The payment continues only once the buyer has agreed at `redirectUrl`, a page of the bank or the provider. Nothing is charged yet. A newer address replaces an earlier one.',
  key,
  data: z.strictObject({ ...payment, redirectUrl }),
})

export const paymentDeclinedEvent = defineEvent({
  type: 'payment.declined.v1',
  topic: 'floodgate.payments',
  summary: 'The provider declined the payment. A time-out is never a decline.',
  key,
  data: z.strictObject({ ...payment, reason: z.string().max(200) }),
})

export const paymentRefundedEvent = defineEvent({
  type: 'payment.refunded.v1',
  topic: 'floodgate.payments',
  summary: 'The provider made the refund.',
  key,
  data: z.strictObject({ ...payment, charge: z.string(), refund }),
})

export const paymentRefundRefusedEvent = defineEvent({
  type: 'payment.refund-refused.v1',
  topic: 'floodgate.payments',
  summary: 'The provider rejected the refund.',
  key,
  data: z.strictObject({ ...payment, reason: z.string().max(200), refund }),
})

export const paymentProviderFailingEvent = defineEvent({
  type: 'payment.provider-failing.v1',
  topic: 'floodgate.payments',
  summary:
    'The circuit breaker of a payment worker is not closed: it makes no charges. Published every few seconds while that lasts.',
  key: ({ worker }) => worker,
  data: z.strictObject({ worker: z.string().max(100), at: timestamp }),
})

/** One aggregate: payments as a whole. */
const allPayments = () => 'payments'

export const paymentDelayedEvent = defineEvent({
  type: 'payment.delayed.v1',
  topic: 'floodgate.orders',
  summary:
    'Payments take longer than usual: the provider fails, or the payment worker is silent. Published again while that lasts; without news it ends at `until`.',
  key: allPayments,
  data: z.strictObject({ since: timestamp, at: timestamp, until: timestamp }),
})

export const paymentResumedEvent = defineEvent({
  type: 'payment.resumed.v1',
  topic: 'floodgate.orders',
  summary: 'Payments are as fast as usual again.',
  key: allPayments,
  data: z.strictObject({ since: timestamp, at: timestamp }),
})
