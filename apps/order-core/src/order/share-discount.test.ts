import { describe, expect, it } from 'vitest'
import { shareOfDiscount } from './share-discount.ts'

const line = (priceMinor: number, quantity = 1) => ({ sku: `at-${priceMinor}`, quantity, priceMinor })

describe('the share of a discount', () => {
  it.each([
    { lines: [line(1_000)], discount: 300, shares: [300] },
    { lines: [line(100), line(100), line(100)], discount: 100, shares: [34, 33, 33] },
    { lines: [line(1), line(2)], discount: 1, shares: [0, 1] },
    { lines: [line(300, 2), line(400)], discount: 500, shares: [300, 200] },
    { lines: [line(0), line(50)], discount: 50, shares: [0, 50] },
    { lines: [line(0)], discount: 0, shares: [0] },
    { lines: [], discount: 0, shares: [] },
  ])('of $discount follows what each line costs: $shares', ({ lines, discount, shares }) => {
    expect(shareOfDiscount(lines, discount)).toEqual(shares)
  })

  it('adds up to the discount and exceeds no line, for any prices', () => {
    for (let seed = 1; seed < 2_000; seed += 1) {
      const lines = Array.from({ length: 1 + (seed % 7) }, (_, n) =>
        line((seed * (n + 3) * 7_919) % 1_009, 1 + (n % 3)),
      )
      const prices = lines.map(({ priceMinor, quantity }) => priceMinor * quantity)
      const subtotal = prices.reduce((sum, price) => sum + price, 0)
      const discount = (seed * 104_729) % (subtotal + 1)
      const shares = shareOfDiscount(lines, discount)
      expect(shares.reduce((sum, share) => sum + share, 0)).toBe(discount)
      expect(shares.every((share, n) => share >= 0 && share <= (prices[n] ?? 0))).toBe(true)
    }
  })

  it('is exact for the largest amounts', () => {
    const half = (Number.MAX_SAFE_INTEGER - 1) / 2
    expect(shareOfDiscount([line(half), line(half)], Number.MAX_SAFE_INTEGER - 2)).toEqual([half, half - 1])
  })

  it('of more than the lines cost is an error', () => {
    expect(() => shareOfDiscount([line(5)], 6)).toThrow(RangeError)
    expect(() => shareOfDiscount([line(5)], -1)).toThrow(RangeError)
  })
})
