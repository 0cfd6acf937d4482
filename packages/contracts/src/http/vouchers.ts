import { z } from 'zod'
import { campaignId, currency, instant, minorUnits, saleId, text, timestamp, uuid } from '../scalars.ts'

/** Maximum number of vouchers of a campaign: Redis knows each of their owners. */
const VOUCHERS_MAX = 5_000_000
/** Maximum number of campaigns of a sale. */
export const CAMPAIGNS_MAX = 50

const vouchers = z.int().min(0).max(VOUCHERS_MAX)
const amount = minorUnits.min(1)

/** What a voucher takes off an order; never more than its items cost. */
export const voucherDiscount = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('fixed'), amountMinor: amount }),
  z.strictObject({
    kind: z.literal('percentage'),
    percent: z.int().min(1).max(100).describe('Of the price of all items, rounded down to the minor unit'),
    capMinor: amount.optional().describe('At most this much. Absent: no such limit'),
  }),
])
export type VoucherDiscount = z.infer<typeof voucherDiscount>

const terms = {
  name: text(100).describe('For buyers'),
  discount: voucherDiscount,
  minimumMinor: minorUnits.default(0).describe('What the items of an order must cost together'),
}

export const voucherCampaignBody = z
  .strictObject({
    ...terms,
    total: vouchers.min(1).describe('How many buyers can claim one'),
    validFrom: instant.nullable().default(null).describe('From when vouchers are claimed and used; null: at once'),
    validUntil: instant.nullable().default(null).describe('Until when; null: as long as the sale goes on'),
  })
  .refine(({ validFrom, validUntil }) => validFrom === null || validUntil === null || validFrom < validUntil, {
    path: ['validUntil'],
    message: 'must be after validFrom',
  })
export type VoucherCampaignBody = z.infer<typeof voucherCampaignBody>
export type VoucherCampaignInput = z.input<typeof voucherCampaignBody>

const campaign = {
  campaign: campaignId,
  ...terms,
  minimumMinor: minorUnits,
  total: vouchers,
  validFrom: timestamp.nullable(),
  validUntil: timestamp.nullable(),
}

/** The operator's view of a campaign. */
export const voucherCampaign = z.strictObject({
  ...campaign,
  sale: saleId,
  currency: currency.describe("The catalogue's"),
  issued: vouchers.describe('Claimed so far'),
  reserved: vouchers.describe('Of those, in orders that wait for their payment'),
  used: vouchers.describe('Of those, in confirmed orders'),
})
export type VoucherCampaign = z.infer<typeof voucherCampaign>

export const voucherCampaigns = z.strictObject({ campaigns: z.array(voucherCampaign) })

/** The buyers' view of a sale's campaigns. */
export const publicVouchers = z.strictObject({
  sale: saleId,
  currency,
  campaigns: z.array(z.strictObject({ ...campaign, available: vouchers.describe('How many can still be claimed') })),
})
export type PublicVouchers = z.infer<typeof publicVouchers>

/**
 * `issued`: it can be used. `reserved`: an order that waits for its payment has it. `used`: a confirmed order has it.
 */
export const voucherState = z.enum(['issued', 'reserved', 'used'])
export type VoucherState = z.infer<typeof voucherState>

/** A buyer's voucher. */
export const voucher = z.strictObject({
  sale: saleId,
  campaign: campaignId,
  state: voucherState,
  order: uuid.nullable().describe('The order that reserved or used it'),
  issuedAt: timestamp,
})
export type Voucher = z.infer<typeof voucher>

/** Present where the order was placed with a voucher. */
export const appliedVoucher = z.strictObject({
  voucher: campaignId.describe('The campaign of the voucher'),
  subtotalMinor: minorUnits.describe('The price of all items, without the discount'),
  discountMinor: minorUnits.describe('What the voucher takes off'),
})
export type AppliedVoucher = z.infer<typeof appliedVoucher>
