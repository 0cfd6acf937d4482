import { describe, expect, it } from 'vitest'
import { createSelling, type Supply } from './late-payments.ts'

const sale = 'demo'
const supply = (available: number, { limit = 9, units = 0 } = {}): Supply => ({
  stock: [
    { sale, sku: 'cup', available: 5, limit: 9 },
    { sale, sku: 'tea', available, limit },
  ],
  units: [{ sale, buyer: 'ann', sku: 'tea', units }],
})
const order = (quantity: number, { buyer = 'ann', sku = 'tea' } = {}) => ({
  ...{ sale, buyer },
  lines: [
    { sku: 'cup', quantity: 1, priceMinor: 1 },
    { sku, quantity, priceMinor: 1 },
  ],
})

describe('what is left for late payers', () => {
  it('sells to one after the other until it is gone, all items of an order or none', () => {
    const { take } = createSelling(supply(3))
    expect([take(order(2)), take(order(2)), take(order(1)), take(order(1))]).toEqual([true, false, true, false])
  })

  it('counts towards the limit of each buyer', () => {
    const { take } = createSelling(supply(9, { limit: 3, units: 2 }))
    expect(take(order(2))).toBe(false)
    expect(take(order(1))).toBe(true)
    expect(take(order(1))).toBe(false)
    expect(take(order(3, { buyer: 'bob' }))).toBe(true)
  })

  it('has nothing of an item that left the catalogue, and nothing for an order without items', () => {
    const { take } = createSelling(supply(9))
    expect(take(order(1, { sku: 'gone' }))).toBe(false)
    expect(take({ sale, buyer: 'ann', lines: [] })).toBe(false)
    expect(take({ ...order(1), sale: 'other' })).toBe(false)
  })
})
