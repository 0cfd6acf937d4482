import type { NamedOrder } from './order-screen.ts'

export interface RefundRow {
  /** Absent where the refund is of the whole order. */
  readonly items?: readonly { readonly sku: string; readonly quantity: number }[]
  readonly amountMinor: number
  /** The provider has made it; otherwise it is on its way. */
  readonly made: boolean
}

/**
 * Returns what an order's buyer gets back. A payment that came after the order's end goes back as a whole. Without the
 * refunds, which the socket leaves out, their sum counts as on its way until the order is read.
 */
export function refundRowsOf(order: NamedOrder): readonly RefundRow[] {
  const { status, totalMinor, refundsMinor, refunds } = order
  if (totalMinor === 0) return []
  if (refunds !== undefined)
    return refunds.map(({ items, amountMinor, status: its }) => ({
      ...(isWhole(order, items) ? {} : { items }),
      amountMinor,
      made: its === 'refunded' || status === 'refunded',
    }))
  if (status === 'refund_pending' || status === 'refunded')
    return [{ amountMinor: refundsMinor ?? totalMinor, made: status === 'refunded' }]
  return refundsMinor === undefined ? [] : [{ amountMinor: refundsMinor, made: false }]
}

const isWhole = (order: NamedOrder, items: NonNullable<RefundRow['items']>): boolean =>
  order.items.every(({ sku, quantity }) => items.some((each) => each.sku === sku && each.quantity === quantity))
