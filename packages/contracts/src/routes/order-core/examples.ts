import type { z } from 'zod'
import type { CatalogueBody, CatalogueResource, PublicCatalogue } from '../../http/catalogue.ts'
import type { OrderPage } from '../../http/money-check.ts'
import type {
  OperatorOrderResource,
  OrderHistory,
  OrderPlaced,
  OrderRequest,
  OrderResource,
} from '../../http/order-core.ts'
import type { LedgerCheck, StockAudit } from '../../http/stock-audit.ts'
import type { PublicVouchers, Voucher, VoucherCampaign, voucherCampaignBody } from '../../http/vouchers.ts'

/** Examples of the OpenAPI document: one sale, one item, one order. */
const sale = 'demo'
const sku = 'demo-headphones'
const currency = 'EUR'
const id = '7f3b8c1e-0a4d-4e5f-8a9b-0c1d2e3f4a5b'
const prices = { listPriceMinor: 9_900, salePriceMinor: 4_950 }

export const ORDER_REQUEST: OrderRequest = {
  items: [{ sku, quantity: 1, priceMinor: prices.salePriceMinor }],
  currency,
  email: 'buyer@example.com',
  paymentMethod: 'sim_ok',
}
const order = {
  id,
  sale,
  items: [{ sku, quantity: 1, priceMinor: prices.salePriceMinor }],
  totalMinor: prices.salePriceMinor,
  currency,
  createdAt: '2027-03-28T10:00:05.120Z',
  holdExpiresAt: '2027-03-28T10:05:05.120Z',
}
export const ORDER_PLACED: OrderPlaced = { ...order, status: 'pending' }
const confirmed = { ...order, status: 'confirmed' as const, version: 2 }
export const ORDER: OrderResource = { ...confirmed, cancellableUntil: '2027-03-28T11:00:06.004Z' }
export const AWAITING_ORDER: OrderResource = {
  ...order,
  status: 'pending',
  payment: { state: 'awaiting-buyer', redirectUrl: 'https://bank.example/authenticate/1' },
  version: 2,
}
export const CANCELLED_ORDER: OrderResource = { ...order, status: 'cancelled', cancelReason: 'by-buyer', version: 2 }

export const ORDER_HISTORY: OrderHistory = {
  orders: [ORDER],
  next: `${Date.parse(order.createdAt)}.${id}`,
}

const seenByOperator = {
  buyer: 'wq1VhF0rX2mJ8sLzC4yT7A',
  slot: '9m2KcV5tR8wXzQ1bN4hJ6g',
  paymentMethod: 'sim_ok',
  chargeBy: '2027-03-28T10:04:35.120Z',
}
export const OPERATOR_ORDER: OperatorOrderResource = {
  ...confirmed,
  ...seenByOperator,
  endedAt: '2027-03-28T10:00:06.004Z',
}
export const ORDER_CANCELLED_BY_OPERATOR: OperatorOrderResource = {
  ...OPERATOR_ORDER,
  status: 'cancelled',
  cancelReason: 'by-operator',
}
export const ORDER_BEING_REFUNDED: OperatorOrderResource = { ...OPERATOR_ORDER, status: 'refund_pending', version: 3 }
export const ORDER_WITH_REFUND: OperatorOrderResource = {
  ...OPERATOR_ORDER,
  version: 3,
  refundsMinor: order.totalMinor,
  refunds: [
    {
      ...{ id: '0c1d2e3f-4a5b-8c6d-9e7f-8a9b0c1d2e3f', status: 'requested', amountMinor: order.totalMinor },
      ...{ items: [{ sku, quantity: 1, amountMinor: order.totalMinor }], restock: true },
      ...{ requestedBy: 'operator', reason: 'arrived broken' },
      ...{ createdAt: '2027-03-29T09:00:00.000Z', updatedAt: '2027-03-29T09:00:00.000Z' },
    },
  ],
}
export const ORDER_PAGE: OrderPage = {
  orders: [{ id, status: 'confirmed', totalMinor: order.totalMinor, currency }],
  next: null,
}
export const CHARGEABILITY = { order: id, chargeable: true, status: 'pending' as const }

const item = { sku, name: 'Headphones', ...prices, total: 1_000, perBuyerLimit: 2 }
export const CATALOGUE_BODY: CatalogueBody = { currency, items: [item] }
export const CATALOGUE: CatalogueResource = { sale, ...CATALOGUE_BODY }
export const PUBLIC_CATALOGUE: PublicCatalogue = {
  sale,
  currency,
  items: [{ ...item, available: 998, soldOut: false }],
}
const figures = { available: 998, held: 1, sold: 1 }
export const STOCK: StockAudit = {
  agree: true,
  skus: [{ sku, total: 1_000, agree: true, redis: figures, postgres: figures }],
  vouchers: [{ campaign: 'spring', total: 1_000, agree: true, claimed: 250, issued: 250 }],
}

export const LEDGER: LedgerCheck = { ok: true, ordersDeleted: false, findings: [] }

export const VOUCHER_CAMPAIGN_BODY: z.input<typeof voucherCampaignBody> = {
  name: 'Spring voucher',
  discount: { kind: 'percentage', percent: 20, capMinor: 1_000 },
  minimumMinor: 2_500,
  total: 1_000,
  validFrom: null,
  validUntil: null,
}
const campaign = {
  ...{ campaign: 'spring', name: 'Spring voucher', minimumMinor: 2_500, total: 1_000 },
  discount: { kind: 'percentage' as const, percent: 20, capMinor: 1_000 },
  validFrom: null,
  validUntil: null,
}
export const VOUCHER_CAMPAIGN: VoucherCampaign = { ...campaign, sale, currency, issued: 412, reserved: 3, used: 120 }
export const PUBLIC_VOUCHERS: PublicVouchers = { sale, currency, campaigns: [{ ...campaign, available: 588 }] }
export const VOUCHER: Voucher = {
  ...{ sale, campaign: 'spring', state: 'issued', order: null },
  issuedAt: '2027-03-28T10:00:04.310Z',
}

export const PARKED = {
  parked: [
    {
      order: id,
      sale,
      fact: 'hold-expired' as const,
      reason: 'The held units of this order do not add up.',
      attempts: 1,
      parkedAt: '2027-03-28T10:06:00.000Z',
    },
  ],
}
export const PARKED_RETRIED = { order: id, outcome: 'moved' as const }
export const ERASABLE = { orders: [{ order: id, sale }], remaining: [] }
