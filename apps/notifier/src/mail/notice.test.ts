import { expect, test } from 'vitest'
import { addressOf, hostOf, messageIdOf } from './notice.ts'

const order = '6f0ef8b2-6d0c-4f0c-8f0c-6f0ef8b26d0c'
const items = [{ sku: 'lamp', quantity: 1, priceMinor: 100 }]

test('a Message-ID depends on the order and the kind only', () => {
  expect(hostOf('Shop <orders@shop.example>')).toBe('shop.example')
  const told = { kind: 'confirmed', order, sale: 'demo', items, totalMinor: 100, currency: 'EUR' } as const
  expect(messageIdOf(told, 'shop.example')).toBe(`<${order}.confirmed@shop.example>`)
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
