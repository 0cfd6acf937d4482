import { z } from 'zod'
import { currency, minorUnits, saleId, uuid } from '../scalars.ts'
import { defineEvent } from './define-event.ts'

const payment = { order: uuid, sale: saleId, amountMinor: minorUnits, currency }
const key = (data: { order: string }) => data.order

export const paymentSucceededEvent = defineEvent({
  type: 'payment.succeeded.v1',
  topic: 'floodgate.payments',
  summary: 'The provider took the payment. Published again when a cancelled order turns out to be charged.',
  key,
  data: z.strictObject({ ...payment, charge: z.string() }),
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
  data: z.strictObject({ ...payment, charge: z.string() }),
})

export const paymentRefundRefusedEvent = defineEvent({
  type: 'payment.refund-refused.v1',
  topic: 'floodgate.payments',
  summary: 'The provider rejected the refund.',
  key,
  data: z.strictObject({ ...payment, reason: z.string().max(200) }),
})
