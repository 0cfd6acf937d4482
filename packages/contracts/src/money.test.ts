import { describe, expect, it } from 'vitest'
import { decimalAmount, formatMoney, isCurrency, minorUnitDigits } from './money.ts'
import { activeCurrency, currency } from './text.ts'

it.each([
  [0, 'EUR', '€0.00'],
  [7, 'EUR', '€0.07'],
  [12_450, 'EUR', '€124.50'],
  [500, 'JPY', '¥500'],
  [1_999_000, 'HUF', 'HUF 19,990.00'],
  [1_234, 'KWD', 'KWD 1.234'],
  [1_234, 'IQD', 'IQD 1.234'],
  [12_345, 'CLF', 'CLF 1.2345'],
  [Number.MAX_SAFE_INTEGER, 'USD', '$90,071,992,547,409.91'],
])('%i of %s is %s', (amount, code, shown) => {
  expect(formatMoney(amount, code, 'en').replaceAll('\u00a0', ' ')).toBe(shown)
})

it.each(['HUF', 'IDR', 'COP', 'PKR', 'ALL', 'LBP', 'AFN', 'IRR', 'LAK', 'MMK', 'SOS', 'SYP', 'YER', 'MGA'])(
  '%s has two digits, whatever the platform shows',
  (code) => {
    expect(minorUnitDigits(code)).toBe(2)
    expect(formatMoney(123, code, 'en')).toContain('1.23')
  },
)

it('a decimal amount is exact for every number of digits', () => {
  expect(decimalAmount(5, 'KWD')).toBe('0.005')
  expect(decimalAmount(5, 'KRW')).toBe('5')
  expect(decimalAmount(1_000, 'EUR')).toBe('10.00')
})

describe('a code that is not in the table', () => {
  it.each(['ZZZ', 'XXX', 'XTS', 'XAU', 'DEM', 'BGN', 'eur', 'EU', ''])('%s is not sold in', (code) => {
    expect(isCurrency(code)).toBe(false)
    expect(activeCurrency.safeParse(code).success).toBe(false)
  })
  it('is read and shown all the same: orders outlive currencies', () => {
    expect(currency.parse('HRK')).toBe('HRK')
    expect(formatMoney(1_250, 'HRK', 'en')).toContain('12.50')
  })
})

it('the table has every code that the platform takes for money of today, and no code twice', () => {
  const codes = Intl.supportedValuesOf('currency').filter((code) => isCurrency(code))
  expect(codes.length).toBeGreaterThan(150)
})
