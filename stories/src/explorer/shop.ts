import type { FloodgateEvent } from '@floodgate/contracts'
import { requestHashOf } from '../../../apps/order-core/src/checkout/request-hash.ts'
import { orderIdOf } from '../../../apps/order-core/src/order/order-id.ts'
import { saleKeys } from '../../../apps/order-core/src/stock/keys.ts'
import type { Reply } from './replay.ts'
import type { Setting } from './state.ts'

export const SALE = 'explored'
export const SKU = 'tea'
const PRICE_MINOR = 5
export const BODY = { items: [{ sku: SKU, quantity: 1 }], email: 'ann@example.com', paymentMethod: 'sim_ok' }
export const HASH = requestHashOf(BODY)
export const KEYS = saleKeys(SALE)

export const PAST = new Date('2020-01-01T00:00:00.000Z')
export const NOW = new Date('2026-01-01T00:00:00.000Z')
export const LATER = new Date('2100-01-01T00:00:00.000Z')

export interface ExploredOrder {
  readonly id: string
  readonly key: string
  readonly buyer: string
  readonly slot: string
  readonly priceMinor: number
  /** Its name in traces. */
  readonly name: string
}

export function ordersOf({ orders, priceMinor = PRICE_MINOR }: Setting): readonly ExploredOrder[] {
  return orders.map(({ buyer, slot }, index) => {
    const key = `key-${index}`
    const name = String.fromCharCode(65 + index)
    return { id: orderIdOf({ sale: SALE, buyer, key }), key, buyer, slot, priceMinor, name }
  })
}

const order = ({ id, buyer, slot, priceMinor }: ExploredOrder) => ({
  order: id,
  sale: SALE,
  buyer,
  slot,
  items: [{ sku: SKU, quantity: 1, priceMinor }],
  totalMinor: priceMinor,
  currency: 'EUR',
  createdAt: NOW.toISOString(),
  holdExpiresAt: LATER.toISOString(),
  sealedEmail: 'sealed',
})

/** Returns the event for a label such as `order.cancelled:expired`, `order.confirmed:revived` or `order.refund-requested:3`. */
export function eventOf(of: ExploredOrder, label: string): FloodgateEvent {
  const [name, detail] = label.split(':')
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
    amountMinor: of.priceMinor,
    currency: 'EUR',
    charge: 'charge',
    reason: 'declined',
  }
  const placed = { sealedPaymentMethod: 'sealed', chargeBy: LATER.toISOString() }
  const revived = detail === 'revived' ? { revived: true } : {}
  const data = label.startsWith('payment.') ? payment : { ...order(of), reason: detail, ...placed, ...revived }
  return { ...common, aggregateVersion, data } as unknown as FloodgateEvent
}

const TIMES = new Map([PAST, NOW, LATER].map((time) => [time.toISOString(), time]))

/** Restores a reply. Replies are stored as text; times are parsed again. */
export function revive(reply: string): Reply {
  return JSON.parse(reply, (_, value: unknown) =>
    typeof value === 'string' ? (TIMES.get(value) ?? value) : value,
  ) as Reply
}
