import type { OrderLine, OrderPlaced } from '@floodgate/contracts'

/** An order whose stock is held, on its way into the ledger. */
export interface NewOrder {
  readonly id: string
  readonly sale: string
  readonly buyer: string
  readonly slot: string
  readonly requestHash: string
  /** The fence's epoch that its hold was taken in. */
  readonly epoch: number
  readonly currency: string
  readonly paymentMethod: string
  /** As `order.placed.v2` carries it; undefined: the event is version 1, with the method in clear. */
  readonly sealedPaymentMethod: string | undefined
  readonly sealedEmail: string
  readonly traceparent: string
  /** That its buyer reads (BCP 47); undefined: not known. */
  readonly language?: string | undefined
  /** Sorted by SKU. */
  readonly lines: readonly OrderLine[]
}

/** An order that was held and is not to come about. */
export interface HeldOrder {
  readonly id: string
  readonly sale: string
  readonly buyer: string
  readonly slot: string
  readonly requestHash: string
  readonly currency: string
  readonly paymentMethod: string
  /** Empty when nobody knows it any more. */
  readonly sealedEmail: string
  readonly traceparent: string
  readonly lines: readonly OrderLine[]
}

/** An order as it stands in the ledger. */
export interface StoredOrder extends Omit<NewOrder, 'epoch' | 'sealedPaymentMethod' | 'language'> {
  readonly status: 'pending' | 'confirmed' | 'cancelled' | 'refund_pending' | 'refunded' | 'refund_parked'
  readonly cancelReason: string | null
  readonly totalMinor: number
  readonly createdAt: Date
  readonly holdExpiresAt: Date
  readonly version: number
}

export const totalMinorOf = (lines: readonly OrderLine[]): number =>
  lines.reduce((total, line) => total + line.priceMinor * line.quantity, 0)

/**
 * The answer to `POST /orders`. Made of columns that never change, so that it is byte for byte the same at every
 * repetition of the key, also after the order ended: `status` tells how it began.
 */
export const orderPlacedAnswer = (
  order: Pick<StoredOrder, 'id' | 'sale' | 'lines' | 'currency' | 'createdAt' | 'holdExpiresAt'>,
): OrderPlaced => ({
  id: order.id,
  sale: order.sale,
  status: 'pending',
  items: order.lines.map(({ sku, quantity, priceMinor }) => ({ sku, quantity, priceMinor })),
  totalMinor: totalMinorOf(order.lines),
  currency: order.currency,
  createdAt: order.createdAt.toISOString(),
  holdExpiresAt: order.holdExpiresAt.toISOString(),
})
