import type { AppliedVoucher, CancelReason, OrderLine, OrderPlaced, OrderStatus } from '@floodgate/contracts'

/** An order as stored in the ledger. Code that needs less picks from it; a new field begins here and in `COLUMNS`. */
export interface Order {
  readonly id: string
  readonly sale: string
  readonly buyer: string
  readonly slot: string
  readonly requestHash: string
  readonly status: OrderStatus
  /** Kept through a refund, and by an expired order that a late payment confirmed. */
  readonly cancelReason: CancelReason | null
  /** What is paid: the total of the lines without the discount. */
  readonly totalMinor: number
  readonly currency: string
  readonly paymentMethod: string
  /** Empty once the address was erased. */
  readonly sealedEmail: string
  readonly traceparent: string | null
  /** Language of the request that placed it (BCP 47), for mails; null: unknown. */
  readonly language: string | null
  /** The campaign of the voucher that it was placed with; null: none. */
  readonly voucher: string | null
  /** What the voucher took off the total of the lines. */
  readonly discountMinor: number
  readonly createdAt: Date
  readonly committedAt: Date
  readonly holdExpiresAt: Date
  readonly chargeBy: Date
  /** How much later both are than when it was placed, because payments were delayed. */
  readonly stretchedMs: number
  /** What its refunds give back, requested ones included; 0 also for an order that is refunded because it was over. */
  readonly refundsMinor: number
  /** How many of its units its refunds cover; null: it has none. */
  readonly refundScope: 'part' | 'whole' | null
  readonly endedAt: Date | null
  /** When a late payment confirmed it after its hold had expired; null: none did. */
  readonly revivedAt: Date | null
  readonly updatedAt: Date
  readonly version: number
  /** Where the buyer has to agree to the payment; null: nowhere, as far as is known. Only a pending order shows it. */
  readonly paymentUrl: string | null
  /** Sorted by SKU. */
  readonly lines: readonly OrderLine[]
}

/** The source of each field of an order; `o` is its row in `orders.orders`. */
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
  voucher: 'o.voucher',
  discountMinor: 'o.discount_minor',
  createdAt: 'o.created_at',
  committedAt: 'o.committed_at',
  holdExpiresAt: 'o.hold_expires_at',
  chargeBy: 'o.charge_by',
  stretchedMs: 'o.stretched_ms',
  refundsMinor: 'o.refunds_minor',
  refundScope: 'o.refund_scope',
  endedAt: 'o.ended_at',
  revivedAt: 'o.revived_at',
  updatedAt: 'o.updated_at',
  version: 'o.version',
  paymentUrl: 'o.payment_url',
  lines: `coalesce((
    select json_agg(json_build_object('sku', sku, 'quantity', quantity, 'priceMinor', price_minor) order by position)
    from orders.order_lines where order_id = o.id), '[]')`,
}

export const ORDER_FIELDS = Object.keys(COLUMNS) as readonly (keyof Order)[]

/** Returns the fields as a `select` list, for statements over `orders.orders o`. */
export function columnsOf(fields: readonly (keyof Order)[]): string {
  return fields.map((field) => `${COLUMNS[field]} as "${field}"`).join(', ')
}

/** The fields that an order has when it is written, each with its type as a parameter; see write-orders.ts. */
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
  voucher: 'text',
  discountMinor: 'bigint',
} as const satisfies Partial<Record<keyof Order, string>>

/** The values that replace an erased buyer's data; `undefined` keeps the value. The caller renames the buyer. */
const ERASED: Readonly<Record<keyof typeof WRITTEN, string | undefined>> = {
  ...{ id: undefined, buyer: undefined, slot: undefined, currency: undefined },
  ...{ voucher: undefined, discountMinor: undefined },
  ...{ requestHash: "''", paymentMethod: "''", sealedEmail: "''", traceparent: 'null', language: 'null' },
}

/** The assignments of an `update` that erases. */
export const ERASE = Object.entries(ERASED)
  .filter(([, value]) => value !== undefined)
  .map(([field, value]) => `${COLUMNS[field as keyof Order].replace('o.', '')} = ${value}`)
  .concat('payment_url = null')
  .join(', ')

/** An order whose stock is held, not written yet. */
export type HeldOrder = Pick<Order, keyof typeof WRITTEN | 'sale' | 'lines'>

/** The fields that the hold script does not judge: Redis carries them unchanged, for the resolver of overdue holds. */
export type OrderDraft = Omit<
  HeldOrder,
  'id' | 'sale' | 'buyer' | 'slot' | 'requestHash' | 'currency' | 'lines' | 'discountMinor'
>

/** The draft of a hold that has lost its own. */
export const NO_DRAFT: OrderDraft = {
  paymentMethod: '',
  sealedEmail: '',
  traceparent: '',
  language: null,
  voucher: null,
}

/** A held order on its way into the ledger. */
export interface NewOrder extends HeldOrder {
  /** The fence's epoch in which its hold was taken. */
  readonly epoch: number
  /** Sealed as in `order.placed.v2`; undefined: the event is version 1, with the method in clear text. */
  readonly sealedPaymentMethod: string | undefined
}

/** The fields of an order that a buyer sees. */
export const BUYER_FIELDS = [
  ...(['id', 'sale', 'buyer', 'status', 'cancelReason', 'totalMinor', 'currency'] as const),
  ...([
    'voucher',
    'discountMinor',
    'createdAt',
    'holdExpiresAt',
    'version',
    'revivedAt',
    'paymentUrl',
    'lines',
  ] as const),
  ...(['refundsMinor', 'refundScope'] as const),
]
export type BuyerOrder = Pick<Order, (typeof BUYER_FIELDS)[number]>

/** The fields that an order's moves and events need. */
export const MOVING_FIELDS = [
  ...(['id', 'sale', 'buyer', 'slot', 'status', 'cancelReason', 'totalMinor', 'currency', 'sealedEmail'] as const),
  ...([
    'voucher',
    'discountMinor',
    'createdAt',
    'holdExpiresAt',
    'version',
    'revivedAt',
    'paymentUrl',
    'traceparent',
  ] as const),
  ...(['refundsMinor', 'refundScope'] as const),
]
export type MovingOrder = Pick<Order, (typeof MOVING_FIELDS)[number]>

/** Returns what the lines cost together, before any discount. */
export function subtotalMinorOf(lines: readonly OrderLine[]): number {
  return lines.reduce((total, line) => total + line.priceMinor * line.quantity, 0)
}

/** Returns what an order costs: its lines without its discount. */
export function totalMinorOf({ lines, discountMinor }: Pick<Order, 'lines' | 'discountMinor'>): number {
  return subtotalMinorOf(lines) - discountMinor
}

/** The fields of the response to `POST /orders`. A new order's hold has not been stretched yet. */
export type PlacedOrder = Pick<
  Order,
  'id' | 'sale' | 'lines' | 'voucher' | 'discountMinor' | 'currency' | 'createdAt' | 'holdExpiresAt'
> &
  Partial<Pick<Order, 'stretchedMs'>>

/**
 * Builds the response to `POST /orders`, byte for byte the same at every repetition of the key, also after the hold was
 * stretched or the order ended.
 */
export function orderPlacedResponse(order: PlacedOrder): OrderPlaced {
  const holdExpiresMs = order.holdExpiresAt.getTime() - (order.stretchedMs ?? 0)
  return {
    id: order.id,
    sale: order.sale,
    status: 'pending',
    items: order.lines.map(({ sku, quantity, priceMinor }) => ({ sku, quantity, priceMinor })),
    ...discountShownOf(order),
    totalMinor: totalMinorOf(order),
    currency: order.currency,
    createdAt: order.createdAt.toISOString(),
    holdExpiresAt: new Date(holdExpiresMs).toISOString(),
  }
}

/** Returns what a response states about the voucher of an order: nothing where it has none. */
export function discountShownOf({
  lines,
  voucher,
  discountMinor,
}: Pick<Order, 'lines' | 'voucher' | 'discountMinor'>): Partial<AppliedVoucher> {
  return voucher === null ? {} : { voucher, subtotalMinor: subtotalMinorOf(lines), discountMinor }
}
