import { z } from 'zod'
import { cancelReason, orderLine, paymentMethod, publicOrderStatus, redirectUrl } from '../http/order-core.ts'
import { currency, languageTag, minorUnits, saleId, timestamp, uuid } from '../scalars.ts'
import { defineEvent } from './define-event.ts'

/**
 * An e-mail address as a compact JWE (RFC 7516) that only the notifier can open. Empty: the address was erased, and no
 * mail is sent.
 */
const sealedEmail = z.string().max(2_048)

/** A payment method as a compact JWE (RFC 7516) that only the payment worker can open. */
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
 * The names in the catalogue and the sale when the event was written, the language (BCP 47) for the buyer: the sale's,
 * else that of the request, and the discount. Each is absent in events of older processes, and where it is unknown.
 */
const named = {
  ...order,
  discountMinor: minorUnits
    .optional()
    .describe(
      'What a voucher took off: `totalMinor` is the price of the items without it. 0: it took nothing off. Absent: no voucher, or unknown',
    ),
  saleName: z.string().max(200).optional(),
  language: languageTag
    .optional()
    .describe(
      "Language of the mail: the sale's, else that of the request that placed the order. Absent: unknown, or written by an older process",
    ),
  items: z.array(orderLine.extend({ name: z.string().max(200).optional() })),
}

/** One refund of a paid order. Absent: the order is over, and its whole payment goes back. */
const refund = z
  .strictObject({
    id: uuid,
    amountMinor: minorUnits,
    items: z.array(orderLine.extend({ name: z.string().max(200).optional() })),
    restock: z.boolean().describe('The units are back in stock'),
    orderStatus: publicOrderStatus.describe('The state of the order after it: a refund of a part leaves it confirmed'),
    refundsMinor: minorUnits.describe('All refunds of the order together'),
  })
  .optional()
const key = (data: { order: string }) => data.order

export const orderPlacedEvent = defineEvent({
  type: 'order.placed.v1',
  topic: 'floodgate.orders',
  summary:
    'Stock is held and the pending order is written. Unless it costs nothing, it may be charged until `chargeBy`. The payment method is in clear text: replaced by `order.placed.v2`.',
  key,
  data: z.strictObject({ ...order, paymentMethod, chargeBy: timestamp }),
})

export const orderPlacedSealedEvent = defineEvent({
  type: 'order.placed.v2',
  topic: 'floodgate.orders',
  summary: 'Replaces `order.placed.v1`; the payment method is sealed, and only the payment worker can open it.',
  key,
  data: z.strictObject({ ...order, sealedPaymentMethod, chargeBy: timestamp }),
})

export const orderHoldStretchedEvent = defineEvent({
  type: 'order.hold-stretched.v1',
  topic: 'floodgate.orders',
  summary: 'Payments are delayed: the unpaid order keeps its units until the later `holdExpiresAt`.',
  key,
  data: z.strictObject({ ...order, chargeBy: timestamp, redirectUrl: redirectUrl.optional() }),
})

export const orderAwaitingBuyerEvent = defineEvent({
  type: 'order.awaiting-buyer.v1',
  topic: 'floodgate.orders',
  summary: 'The pending order is paid for only once its buyer has agreed at `redirectUrl`. Its hold ends as before.',
  key,
  data: z.strictObject({ ...order, redirectUrl }),
})

export const orderBuyerReturnedEvent = defineEvent({
  type: 'order.buyer-returned.v1',
  topic: 'floodgate.orders',
  summary:
    'The buyer of a pending order came back from the page of the bank or the provider. The payment worker looks at the payment. It has the version of the order, which does not change.',
  key,
  data: z.strictObject({
    order: uuid,
    sale: saleId,
    sealedProof: z
      .string()
      .max(16_384)
      .optional()
      .describe('What the provider added to the address, as a compact JWE that only the payment worker can open'),
  }),
})

export const orderConfirmedEvent = defineEvent({
  type: 'order.confirmed.v1',
  topic: 'floodgate.orders',
  summary:
    'The order is paid, or costs nothing, and its units are sold. With `revived` it had expired before: the payment came late, and its units were still there.',
  key,
  data: z.strictObject({
    ...named,
    sealedEmail,
    revived: z
      .literal(true)
      .optional()
      .describe('A late payment confirmed the order after `order.cancelled.v1` (expired). Absent: it was pending'),
  }),
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
  summary:
    'The payment worker must give money back: with `refund` that much of a paid order, else the whole payment of an order that is over.',
  key,
  data: z.strictObject({ ...named, sealedEmail, refund }),
})

export const orderRefundedEvent = defineEvent({
  type: 'order.refunded.v1',
  topic: 'floodgate.orders',
  summary: 'The payment of the order, or with `refund` that part of it, was refunded to the buyer.',
  key,
  data: z.strictObject({ ...named, sealedEmail, refund }),
})

export const orderRefundParkedEvent = defineEvent({
  type: 'order.refund-parked.v1',
  topic: 'floodgate.orders',
  summary: 'The provider rejected the refund; an operator must look at it.',
  key,
  data: z.strictObject({ ...named, sealedEmail, refund }),
})
