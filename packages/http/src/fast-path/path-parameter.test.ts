import { expect, it } from 'vitest'
import { parameterIn, splitPath } from './path-parameter.ts'

it.each([
  ['/sales/:sale/board', '/sales/demo/board', 'demo'],
  ['/sales/:sale/board', '/sales/a/b%20?/board', 'a/b%20?'],
  ['/sales/:sale/board', '/sales//board', undefined],
  ['/sales/:sale/board', '/sales/board', undefined],
  ['/sales/:sale/board', '/sales/demo/board?x', undefined],
  ['/orders/:id', '/orders/7', '7'],
  ['/orders/:id', '/orders/', undefined],
  ['/orders', '/orders', ''],
  ['/orders', '/orders/', undefined],
  ['/orders', '/orders?x', undefined],
])('in %s: %s has %j', (path, url, parameter) => {
  expect(parameterIn(url, splitPath(path))).toBe(parameter)
})

it('a path has at most one parameter', () => {
  expect(() => splitPath('/:a/and/:b')).toThrow(TypeError)
})
