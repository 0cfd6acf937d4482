import { z } from 'zod'
import { currency, minorUnits, saleId, sku, text, timestamp, uuid } from '../scalars.ts'

/** One refund of a paid order. */
export const orderRefund = z.strictObject({
  id: uuid,
  status: z.enum(['requested', 'refunded', 'parked']).describe('`parked`: the provider rejected it'),
  amountMinor: minorUnits,
  items: z.array(z.strictObject({ sku, quantity: z.int().min(1), amountMinor: minorUnits })),
  restock: z.boolean().describe('The units are back in stock, and in the limit of their buyer'),
  requestedBy: z.enum(['buyer', 'operator']),
  reason: z.string(),
  createdAt: timestamp,
  updatedAt: timestamp,
})
export type OrderRefund = z.infer<typeof orderRefund>

/** A refund as the buyer sees it: one that the provider rejected is still in progress. */
export const buyerRefund = z.strictObject({
  id: uuid,
  status: z.enum(['requested', 'refunded']),
  amountMinor: minorUnits,
  items: z.array(z.strictObject({ sku, quantity: z.int().min(1), amountMinor: minorUnits })),
})
export type BuyerRefund = z.infer<typeof buyerRefund>

export const refundBody = z
  .strictObject({
    items: z
      .array(z.strictObject({ sku, quantity: z.int().min(1).max(1_000_000) }))
      .min(1)
      .max(20)
      .optional()
      .describe('What is refunded; without it everything that is left'),
    restock: z.boolean().describe('Whether the units go back into stock, and into the limit of their buyer'),
    reason: text(200).describe('For operators; buyers do not see it'),
  })
  .refine(({ items = [] }) => new Set(items.map((item) => item.sku)).size === items.length, {
    path: ['items'],
    message: 'must not name a SKU twice',
  })
export type RefundBody = z.infer<typeof refundBody>

/** A field of every order. */
export const refundsMinor = minorUnits
  .optional()
  .describe('What refunds of the paid order give back, requested ones included. Absent: there are none')

/** Maximum number of listed refunds that the provider rejected. */
export const REJECTED_REFUNDS_MAX = 1_000

/** A refund as the payment worker has it. */
export const refundAtProvider = z.strictObject({
  id: uuid.describe('Of the refund of a paid order; of the order, where it is over and all of its payment goes back'),
  order: uuid,
  sale: saleId,
  amountMinor: minorUnits,
  currency,
  status: z.enum(['requested', 'refunded', 'refused']).describe('`refused`: the provider rejected it'),
  reason: z.string().nullable().describe('Why the provider rejected it, or `made by hand`'),
  reference: z.string().nullable().describe("The provider's id of a refund that is made, or an operator's note"),
  requestedAt: timestamp,
  updatedAt: timestamp,
})
export type RefundAtProvider = z.infer<typeof refundAtProvider>

export const rejectedRefunds = z.strictObject({ refunds: z.array(refundAtProvider) })

export const refundMadeBody = z.strictObject({
  reference: text(100).describe("How the money went back: the provider's id of the refund, or a note"),
})
