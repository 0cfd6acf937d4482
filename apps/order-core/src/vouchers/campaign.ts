import type { VoucherDiscount } from '@floodgate/contracts'

/** A campaign as stored. */
export interface Campaign {
  readonly sale: string
  readonly campaign: string
  readonly name: string
  readonly discount: VoucherDiscount
  readonly minimumMinor: number
  /** Vouchers are claimed and used in between; null: without that bound. */
  readonly validFrom: Date | null
  readonly validUntil: Date | null
  readonly total: number
  readonly issued: number
  /** Rises with every change by an operator (ms). */
  readonly version: number
}

/** Returns a campaign's fields as a `select` list, for statements over `orders.voucher_campaigns c`. */
export const CAMPAIGN_COLUMNS = `
  c.sale, c.id as campaign, c.name, c.minimum_minor as "minimumMinor", c.valid_from as "validFrom",
  c.valid_until as "validUntil", c.total, c.issued,
  json_strip_nulls(json_build_object('kind', c.kind, 'amountMinor', c.amount_minor, 'percent', c.percent,
    'capMinor', c.cap_minor)) as discount,
  (extract(epoch from c.updated_at) * 1000)::bigint as version`
