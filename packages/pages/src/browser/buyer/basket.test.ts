import { CURRENCY_DIGITS, decimalAmount, type PublicCatalogue } from '@floodgate/contracts'
import { texts as english } from '@floodgate/texts/languages/en'
import { describe, expect, it } from 'vitest'
import { areWhole, basketProblem, isFree, priceText, quantityOf } from './basket.ts'

const AMOUNTS = [1, 10, 1_000, 10_001, 1_999_000, Number.MAX_SAFE_INTEGER]

it.each([...CURRENCY_DIGITS.keys()])('the page shows the amount that the provider charges, in %s', (currency) => {
  for (const amountMinor of AMOUNTS) {
    const said = priceText(amountMinor, currency, english)
    expect(said.replace(/[^0-9]/g, ''), said).toBe(decimalAmount(amountMinor, currency).replace('.', ''))
  }
})

const item = (sku: string, salePriceMinor: number): PublicCatalogue['items'][number] => ({
  ...{ sku, name: sku, listPriceMinor: 100, salePriceMinor, perBuyerLimit: 2 },
  ...{ total: 9, available: 9, soldOut: false },
})
const catalogue = (...prices: number[]): PublicCatalogue => ({
  ...{ sale: 'demo', currency: 'EUR' },
  items: prices.map((price, at) => item(`item-${at}`, price)),
})

describe('there is nothing to pay', () => {
  it.each([
    ['for free items', catalogue(0, 5), [{ sku: 'item-0', quantity: 2 }], true],
    [
      'for a free item beside a paid one',
      catalogue(0, 5),
      [
        { sku: 'item-0', quantity: 1 },
        { sku: 'item-1', quantity: 1 },
      ],
      false,
    ],
    ['for a paid item', catalogue(0, 5), [{ sku: 'item-1', quantity: 1 }], false],
    ['before anything is chosen, where all is free', catalogue(0, 0), [], true],
    ['before anything is chosen, where something is not', catalogue(0, 5), [], false],
  ] as const)('%s: %#', (_, goods, lines, free) => {
    expect(isFree(lines, goods)).toBe(free)
  })

  it('and the price says so', () => {
    expect(priceText(0, 'JPY', english)).toBe('Free')
  })
})

describe('a quantity', () => {
  it.each(['1.5', '1,5', '', ' ', '-1', '+1', '1e1', '1E1', '0x2', 'two', '99999999999999999999'])(
    'typed as "%s" is rejected, never rounded',
    (typed) => {
      const lines = [{ sku: 'item-0', quantity: quantityOf(typed) }]
      expect(areWhole(lines)).toBe(false)
      expect(basketProblem(lines, catalogue(5), english)).toBe(
        'How many of “item-0”? Enter a whole number such as 1, or 0 for none.',
      )
    },
  )

  it.each([
    ['0', 0],
    ['2', 2],
    ['007', 7],
  ])('typed as "%s" is %i', (typed, quantity) => {
    expect(quantityOf(typed)).toBe(quantity)
  })

  it.each([1.5, -1, Number.NaN])('of %d is not an order', (quantity) => {
    expect(basketProblem([{ sku: 'item-0', quantity }], catalogue(5), english)).toContain('whole number')
  })
})
