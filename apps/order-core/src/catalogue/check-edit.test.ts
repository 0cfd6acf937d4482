import { expect, it } from 'vitest'
import { checkEdit, withTotalsRaised } from './check-edit.ts'

const item = (sku: string, total = 10) => ({
  sku,
  name: sku,
  listPriceMinor: 2,
  salePriceMinor: 1,
  total,
  perBuyerLimit: 1,
})
const ledger = [
  { ...item('taken'), held: 2, sold: 3 },
  { ...item('untouched'), held: 0, sold: 0 },
]
const judge = (items: ReturnType<typeof item>[], currency = 'EUR') =>
  checkEdit({ currency: 'EUR', ledger }, { currency, items })

it.each([
  [
    'an item without held or sold units may be removed',
    [item('taken')],
    'EUR',
    { kind: 'allowed', dropped: ['untouched'] },
  ],
  [
    'an item with held or sold units may not',
    [item('untouched')],
    'EUR',
    { kind: 'catalogue-conflict', skus: ['taken'] },
  ],
  ['nor may it change its currency', [item('taken')], 'USD', { kind: 'catalogue-conflict', skus: ['taken'] }],
  ['a total may sink to what is held and sold', [item('taken', 5)], 'EUR', { kind: 'allowed', dropped: ['untouched'] }],
  ['and no further', [item('taken', 4)], 'EUR', { kind: 'total-below-sold', skus: ['taken'] }],
  ['no SKU occurs twice', [item('taken'), item('taken')], 'EUR', { kind: 'duplicate-sku', skus: ['taken'] }],
])('%s', (_, items, currency, verdict) => {
  expect(judge(items, currency)).toEqual(verdict)
})

it('on request, totals are raised to what is held and sold, and no further', () => {
  const raised = withTotalsRaised(ledger, {
    currency: 'EUR',
    items: [item('taken', 0), item('untouched', 0), item('new', 3)],
  })
  expect(raised.items.map(({ total }) => total)).toEqual([5, 0, 3])
  expect(judge(raised.items)).toEqual({ kind: 'allowed', dropped: [] })
})
