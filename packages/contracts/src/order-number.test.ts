import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { idPrefixOfNumber, orderNumber } from './order-number.ts'

it.each([
  ['00000000-0000-8000-8000-000000000000', '0000-0000'],
  ['ffffffff-ffff-8fff-8fff-ffffffffffff', 'ZZZZ-ZZZZ'],
  ['3b8d5a17-9c0e-8a2b-9f00-0123456789ab', '7E6N-M5WW'],
])('the order %s has the number %s', (id, number) => {
  expect(orderNumber(id)).toBe(number)
  expect(orderNumber(id.toUpperCase())).toBe(number)
})

it('a number yields the beginning of the id', () => {
  for (let n = 0; n < 1_000; n += 1) {
    const id = randomUUID()
    expect(idPrefixOfNumber(orderNumber(id))).toBe(id.slice(0, 11))
  }
})

it('is accepted in the forms in which people write it', () => {
  const prefix = idPrefixOfNumber('7E6N-M510')
  for (const typed of ['7e6n-m510', '7E6NM510', ' 7e6n m5lO ', '7E6N-M5IO'])
    expect(idPrefixOfNumber(typed)).toBe(prefix)
})

it.each(['', '7E6N', '7E6N-M51', '7E6N-M5100', '7E6N-M51U', '7E6N-M51ß', '0'.repeat(1_000)])(
  '%j is not an order number',
  (typed) => {
    expect(idPrefixOfNumber(typed)).toBeUndefined()
  },
)
