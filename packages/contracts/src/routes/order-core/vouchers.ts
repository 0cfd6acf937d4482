import { z } from 'zod'
import { publicVouchers, voucher, voucherCampaign, voucherCampaignBody, voucherCampaigns } from '../../http/vouchers.ts'
import { campaignId, saleId } from '../../scalars.ts'
import { ADMITTED, EVERYBODY, OPERATOR_ONLY } from '../auth.ts'
import { defineRoute, empty, jsonBody, NO_BODY, success } from '../define-route.ts'
import { PUBLIC_VOUCHERS, VOUCHER, VOUCHER_CAMPAIGN, VOUCHER_CAMPAIGN_BODY } from './examples.ts'

const ofSale = z.object({ sale: saleId })
const ofCampaign = z.object({ sale: saleId, campaign: campaignId })
const etag = { ETag: 'The version of the campaign: changes by operators only, not with claims' }

export const putVoucherCampaignRoute = defineRoute({
  method: 'put',
  path: '/admin/sales/{sale}/vouchers/{campaign}',
  summary: 'Create a campaign of vouchers, or change it',
  description:
    'Amounts are in the minor unit of the currency of the catalogue, which must exist. Once a voucher is issued, `discount` and `minimumMinor` stay; the name, the times and the total may change, the total to no less than what is issued. A campaign ends early by its `validUntil`. With `If-Match`, the `ETag` of your last read, a campaign that was changed meanwhile is not overwritten; `If-None-Match: *` only creates; without either it is replaced unconditionally. Safe to repeat.',
  auth: OPERATOR_ONLY,
  role: 'operator',
  request: {
    params: ofCampaign,
    headers: z.object({ 'if-match': z.string().optional(), 'if-none-match': z.string().optional() }),
    body: jsonBody(voucherCampaignBody, VOUCHER_CAMPAIGN_BODY),
  },
  responses: {
    200: success('Changed', voucherCampaign, { headers: etag, example: VOUCHER_CAMPAIGN }),
    201: success('Created', voucherCampaign, { headers: etag, example: VOUCHER_CAMPAIGN }),
  },
  problems: {
    'not-found': 'the sale has no catalogue',
    'voucher-terms-fixed': true,
    'total-below-issued': 'with `issued`',
    'campaigns-full': true,
    'campaign-changed': 'read it again',
    unavailable: 'saved, and in force once the stock is rebuilt; or the database is unavailable, and nothing is saved',
  },
})

export const readVoucherCampaignRoute = defineRoute({
  method: 'get',
  path: '/admin/sales/{sale}/vouchers/{campaign}',
  summary: 'A campaign of vouchers, with the `ETag` for `If-Match`',
  auth: OPERATOR_ONLY,
  role: 'viewer',
  request: { params: ofCampaign },
  responses: { 200: success('The campaign', voucherCampaign, { headers: etag, example: VOUCHER_CAMPAIGN }) },
  problems: { 'not-found': true },
})

export const listVoucherCampaignsRoute = defineRoute({
  method: 'get',
  path: '/admin/sales/{sale}/vouchers',
  summary: "A sale's campaigns of vouchers, with how many are issued, reserved and used",
  auth: OPERATOR_ONLY,
  role: 'viewer',
  request: { params: ofSale },
  responses: { 200: success('By name', voucherCampaigns, { example: { campaigns: [VOUCHER_CAMPAIGN] } }) },
  problems: { 'not-found': 'the sale has no catalogue' },
})

export const showVouchersRoute = defineRoute({
  method: 'get',
  path: '/sales/{sale}/vouchers',
  summary: "A sale's campaigns of vouchers, and how many can still be claimed",
  auth: EVERYBODY,
  request: { params: ofSale, headers: z.object({ 'if-none-match': z.string().optional() }) },
  responses: {
    200: success('At most two seconds old', publicVouchers, {
      headers: { ETag: 'Changes with the content' },
      example: PUBLIC_VOUCHERS,
    }),
    304: empty('Unchanged', { ETag: 'Changes with the content' }),
  },
  problems: { 'not-found': 'the sale has no catalogue', 'too-many-requests': true },
})

export const claimVoucherRoute = defineRoute({
  method: 'post',
  path: '/sales/{sale}/vouchers/{campaign}',
  summary: "Claim the buyer's one voucher of a campaign; safe to repeat",
  description:
    'As many buyers as the campaign has vouchers get one, in the order of their requests. A repetition returns the same voucher, in its present state.',
  auth: ADMITTED,
  request: { params: ofCampaign, body: NO_BODY },
  responses: {
    200: success('Claimed earlier', voucher, { example: VOUCHER }),
    201: success('Claimed', voucher, { example: VOUCHER }),
  },
  problems: {
    'admission-missing': true,
    'admission-invalid': 'also that of another sale',
    'admission-expired': 'only a voucher that was claimed earlier is returned',
    'admission-revoked': true,
    'not-found': 'the sale has no such campaign',
    'vouchers-gone': true,
    'voucher-not-valid': 'with `validFrom` and `validUntil`',
    'sale-closed': { status: 409, why: 'only days after the close' },
    'too-many-requests': true,
  },
})
