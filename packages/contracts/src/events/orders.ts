import { z } from 'zod'
import { cancelReason, orderLine, paymentMethod } from '../http/order-core.ts'
import { currency, languageTag, minorUnits, saleId, timestamp, uuid } from '../scalars.ts'
import { defineEvent } from './define-event.ts'

/** An e-mail address as a compact JWE (RFC 7516): only the notifier can open it. Empty: nobody knows it any more, no mail is sent. */
const sealedEmail = z.string().max(2_048)

/** A payment method as a compact JWE (RFC 7516): only the payment worker can open it. */
const sealedPaymentMethod = z.string().min(1).max(2_048)

const order = {
  order: uuid,
  sale: saleId,
  buyer: z.string(),
  slot: z.string(),
  items: z.array(orderLine),
  totalMinor: minorUnits,
  currency,
  createdAt: timestamp,
  holdExpiresAt: timestamp,
}

/**
 * As the catalogue and the sale named them when the event was written, and the language (BCP 47) of what its buyer gets to read:
 * the sale's, else that of the request. Each is missing in events from before, and where it is not known.
 */
const named = {
  ...order,
  saleName: z.string().max(200).optional(),
  language: languageTag
    .optional()
    .describe(
      "Of the mail: the sale's, else the one that the order was placed in; without: not known, or written by an older process",
    ),
  items: z.array(orderLine.extend({ name: z.string().max(200).optional() })),
}
const key = (data: { order: string }) => data.order

export const orderPlacedEvent = defineEvent({
  type: 'order.placed.v1',
  topic: 'floodgate.orders',
  summary:
    'Stock is held and the pending order is written; unless it costs nothing, it may be charged until `chargeBy`. The payment method is in clear: replaced by `order.placed.v2`.',
  key,
  data: z.strictObject({ ...order, paymentMethod, chargeBy: timestamp }),
})

export const orderPlacedSealedEvent = defineEvent({
  type: 'order.placed.v2',
  topic: 'floodgate.orders',
  summary:
    'As `order.placed.v1`, and in its place, with the payment method sealed: only the payment worker can open it.',
  key,
  data: z.strictObject({ ...order, sealedPaymentMethod, chargeBy: timestamp }),
})

export const orderConfirmedEvent = defineEvent({
  type: 'order.confirmed.v1',
  topic: 'floodgate.orders',
  summary: 'The order is paid, or costs nothing, and its units are sold.',
  key,
  data: z.strictObject({ ...named, sealedEmail }),
})

export const orderCancelledEvent = defineEvent({
  type: 'order.cancelled.v1',
  topic: 'floodgate.orders',
  summary:
    'The order ended unpaid and its units are back in stock. After `declined` the slot stays with its buyer; `declined-final` ends it.',
  key,
  data: z.strictObject({ ...named, reason: cancelReason, sealedEmail }),
})

export const orderRefundRequestedEvent = defineEvent({
  type: 'order.refund-requested.v1',
  topic: 'floodgate.orders',
  summary: 'Money arrived for an order that is over; the payment worker must give it back.',
  key,
  data: z.strictObject({ ...named, sealedEmail }),
})

export const orderRefundedEvent = defineEvent({
  type: 'order.refunded.v1',
  topic: 'floodgate.orders',
  summary: 'The money of the order went back to the buyer.',
  key,
  data: z.strictObject({ ...named, sealedEmail }),
})

export const orderRefundParkedEvent = defineEvent({
  type: 'order.refund-parked.v1',
  topic: 'floodgate.orders',
  summary: 'The provider refused the refund; an operator has to look at it.',
  key,
  data: z.strictObject({ ...named, sealedEmail }),
})
