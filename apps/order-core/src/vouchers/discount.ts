import type { VoucherDiscount } from '@floodgate/contracts'

/** Returns what a discount takes off items that cost `subtotalMinor` together: whole minor units, never more than that. */
export function discountOf(discount: VoucherDiscount, subtotalMinor: number): number {
  if (discount.kind === 'fixed') return Math.min(discount.amountMinor, subtotalMinor)
  // The product may exceed what a number holds exactly.
  const share = Number((BigInt(subtotalMinor) * BigInt(discount.percent)) / 100n)
  return Math.min(share, discount.capMinor ?? share)
}

/** Returns the highest subtotal that a discount pays in full: such an order needs no payment method. */
export function freeUpToMinor(discount: VoucherDiscount): number {
  if (discount.kind === 'fixed') return discount.amountMinor
  return discount.percent === 100 ? (discount.capMinor ?? Number.MAX_SAFE_INTEGER) : 0
}
