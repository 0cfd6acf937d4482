import type { CancelReason, OrderLine, OrderPlaced, OrderStatus } from '@floodgate/contracts'

/** An order as it stands in the ledger. Whoever needs less picks from it; a new field begins here and in `COLUMNS`. */
export interface Order {
  readonly id: string
  readonly sale: string
  readonly buyer: string
  readonly slot: string
  readonly requestHash: string
  readonly status: OrderStatus
  /** Kept through a refund. */
  readonly cancelReason: CancelReason | null
  readonly totalMinor: number
  readonly currency: string
  readonly paymentMethod: string
  /** Empty when nobody knows it any more. */
  readonly sealedEmail: string
  readonly traceparent: string | null
  /** Of the request that placed it (BCP 47), for mails; null: not known. */
  readonly language: string | null
  readonly createdAt: Date
  readonly committedAt: Date
  readonly holdExpiresAt: Date
  readonly chargeBy: Date
  readonly endedAt: Date | null
  readonly updatedAt: Date
  readonly version: number
  /** Sorted by SKU. */
  readonly lines: readonly OrderLine[]
}

/** Where each field of an order is read from; `o` is its row in `orders.orders`. */
export const COLUMNS: Readonly<Record<keyof Order, string>> = {
  id: 'o.id',
  sale: 'o.sale',
  buyer: 'o.buyer',
  slot: 'o.slot',
  requestHash: 'o.request_hash',
  status: 'o.status',
  cancelReason: 'o.cancel_reason',
  totalMinor: 'o.total_minor',
  currency: 'o.currency',
  paymentMethod: 'o.payment_method',
  sealedEmail: 'o.sealed_email',
  traceparent: 'o.traceparent',
  language: 'o.language',
  createdAt: 'o.created_at',
  committedAt: 'o.committed_at',
  holdExpiresAt: 'o.hold_expires_at',
  chargeBy: 'o.charge_by',
  endedAt: 'o.ended_at',
  updatedAt: 'o.updated_at',
  version: 'o.version',
  lines: `coalesce((
    select json_agg(json_build_object('sku', sku, 'quantity', quantity, 'priceMinor', price_minor) order by position)
    from orders.order_lines where order_id = o.id), '[]')`,
}

export const ORDER_FIELDS = Object.keys(COLUMNS) as readonly (keyof Order)[]

/** The fields as a `select` list, for statements over `orders.orders o`. */
export function columnsOf(fields: readonly (keyof Order)[]): string {
  return fields.map((field) => `${COLUMNS[field]} as "${field}"`).join(', ')
}

/** What an order brings along when it is written, each with its type as a parameter; see write-orders.ts. */
export const WRITTEN = {
  id: 'uuid',
  buyer: 'text',
  slot: 'text',
  requestHash: 'text',
  currency: 'text',
  paymentMethod: 'text',
  sealedEmail: 'text',
  traceparent: 'text',
  language: 'text',
} as const satisfies Partial<Record<keyof Order, string>>

/** What erasing its buyer puts in place of each of these; `undefined`: it stays. The caller renames the buyer. */
const ERASED: Readonly<Record<keyof typeof WRITTEN, string | undefined>> = {
  ...{ id: undefined, buyer: undefined, slot: undefined, currency: undefined },
  ...{ requestHash: "''", paymentMethod: "''", sealedEmail: "''", traceparent: 'null', language: 'null' },
}

/** The assignments of an `update` that erases. */
export const ERASE = Object.entries(ERASED)
  .filter(([, value]) => value !== undefined)
  .map(([field, value]) => `${COLUMNS[field as keyof Order].replace('o.', '')} = ${value}`)
  .join(', ')

/** An order whose stock is held, not written yet. */
export type HeldOrder = Pick<Order, keyof typeof WRITTEN | 'sale' | 'lines'>

/** What the hold script does not judge: Redis carries it as it is, for the resolver of overdue holds. */
export type OrderDraft = Omit<HeldOrder, 'id' | 'sale' | 'buyer' | 'slot' | 'requestHash' | 'currency' | 'lines'>

/** Of a hold whose draft is gone. */
export const NO_DRAFT: OrderDraft = { paymentMethod: '', sealedEmail: '', traceparent: '', language: null }

/** A held order on its way into the ledger. */
export interface NewOrder extends HeldOrder {
  /** The fence's epoch that its hold was taken in. */
  readonly epoch: number
  /** As `order.placed.v2` carries it; undefined: the event is version 1, with the method in clear. */
  readonly sealedPaymentMethod: string | undefined
}

/** What a buyer sees of an order. */
export const BUYER_FIELDS = [
  ...(['id', 'sale', 'buyer', 'status', 'cancelReason', 'totalMinor', 'currency'] as const),
  ...(['createdAt', 'holdExpiresAt', 'version', 'lines'] as const),
]
export type BuyerOrder = Pick<Order, (typeof BUYER_FIELDS)[number]>

/** What an order's moves are decided on and its events tell. */
export const MOVING_FIELDS = [
  ...(['id', 'sale', 'buyer', 'slot', 'status', 'cancelReason', 'totalMinor', 'currency', 'sealedEmail'] as const),
  ...(['createdAt', 'holdExpiresAt', 'version', 'traceparent'] as const),
]
export type MovingOrder = Pick<Order, (typeof MOVING_FIELDS)[number]>

export function totalMinorOf(lines: readonly OrderLine[]): number {
  return lines.reduce((total, line) => total + line.priceMinor * line.quantity, 0)
}

/** What the answer to `POST /orders` is made of: columns that never change. */
export type PlacedOrder = Pick<Order, 'id' | 'sale' | 'lines' | 'currency' | 'createdAt' | 'holdExpiresAt'>

/** The answer to `POST /orders`, byte for byte the same at every repetition of the key, also after the order ended. */
export function orderPlacedAnswer(order: PlacedOrder): OrderPlaced {
  return {
    id: order.id,
    sale: order.sale,
    status: 'pending',
    items: order.lines.map(({ sku, quantity, priceMinor }) => ({ sku, quantity, priceMinor })),
    totalMinor: totalMinorOf(order.lines),
    currency: order.currency,
    createdAt: order.createdAt.toISOString(),
    holdExpiresAt: order.holdExpiresAt.toISOString(),
  }
}
