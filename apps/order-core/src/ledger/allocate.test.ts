import { expect, it } from 'vitest'
import type { NewOrder } from '../order/order.ts'
import { allocate } from './allocate.ts'

const order = (id: string, buyer: string, ...lines: [string, number][]) =>
  ({
    id,
    buyer,
    voucher: null,
    lines: lines.map(([sku, quantity]) => ({ sku, quantity, priceMinor: 1 })),
  }) as unknown as NewOrder

const availability = {
  catalogueVersion: 7,
  stock: new Map([
    ['a', { available: 2, unsold: 5, limit: 2 }],
    ['b', { available: 0, unsold: 0, limit: 9 }],
  ]),
  units: new Map([['a|old', 1]]),
  vouchers: new Set(['spring|new']),
}

it('allocates in order of arrival, all lines or none, within the buyer’s limit', () => {
  const orders = [
    order('1', 'old', ['a', 2]),
    order('2', 'new', ['a', 1], ['b', 1]),
    order('3', 'old', ['a', 1]),
    order('4', 'new', ['a', 2]),
    order('5', 'new', ['a', 1]),
    order('6', 'new', ['gone', 1]),
  ]
  const { allocated, rejected } = allocate(orders, availability)
  expect(allocated.map(({ id }) => id)).toEqual(['3', '5'])
  expect(Object.fromEntries(rejected)).toEqual({
    1: { kind: 'over-limit', catalogueVersion: 7, skus: ['a'] },
    2: { kind: 'sold-out', catalogueVersion: 7, shortages: [{ sku: 'b', quantity: 1, available: 0, unsold: 0 }] },
    4: { kind: 'sold-out', catalogueVersion: 7, shortages: [{ sku: 'a', quantity: 2, available: 1, unsold: 5 }] },
    6: { kind: 'sold-out', catalogueVersion: 7, shortages: [{ sku: 'gone', quantity: 1, available: 0, unsold: 0 }] },
  })
})

it('gives a buyer’s voucher to one order: the first that fits', () => {
  const withVoucher = (id: string, buyer: string, quantity: number) => ({
    ...order(id, buyer, ['a', quantity]),
    voucher: 'spring',
  })
  const orders = [
    withVoucher('1', 'new', 3),
    withVoucher('2', 'new', 1),
    withVoucher('3', 'new', 1),
    withVoucher('4', 'old', 1),
  ]
  const { allocated, rejected } = allocate(orders, availability)
  expect(allocated.map(({ id }) => id)).toEqual(['2'])
  expect([...rejected].map(([id, { kind }]) => [id, kind])).toEqual([
    ['1', 'over-limit'],
    ['3', 'voucher-used'],
    ['4', 'voucher-used'],
  ])
})
