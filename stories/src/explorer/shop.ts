import type { FloodgateEvent, OrderRequest } from '@floodgate/contracts'
import { requestHashOf } from '../../../apps/order-core/src/checkout/request-hash.ts'
import { orderIdOf, refundIdOf } from '../../../apps/order-core/src/order/order-id.ts'
import { saleKeys } from '../../../apps/order-core/src/stock/keys.ts'
import type { Reply } from './replay.ts'
import type { Setting } from './state.ts'

export const SALE = 'explored'
export const SKU = 'tea'
const PRICE_MINOR = 5
export const CAMPAIGN = 'spring'
export const PAYMENT_METHOD = 'sim_ok'
export const KEYS = saleKeys(SALE)

export const PAST = new Date('2020-01-01T00:00:00.000Z')
export const NOW = new Date('2026-01-01T00:00:00.000Z')
export const LATER = new Date('2100-01-01T00:00:00.000Z')

export interface ExploredOrder {
  readonly id: string
  readonly key: string
  readonly buyer: string
  readonly slot: string
  readonly quantity: number
  /** Price of its units. */
  readonly priceMinor: number
  /** What is paid for it, if it is placed. */
  readonly totalMinor: number
  readonly body: OrderRequest
  readonly hash: string
  /** Refunds of it that an operator may request. */
  readonly refunds: readonly { readonly id: string; readonly units: number | undefined; readonly restock: boolean }[]
  /** Its name in traces. */
  readonly name: string
}

export function ordersOf(setting: Setting): readonly ExploredOrder[] {
  const { orders, campaign, quantity = 1, priceMinor: unitMinor = PRICE_MINOR } = setting
  const priceMinor = quantity * unitMinor
  return orders.map(({ buyer, slot, voucher }, index) => {
    const key = `key-${index}`
    const name = String.fromCharCode(65 + index)
    const body: OrderRequest = {
      ...{ items: [{ sku: SKU, quantity }], email: 'ann@example.com', paymentMethod: PAYMENT_METHOD },
      ...(voucher === true && { voucher: CAMPAIGN }),
    }
    const discountMinor = voucher === true ? Math.min(priceMinor, campaign?.amountMinor ?? 0) : 0
    const totalMinor = priceMinor - discountMinor
    const id = orderIdOf({ sale: SALE, buyer, key })
    const refunds = (setting.refunds ?? []).map(({ units, restock }, number) => ({
      ...{ id: refundIdOf({ order: id, key: String(number) }), units, restock },
    }))
    return { id, key, buyer, slot, quantity, priceMinor, totalMinor, body, hash: requestHashOf(body), refunds, name }
  })
}

/** Returns the price of the one item. */
export function unitPriceOf([order]: readonly ExploredOrder[]): number {
  return order === undefined ? 0 : order.priceMinor / order.quantity
}

const lineOf = ({ priceMinor, quantity }: ExploredOrder, units = quantity) => ({
  ...{ sku: SKU, quantity: units, priceMinor: priceMinor / quantity },
})

const order = (of: ExploredOrder) => ({
  order: of.id,
  sale: SALE,
  buyer: of.buyer,
  slot: of.slot,
  items: [lineOf(of)],
  totalMinor: of.totalMinor,
  currency: 'EUR',
  createdAt: NOW.toISOString(),
  holdExpiresAt: LATER.toISOString(),
  sealedEmail: 'sealed',
})

/**
 * Returns the event for a label such as `order.cancelled:expired`, `order.confirmed:revived` or `order.refund-requested:3`.
 * The index of a refund of a paid order follows, with its amount and units: `order.refund-requested:3:0:7:1`.
 */
export function eventOf(of: ExploredOrder, label: string): FloodgateEvent {
  const [name, detail, index, amountMinor, units] = label.split(':')
  const refund = index === undefined ? undefined : of.refunds[Number(index)]
  const common = {
    id: of.id,
    source: 'explorer',
    time: NOW.toISOString(),
    type: name === 'order.placed' ? 'order.placed.v2' : `${name}.v1`,
  }
  const aggregateVersion = name === 'order.refund-requested' ? Number(detail) : 1
  const payment = {
    order: of.id,
    sale: SALE,
    amountMinor: refund === undefined ? of.totalMinor : Number(amountMinor),
    currency: 'EUR',
    charge: 'charge',
    reason: 'declined',
    ...(refund && { refund: refund.id }),
  }
  const placed = { sealedPaymentMethod: 'sealed', chargeBy: LATER.toISOString() }
  const revived = detail === 'revived' ? { revived: true } : {}
  const refunded = refund && {
    ...{ id: refund.id, amountMinor: Number(amountMinor), items: [lineOf(of, Number(units))], restock: refund.restock },
  }
  const moved = { ...order(of), reason: detail, ...placed, ...revived, ...(refunded && { refund: refunded }) }
  const data = label.startsWith('payment.') ? payment : moved
  return { ...common, aggregateVersion, data } as unknown as FloodgateEvent
}

const TIMES = new Map([PAST, NOW, LATER].map((time) => [time.toISOString(), time]))

/** Restores a reply. Replies are stored as text; times are parsed again. */
export function revive(reply: string): Reply {
  return JSON.parse(reply, (_, value: unknown) =>
    typeof value === 'string' ? (TIMES.get(value) ?? value) : value,
  ) as Reply
}
