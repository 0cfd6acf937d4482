import { describe, expect, it } from 'vitest'
import { CURRENCY_DIGITS, decimalAmount, formatMoney, isCurrency, minorUnitDigits } from './money.ts'
import { activeCurrency, currency } from './scalars.ts'

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
  [-7, 'EUR', '-€0.07'],
  [-1_234, 'KWD', '-KWD 1.234'],
  [-1_234, 'JPY', '-¥1,234'],
])('%i of %s is %s', (amount, code, shown) => {
  expect(formatMoney(amount, code, 'en').replaceAll('\u00a0', ' ')).toBe(shown)
})

it.each(['HUF', 'IDR', 'COP', 'PKR', 'ALL', 'LBP', 'AFN', 'IRR', 'LAK', 'MMK', 'SOS', 'SYP', 'YER', 'MGA'])(
  '%s has two digits, whatever the platform’s formats use',
  (code) => {
    expect(minorUnitDigits(code)).toBe(2)
    expect(formatMoney(123, code, 'en')).toContain('1.23')
  },
)

/** Boundary amounts: of the range and of each number of digits. */
const AMOUNTS = [0, 1, 9, 10, 99, 100, 999, 1_000, 9_999, 10_000, 1_234_567, Number.MAX_SAFE_INTEGER]

it.each([...CURRENCY_DIGITS])('every amount of %s has exactly %i fraction digits', (code, digits) => {
  for (const amount of AMOUNTS.flatMap((each) => (each === 0 ? [each] : [each, -each]))) {
    const decimal = decimalAmount(amount, code)
    expect(decimal.split('.')[1]?.length ?? 0).toBe(digits)
    expect(Number(decimal.replace('.', ''))).toBe(amount)
    for (const language of ['en', 'de', 'ko']) {
      const shown = formatMoney(amount, code, language)
      expect(shown.replace(/[^0-9]/g, ''), shown).toBe(decimal.replace(/[-.]/g, ''))
    }
  }
})

it('ISO 4217 has currencies with 0, 2, 3 and 4 digits', () => {
  const counts = Map.groupBy(CURRENCY_DIGITS.values(), (digits) => digits)
  expect([...counts].map(([digits, codes]) => [digits, codes.length])).toEqual([
    [0, 17],
    [2, CURRENCY_DIGITS.size - 26],
    [3, 7],
    [4, 2],
  ])
})

it('a decimal amount is exact for every number of digits', () => {
  expect(decimalAmount(5, 'KWD')).toBe('0.005')
  expect(decimalAmount(5, 'KRW')).toBe('5')
  expect(decimalAmount(1_000, 'EUR')).toBe('10.00')
})

describe('a currency code that is not in the table', () => {
  it.each(['ZZZ', 'XXX', 'XTS', 'XAU', 'DEM', 'BGN', 'eur', 'EU', ''])('%s is rejected for prices', (code) => {
    expect(isCurrency(code)).toBe(false)
    expect(activeCurrency.safeParse(code).success).toBe(false)
  })
  it('is still parsed and formatted, since orders outlive currencies', () => {
    expect(currency.parse('HRK')).toBe('HRK')
    expect(formatMoney(1_250, 'HRK', 'en')).toContain('12.50')
  })
})

it('the table has every currency of the runtime, and no code twice', () => {
  const codes = Intl.supportedValuesOf('currency').filter((code) => isCurrency(code))
  expect(codes.length).toBeGreaterThan(150)
})
