import { expect, it } from 'vitest'
import type { NamedOrder } from './order-screen.ts'
import { refundRowsOf } from './refund-rows.ts'

const order: NamedOrder = {
  ...{ id: 'o1', sale: 'demo', status: 'confirmed', totalMinor: 1_000, currency: 'EUR' },
  ...{ createdAt: '2030-01-01T12:00:00.000Z', holdExpiresAt: '2030-01-01T12:10:00.000Z' },
  items: [
    { sku: 'COAT', quantity: 2, priceMinor: 400, name: 'Coat' },
    { sku: 'HAT', quantity: 1, priceMinor: 200, name: 'Hat' },
  ],
}
const hat = [{ sku: 'HAT', quantity: 1, amountMinor: 200 }]
const refund = { id: 'r1', status: 'requested' as const, amountMinor: 200, items: hat }
const rest = { id: 'r2', status: 'refunded' as const, amountMinor: 800, items: [] }

it('each refund says what it is for, how much it is, and whether it is made', () => {
  const partly = { ...order, refundsMinor: 1_000, refunds: [refund, rest] }
  expect(refundRowsOf(partly)).toEqual([
    { items: hat, amountMinor: 200, made: false },
    { items: [], amountMinor: 800, made: true },
  ])
  expect(refundRowsOf({ ...partly, status: 'refunded' }).every(({ made }) => made)).toBe(true)
  expect(refundRowsOf(order)).toEqual([])
})

it('a refund of everything names no items', () => {
  const items = order.items.map(({ sku, quantity }) => ({ sku, quantity, amountMinor: 500 }))
  const whole = { ...order, refundsMinor: 1_000, refunds: [{ ...refund, amountMinor: 1_000, items }] }
  expect(refundRowsOf(whole)).toEqual([{ amountMinor: 1_000, made: false }])
})

it('a payment that came after the end goes back as a whole, and refunds that are not read yet are on their way', () => {
  expect(refundRowsOf({ ...order, status: 'refund_pending' })).toEqual([{ amountMinor: 1_000, made: false }])
  expect(refundRowsOf({ ...order, status: 'refunded' })).toEqual([{ amountMinor: 1_000, made: true }])
  expect(refundRowsOf({ ...order, refundsMinor: 200 })).toEqual([{ amountMinor: 200, made: false }])
  expect(refundRowsOf({ ...order, status: 'refunded', refundsMinor: 1_000 })).toEqual([
    { amountMinor: 1_000, made: true },
  ])
})

it('nothing was paid for a free order, and nothing is refunded', () => {
  const free = { ...order, status: 'refunded' as const, totalMinor: 0, refundsMinor: 0 }
  expect(refundRowsOf({ ...free, refunds: [{ ...refund, amountMinor: 0 }] })).toEqual([])
})
