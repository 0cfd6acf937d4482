import { minorUnitDigits } from '@floodgate/contracts'
import type { LockedOrder } from '../order/lock-orders.ts'
import { shareOfDiscount } from '../order/share-discount.ts'

export interface RefundLine {
  readonly sku: string
  readonly quantity: number
  readonly amountMinor: number
}

type Wanted = readonly { readonly sku: string; readonly quantity: number }[]

export type RefundPlan =
  | {
      readonly kind: 'planned'
      readonly lines: readonly RefundLine[]
      readonly amountMinor: number
      /** `whole`: with it nothing is left to refund. */
      readonly scope: 'part' | 'whole'
    }
  /** Fewer units of these items are left, or none were bought. */
  | { readonly kind: 'too-many'; readonly skus: readonly string[] }
  | { readonly kind: 'nothing-left' }

/**
 * Returns the minor units that shares are cut to: Stripe takes no smaller ones of these currencies
 * (docs.stripe.com/currencies#special-cases).
 */
function stepOf(currency: string): bigint {
  if (currency === 'MGA') return 100n
  return minorUnitDigits(currency) === 3 ? 10n : 1n
}

/**
 * Decides what a refund gives back: the wanted units, or all that are left after the earlier refunds. A unit costs its
 * share of what was paid for its line, in whole minor units, or tens of them with three digits; the last refund gives back
 * what was cut off. Whatever is refunded in whatever order, the amounts add up to the total and never beyond. Pure.
 */
export function planRefund(
  order: Pick<LockedOrder, 'lines' | 'discountMinor' | 'currency'>,
  earlier: readonly { readonly lines: readonly RefundLine[] }[],
  wanted?: Wanted,
): RefundPlan {
  const refunded = new Map<string, number>()
  for (const { sku, quantity } of earlier.flatMap(({ lines }) => lines))
    refunded.set(sku, (refunded.get(sku) ?? 0) + quantity)
  const shares = shareOfDiscount(order.lines, order.discountMinor)
  const bought = order.lines.map(({ sku, quantity, priceMinor }, index) => {
    const before = refunded.get(sku) ?? 0
    return { sku, quantity, before, left: quantity - before, paid: priceMinor * quantity - (shares[index] ?? 0) }
  })
  const asked = new Map(
    wanted?.map(({ sku, quantity }) => [sku, quantity]) ?? bought.map(({ sku, left }) => [sku, left]),
  )
  const leftOf = (sku: string): number => bought.find((line) => line.sku === sku)?.left ?? 0
  const skus = [...asked].filter(([sku, quantity]) => quantity > leftOf(sku)).map(([sku]) => sku)
  if (skus.length > 0) return { kind: 'too-many', skus }
  const step = stepOf(order.currency)
  const lines: readonly RefundLine[] = bought.flatMap(({ sku, quantity, before, paid }) => {
    const units = asked.get(sku) ?? 0
    if (units === 0) return []
    const upTo = (count: number) => ((BigInt(paid) * BigInt(count)) / BigInt(quantity) / step) * step
    return [{ sku, quantity: units, amountMinor: Number(upTo(before + units) - upTo(before)) }]
  })
  if (lines.length === 0) return { kind: 'nothing-left' }
  if (bought.some(({ sku, left }) => (asked.get(sku) ?? 0) !== left))
    return { kind: 'planned', lines, amountMinor: sumOf(lines), scope: 'part' }
  const paid = bought.reduce((sum, line) => sum + line.paid, 0)
  const amountMinor = paid - sumOf(earlier.flatMap((refund) => refund.lines))
  const cutOff = amountMinor - sumOf(lines)
  const all = lines.map((line, index) =>
    index === lines.length - 1 ? { ...line, amountMinor: line.amountMinor + cutOff } : line,
  )
  return { kind: 'planned', lines: all, amountMinor, scope: 'whole' }
}

const sumOf = (lines: readonly RefundLine[]): number => lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0)
