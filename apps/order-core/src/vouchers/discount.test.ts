import type { VoucherDiscount } from '@floodgate/contracts'
import { describe, expect, it } from 'vitest'
import { discountOf, freeUpToMinor } from './discount.ts'

const fixed = (amountMinor: number): VoucherDiscount => ({ kind: 'fixed', amountMinor })
const percentage = (percent: number, capMinor?: number): VoucherDiscount => ({
  kind: 'percentage',
  percent,
  ...(capMinor === undefined ? {} : { capMinor }),
})
const LARGEST = Number.MAX_SAFE_INTEGER

describe('a discount', () => {
  it.each([
    [fixed(500), 2_000, 500],
    [fixed(500), 500, 500],
    [fixed(500), 499, 499],
    [fixed(500), 0, 0],
    [percentage(20), 999, 199],
    [percentage(1), 99, 0],
    [percentage(20, 100), 999, 100],
    [percentage(20, 300), 999, 199],
    [percentage(100), 999, 999],
    [percentage(100, 500), 999, 500],
    [percentage(99), LARGEST, 8_917_127_262_193_581],
    [percentage(100), LARGEST, LARGEST],
  ])('of %j off %i is %i', (discount, subtotal, expected) => {
    expect(discountOf(discount, subtotal)).toBe(expected)
  })

  it.each([fixed(500), percentage(99), percentage(50, 10), percentage(100), percentage(100, 700)])(
    'of %j pays in full exactly what it says',
    (discount) => {
      const upTo = freeUpToMinor(discount)
      if (upTo > 0) expect(discountOf(discount, upTo)).toBe(upTo)
      if (upTo < LARGEST) expect(discountOf(discount, upTo + 1)).toBeLessThan(upTo + 1)
    },
  )
})
