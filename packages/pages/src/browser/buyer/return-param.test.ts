import { expect, it } from 'vitest'
import { returnIn } from './return-param.ts'

const SHOP = 'https://shop.example/checkout?basket=7&step=2#pay'

it('the return URL is read from the address as it is, decoded once', () => {
  expect(returnIn(`?return=${encodeURIComponent(SHOP)}`)).toBe(SHOP)
  expect(returnIn(`?a=1&return=${encodeURIComponent(SHOP)}&b=2`)).toBe(SHOP)
  expect(returnIn(`?return=${encodeURIComponent(encodeURIComponent(SHOP))}`)).toBe(encodeURIComponent(SHOP))
})

it.each([
  ['none', ''],
  ['none', '?a=1'],
  ['an empty one', '?return='],
  ['one without a value', '?return'],
  ['two, even if they are the same', `?return=${encodeURIComponent(SHOP)}&return=${encodeURIComponent(SHOP)}`],
  ['one that is too long', `?return=${encodeURIComponent(`https://shop.example/${'a'.repeat(2_000)}`)}`],
  ['another name', '?Return=https%3A%2F%2Fshop.example%2F'],
])('%s is ignored: %s', (_, search) => {
  expect(returnIn(search)).toBeUndefined()
})
