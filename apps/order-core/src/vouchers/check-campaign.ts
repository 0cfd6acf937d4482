import { isDeepStrictEqual } from 'node:util'
import type { VoucherCampaignBody } from '@floodgate/contracts'
import type { Campaign } from './campaign.ts'

export type CampaignRejection =
  /** A buyer has a voucher, on the terms of its time. */
  { readonly kind: 'voucher-terms-fixed' } | { readonly kind: 'total-below-issued'; readonly issued: number }

/** Tells whether a campaign may be changed, given how many vouchers are issued. */
export function checkCampaign(
  current: Pick<Campaign, 'discount' | 'minimumMinor' | 'issued'>,
  body: VoucherCampaignBody,
): CampaignRejection | undefined {
  const isSame = isDeepStrictEqual(current.discount, body.discount) && current.minimumMinor === body.minimumMinor
  if (current.issued > 0 && !isSame) return { kind: 'voucher-terms-fixed' }
  if (body.total < current.issued) return { kind: 'total-below-issued', issued: current.issued }
  return undefined
}
