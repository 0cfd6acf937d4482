import { expect, test } from 'vitest'
import { addressOf, goodsOf, hostOf, messageIdOf, notice } from './notice.ts'

const order = '6f0ef8b2-6d0c-4f0c-8f0c-6f0ef8b26d0c'
const items = [{ sku: 'lamp', quantity: 1, priceMinor: 100 }]

test('a Message-ID depends on the order and the kind only', () => {
  expect(hostOf('Shop <orders@shop.example>')).toBe('shop.example')
  const told = { kind: 'confirmed', order, sale: 'demo', items, totalMinor: 100, currency: 'EUR' } as const
  expect(messageIdOf(told, 'shop.example')).toBe(`<${order}.confirmed@shop.example>`)
})

test('a refund of a part is about its items, their share of the discount and its amount', () => {
  const lamps = [{ sku: 'lamp', quantity: 4, priceMinor: 100 }]
  const whole = {
    kind: 'refunded',
    order,
    sale: 'demo',
    items: lamps,
    discountMinor: 40,
    totalMinor: 360,
    currency: 'EUR',
  }
  expect(goodsOf(notice.parse(whole))).toMatchObject({ items: lamps, discountMinor: 40, totalMinor: 360 })
  const refund = { id: order, amountMinor: 90, items }
  expect(goodsOf(notice.parse({ ...whole, refund }))).toEqual({ items, discountMinor: 10, totalMinor: 90 })
  const full = { ...refund, amountMinor: 100 }
  expect(goodsOf(notice.parse({ ...whole, refund: full }))).toEqual({ items, totalMinor: 100 })
})

test.each(['Shop@Home <orders@shop.example>', '"a@b.example" <orders@shop.example>', 'orders@shop.example'])(
  'the host of %s is that of its address',
  (sender) => {
    expect(hostOf(sender)).toBe('shop.example')
  },
)

test.each([
  ['Shop <orders@shop.example>', 'orders@shop.example'],
  ['"Shop, Inc. <1>" <orders@shop.example>', 'orders@shop.example'],
  ['orders@shop.example', 'orders@shop.example'],
])('the address of %s is %s', (sender, address) => {
  expect(addressOf(sender)).toBe(address)
})
