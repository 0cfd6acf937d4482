import type { OrderLine } from '@floodgate/contracts'

/**
 * Divides an order's discount among its lines in proportion to what each costs, in whole minor units, by the largest
 * remainder; of equal remainders the earlier line comes first. The shares add up to the discount, none exceeds its
 * line, and the same order always has the same shares. A discount above the total of the lines is a `RangeError`.
 */
export function shareOfDiscount(lines: readonly OrderLine[], discountMinor: number): readonly number[] {
  // Products of two amounts of money exceed what a number holds exactly.
  const prices = lines.map(({ priceMinor, quantity }) => BigInt(priceMinor) * BigInt(quantity))
  const subtotal = prices.reduce((sum, price) => sum + price, 0n)
  const discount = BigInt(discountMinor)
  if (discount < 0n || discount > subtotal) throw new RangeError(`${discountMinor} cannot be taken off ${subtotal}`)
  if (discount === 0n) return lines.map(() => 0)
  const parts = prices.map((price, line) => {
    const product = price * discount
    return { line, whole: product / subtotal, remainder: product % subtotal }
  })
  const left = discount - parts.reduce((sum, { whole }) => sum + whole, 0n)
  const byRemainder = parts.toSorted((a, b) => Number(b.remainder > a.remainder) - Number(b.remainder < a.remainder))
  const raised = new Set(byRemainder.slice(0, Number(left)).map(({ line }) => line))
  return parts.map(({ line, whole }) => Number(whole) + (raised.has(line) ? 1 : 0))
}
