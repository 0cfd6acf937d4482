import { expect, it } from 'vitest'
import { parametersIn, splitPath } from './path-parameters.ts'

it.each([
  ['/sales/:sale/board', '/sales/demo/board', ['demo']],
  ['/sales/:sale/board', '/sales/b%20?/board', ['b%20?']],
  ['/sales/:sale/board', '/sales/a/b/board', undefined],
  ['/sales/:sale/board', '/sales//board', undefined],
  ['/sales/:sale/board', '/sales/board', undefined],
  ['/sales/:sale/board', '/sales/demo/board?x', undefined],
  ['/sales/:sale/board', '/sales/demo/board/', undefined],
  ['/orders/:id', '/orders/7', ['7']],
  ['/orders/:id', '/orders/7/', undefined],
  ['/orders/:id', '/orders/', undefined],
  ['/sales/:sale/vouchers/:campaign', '/sales/demo/vouchers/spring', ['demo', 'spring']],
  ['/sales/:sale/vouchers/:campaign', '/sales/vouchers/vouchers/vouchers', ['vouchers', 'vouchers']],
  ['/sales/:sale/vouchers/:campaign', '/sales/demo/vouchers/spring?x', ['demo', 'spring?x']],
  ['/sales/:sale/vouchers/:campaign', '/sales/demo/vouchers/', undefined],
  ['/sales/:sale/vouchers/:campaign', '/sales/demo/vouchers', undefined],
  ['/sales/:sale/vouchers/:campaign', '/sales//vouchers/spring', undefined],
  ['/sales/:sale/vouchers/:campaign', '/sales/demo/vouchers/spring/7', undefined],
  ['/sales/:sale/vouchers/:campaign', '/sales/demo/voucher/spring', undefined],
  ['/a/:b/:c/:d/e', '/a/1/2/3/e', ['1', '2', '3']],
  ['/a/:b/:c/:d/e', '/a/1/2/e', undefined],
  ['/orders', '/orders', []],
  ['/orders', '/orders/', undefined],
  ['/orders', '/orders?x', undefined],
])('in %s: %s has %j', (path, url, values) => {
  expect(parametersIn(url, splitPath(path))).toEqual(values)
})

it.each(['/:a:b', '/:a-:b', '/:a.json', '/:a:b/c'])(
  'a parameter that ends before its segment has no fast path: %s',
  (path) => {
    expect(() => splitPath(path)).toThrow(TypeError)
  },
)
