import type { NewOrder } from '../order/order.ts'
import type { Shortage } from '../stock/shortage.ts'

/** What the locked rows of the ledger leave available. */
export interface Availability {
  readonly catalogueVersion: number
  /** sku → units left; a missing SKU has left the catalogue. */
  readonly stock: ReadonlyMap<string, { readonly available: number; readonly unsold: number; readonly limit: number }>
  /** `unitsKey` → units that a buyer holds or bought */
  readonly units: ReadonlyMap<string, number>
  /** `voucherKey` of the vouchers that no order has. */
  readonly vouchers: ReadonlySet<string>
}

export type LedgerRejection =
  | (ByCatalogue & { readonly kind: 'sold-out'; readonly shortages: readonly Shortage[] })
  | (ByCatalogue & { readonly kind: 'over-limit'; readonly skus: readonly string[] })
  /** Another order has its voucher, or the buyer has none. */
  | { readonly kind: 'voucher-used' }

interface ByCatalogue {
  /** The version whose totals and limits were judged by. */
  readonly catalogueVersion: number
}

/** Builds the key of a buyer's units. An SKU has no `|`, so that the key is unambiguous for any buyer id. */
export function unitsKey(sku: string, buyer: string): string {
  return `${sku}|${buyer}`
}

/** Builds the key of a buyer's voucher. A campaign has no `|`. */
export function voucherKey(campaign: string, buyer: string): string {
  return `${campaign}|${buyer}`
}

/** Selects the orders that fit, in order of arrival, each with all of its lines or none. */
export function allocate(
  orders: readonly NewOrder[],
  availability: Availability,
): { readonly allocated: readonly NewOrder[]; readonly rejected: ReadonlyMap<string, LedgerRejection> } {
  const { catalogueVersion } = availability
  const available = new Map([...availability.stock].map(([sku, row]) => [sku, row.available]))
  const units = new Map(availability.units)
  const vouchers = new Set(availability.vouchers)
  const allocated: NewOrder[] = []
  const rejected = new Map<string, LedgerRejection>()
  for (const order of orders) {
    const owned = (sku: string) => units.get(unitsKey(sku, order.buyer)) ?? 0
    const over = order.lines.filter(
      (line) => owned(line.sku) + line.quantity > (availability.stock.get(line.sku)?.limit ?? Infinity),
    )
    const short = order.lines.filter((line) => (available.get(line.sku) ?? 0) < line.quantity)
    const voucher = order.voucher === null ? undefined : voucherKey(order.voucher, order.buyer)
    if (voucher !== undefined && !vouchers.has(voucher)) rejected.set(order.id, { kind: 'voucher-used' })
    else if (over.length > 0)
      rejected.set(order.id, { kind: 'over-limit', catalogueVersion, skus: over.map((line) => line.sku) })
    else if (short.length > 0)
      rejected.set(order.id, {
        kind: 'sold-out',
        catalogueVersion,
        shortages: short.map(({ sku, quantity }) => ({
          sku,
          quantity,
          available: Math.max(0, available.get(sku) ?? 0),
          unsold: Math.max(0, availability.stock.get(sku)?.unsold ?? 0),
        })),
      })
    else {
      allocated.push(order)
      if (voucher !== undefined) vouchers.delete(voucher)
      for (const { sku, quantity } of order.lines) {
        available.set(sku, (available.get(sku) ?? 0) - quantity)
        units.set(unitsKey(sku, order.buyer), owned(sku) + quantity)
      }
    }
  }
  return { allocated, rejected }
}
