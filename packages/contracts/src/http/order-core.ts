import { z } from 'zod'
import { problemBody } from '../problems.ts'
import { campaignId, currency, emailAddress, minorUnits, saleId, sku, text, timestamp, uuid } from '../scalars.ts'
import { buyerRefund, orderRefund, refundsMinor } from './refunds.ts'
import { appliedVoucher } from './vouchers.ts'

const units = z.int().min(0).max(1_000_000_000)

export const paymentMethod = text(64)

export const orderRequest = z
  .strictObject({
    items: z
      .array(
        z.strictObject({
          sku,
          quantity: z.int().min(1).max(1_000_000),
          priceMinor: minorUnits
            .optional()
            .describe('The price the buyer saw. Any other price is rejected: `price-changed`'),
        }),
      )
      .min(1)
      .max(20),
    currency: currency
      .optional()
      .describe('The currency of the prices the buyer saw. Any other is rejected: `price-changed`'),
    email: emailAddress,
    paymentMethod: paymentMethod
      .optional()
      .describe('Required unless the order costs nothing; ignored for a free order'),
    voucher: campaignId
      .optional()
      .describe("The campaign of the buyer's voucher. It pays a part of the order, or all of it"),
  })
  .refine((body) => new Set(body.items.map((item) => item.sku)).size === body.items.length, {
    path: ['items'],
    message: 'must not name a SKU twice',
  })
export type OrderRequest = z.infer<typeof orderRequest>

/** `sold-out`: the remaining units of each item that is short, at the time of the rejection. */
export const soldOutProblem = problemBody.extend({
  code: z.literal('sold-out'),
  skus: z.array(sku),
  final: z
    .boolean()
    .describe('Everything of at least one item is sold. More comes only from the operator, or from a cancelled order.'),
  retryable: z
    .boolean()
    .describe(
      "The same order can succeed once other buyers' held units come back; with `Retry-After`. Otherwise fewer units are unsold than the order needs.",
    ),
  items: z.array(
    z.strictObject({
      sku,
      available: units.describe('Units that nobody holds'),
      soldOut: z.boolean().describe('Everything is sold. False with `available: 0`: other buyers hold the rest'),
    }),
  ),
})

/** `price-changed`: the valid prices of the items whose expected price differs. */
export const priceChangedProblem = problemBody.extend({
  code: z.literal('price-changed'),
  skus: z.array(sku),
  currency,
  items: z.array(z.strictObject({ sku, priceMinor: minorUnits })),
})

/** 1 to 255 visible ASCII characters (IETF draft-ietf-httpapi-idempotency-key-header). */
export const idempotencyKey = z.string().regex(/^[\x21-\x7e]{1,255}$/, 'must be 1 to 255 visible ASCII characters')

/**
 * In a join the key is a secret that stands for the buyer's place. A UUID has 122 random bits.
 */
export const joinKey = z
  .string()
  .regex(/^[\x21-\x7e]{22,255}$/, 'must be a secret of 22 to 255 visible ASCII characters, such as a UUID')
  .describe(
    'A secret that stands for the place: at least 22 characters, such as a UUID. Another join with it gets that place.',
  )

/** As JSON. Sealed, it stays below what an event may carry. */
const PROOF_CHARACTERS_MAX = 8_192

export const orderLine = z.strictObject({ sku, quantity: z.int().min(1), priceMinor: minorUnits })
export type OrderLine = z.infer<typeof orderLine>

const orderCore = {
  id: uuid,
  sale: saleId,
  items: z.array(orderLine),
  ...appliedVoucher.partial().shape,
  totalMinor: minorUnits.describe('What is paid'),
  currency,
  createdAt: timestamp,
  holdExpiresAt: timestamp,
}

/** The response of `POST /orders`, byte for byte the same at every repetition of the key. */
export const orderPlaced = z.strictObject({ ...orderCore, status: z.literal('pending') })
export type OrderPlaced = z.infer<typeof orderPlaced>

/** Shows `refund_parked` orders as `refund_pending`: for the buyer the refund is still in progress. */
export const publicOrderStatus = z.enum(['pending', 'confirmed', 'cancelled', 'refund_pending', 'refunded'])
export type PublicOrderStatus = z.infer<typeof publicOrderStatus>
/** Every state of an order; only operators see `refund_parked`. */
export const orderStatus = z.enum([...publicOrderStatus.options, 'refund_parked'])
export type OrderStatus = z.infer<typeof orderStatus>
/** `declined-final`: the last decline that an admission allows; its slot ended with it. */
export const cancelReason = z.enum(['declined', 'declined-final', 'expired', 'by-buyer', 'by-operator', 'abandoned'])
export type CancelReason = z.infer<typeof cancelReason>

/** A page of the bank or the provider. */
export const redirectUrl = z.url({ protocol: /^https?$/ }).max(2_048)

/** What the buyer has to do about the payment of a pending order. Absent: nothing. */
export const orderPayment = z.strictObject({ state: z.literal('awaiting-buyer'), redirectUrl })
export type OrderPayment = z.infer<typeof orderPayment>

/** The parameters that the provider added to the address of the page that the buyer came back to. */
export const buyerProof = z
  .record(z.string().min(1).max(64), z.string().max(2_048))
  .refine((proof) => JSON.stringify(proof).length <= PROOF_CHARACTERS_MAX, 'is too long')

/** The buyer came back from the page of the bank. */
export const buyerReturn = z.strictObject({ proof: buyerProof.optional() })

const late = {
  revived: z
    .literal(true)
    .optional()
    .describe('A late payment confirmed the order after its hold had expired. Absent: none did'),
}

export const orderResource = z.strictObject({
  ...orderCore,
  status: publicOrderStatus,
  cancelReason: cancelReason.optional(),
  paymentDelayed: z
    .literal(true)
    .optional()
    .describe('Paying takes longer than usual at the moment; the units stay reserved. Only of unpaid orders'),
  payment: orderPayment.optional(),
  cancellableUntil: timestamp
    .optional()
    .describe('Until when its buyer may cancel the paid order and gets the money back. Absent: not, or no longer'),
  version: z.int().min(1),
  ...late,
  refundsMinor,
  refunds: z.array(buyerRefund).optional().describe('Of the paid order, oldest first. Absent: there are none'),
})
export type OrderResource = z.infer<typeof orderResource>

/**
 * The operator's view of an order. Unlike the buyer's, it shows a refund that was rejected and waits for an operator.
 */
export const operatorOrderResource = z.strictObject({
  ...orderCore,
  status: orderStatus,
  cancelReason: cancelReason.optional(),
  version: z.int().min(1),
  ...late,
  refundsMinor,
  refunds: z.array(orderRefund).optional().describe('Of the paid order, oldest first. Absent: there are none'),
  buyer: z.string(),
  slot: z.string(),
  paymentMethod: z.string(),
  chargeBy: timestamp,
  endedAt: timestamp.nullable(),
})
export type OperatorOrderResource = z.infer<typeof operatorOrderResource>

export const orderList = z.strictObject({ orders: z.array(orderResource) })

/** Where a page of a buyer's orders ends: the creation of its last order (ms since 1970), and that order's id. */
export const orderCursor = z
  .string()
  .regex(/^\d{1,13}\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'must be the `next` of another page')

export const orderHistory = z.strictObject({
  orders: z.array(orderResource),
  /** The `after` of the next page; null on the last one. */
  next: orderCursor.nullable(),
})
export type OrderHistory = z.infer<typeof orderHistory>

/** Tells the payment worker, before it charges late, whether the order may still be charged. */
export const chargeability = z.strictObject({ order: uuid, chargeable: z.boolean(), status: publicOrderStatus })
export type Chargeability = z.infer<typeof chargeability>

/** Orders and holds that a sweep parked because of a fault of their own, oldest first, at most 1,000. */
export const parkedOrders = z.strictObject({
  parked: z.array(
    z.strictObject({
      order: uuid,
      sale: saleId,
      /** `hold-abandoned`: a hold in Redis that never became an order. */
      fact: z.enum(['hold-expired', 'refund-repeated', 'hold-abandoned']),
      reason: z.string(),
      attempts: z.int().min(1),
      parkedAt: timestamp,
    }),
  ),
})

/** `scheduled`: the next round picks it up within seconds. `unchanged`: the order had already moved on. */
export const parkedRetried = z.strictObject({ order: uuid, outcome: z.enum(['moved', 'unchanged', 'scheduled']) })
