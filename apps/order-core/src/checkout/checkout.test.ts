import { describe, expect, it } from 'vitest'
import { orderIdOf } from './order-id.ts'
import { requestHashOf } from './request-hash.ts'
import { isOverFor } from './sale-knowledge.ts'

describe("an order's id", () => {
  const asked = { sale: 'demo', buyer: 'b', key: 'k' }
  it('is a version 8 UUID, the same for the same key', () => {
    expect(orderIdOf(asked)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(orderIdOf(asked)).toBe(orderIdOf({ ...asked }))
  })
  it('is another for another key, buyer or sale, wherever the boundaries lie', () => {
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
  it('does not care for the order of items', () => {
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
  ])('tells another %s apart', (_, other) => {
    expect(requestHashOf(other)).not.toBe(requestHashOf(body))
  })
})

describe('a sale', () => {
  const at = (second: number) => new Date(second * 1_000)
  it.each([
    ['of which nothing is known', undefined, false],
    ['that has no end', { closesAt: null, closedAt: null }, false],
    ['that closed since the admission', { closesAt: null, closedAt: at(15) }, true],
    ['that closed before the admission, so has opened again', { closesAt: null, closedAt: at(5) }, false],
    ['past its window', { closesAt: at(19), closedAt: null }, true],
    ['whose window has been moved, as the admission proves', { closesAt: at(9), closedAt: null }, false],
    ['inside its window', { closesAt: at(30), closedAt: null }, false],
  ])('%s', (_, saleEnd, over) => {
    expect(isOverFor(saleEnd, { issuedAt: at(10), now: at(20) })).toBe(over)
  })
})
