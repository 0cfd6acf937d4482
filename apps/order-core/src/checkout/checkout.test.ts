import { describe, expect, it } from 'vitest'
import { orderIdOf } from '../order/order-id.ts'
import { requestHashOf } from './request-hash.ts'

describe("an order's id", () => {
  const asked = { sale: 'demo', buyer: 'b', key: 'k' }
  it('is a version 8 UUID, the same for the same key', () => {
    expect(orderIdOf(asked)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(orderIdOf(asked)).toBe(orderIdOf({ ...asked }))
  })
  it('differs for another key, buyer or sale, wherever the boundaries lie', () => {
    const ids = [
      asked,
      { ...asked, key: 'l' },
      { ...asked, buyer: 'bk', key: '' },
      { ...asked, sale: 'dem', buyer: 'ob' },
    ]
    expect(new Set(ids.map(orderIdOf)).size).toBe(4)
  })
})

describe('the request hash', () => {
  const body = {
    items: [
      { sku: 'b', quantity: 1 },
      { sku: 'a', quantity: 2, priceMinor: 5 },
    ],
    email: 'a@example.org',
    paymentMethod: 'sim_ok',
  }
  it('ignores the order of items', () => {
    expect(requestHashOf({ ...body, items: body.items.toReversed() })).toBe(requestHashOf(body))
  })
  it.each([
    [
      'quantity',
      {
        ...body,
        items: [
          { sku: 'b', quantity: 2 },
          { sku: 'a', quantity: 2, priceMinor: 5 },
        ],
      },
    ],
    [
      'expected price',
      {
        ...body,
        items: [
          { sku: 'b', quantity: 1 },
          { sku: 'a', quantity: 2 },
        ],
      },
    ],
    ['e-mail', { ...body, email: 'b@example.org' }],
    ['payment method', { ...body, paymentMethod: 'sim_declined' }],
    ['currency', { ...body, currency: 'EUR' }],
    ['field that the contract gained later', { ...body, giftNote: 'for you' }],
  ])('differs for another %s', (_, other) => {
    expect(requestHashOf(other)).not.toBe(requestHashOf(body))
  })
})
