import { afterEach, expect, it, vi } from 'vitest'
import { identityIn, reloadForIdentity, saleAfterOrder, takeFromOrder, takeIdentity } from './arrival.ts'

afterEach(() => vi.unstubAllGlobals())

it('recognises a buyer who comes from an order by the address, once', () => {
  const open = (address: string) => vi.stubGlobal('location', new URL(address, 'http://shop.test'))
  vi.stubGlobal('history', { replaceState: (_state: null, _title: string, address: string) => open(address) })
  open(saleAfterOrder('demo'))
  expect(takeFromOrder()).toBe(true)
  expect(location.href).toBe('http://shop.test/sales/demo')
  expect(takeFromOrder()).toBe(false)
})

it('takes the ID token out of the address, once, and keeps the query', () => {
  const open = (address: string) => vi.stubGlobal('location', new URL(address, 'http://shop.test'))
  vi.stubGlobal('history', { replaceState: (_state: null, _title: string, address: string) => open(address) })
  open('/sales/demo?return=https%3A%2F%2Fshop.example#identity=a.b.c')
  expect(takeIdentity()).toBe('a.b.c')
  expect(location.href).toBe('http://shop.test/sales/demo?return=https%3A%2F%2Fshop.example')
  expect(takeIdentity()).toBeUndefined()
  open('/sales/demo#identity=')
  expect(takeIdentity()).toBeUndefined()
  expect(location.hash).toBe('')
})

it.each([
  ['#identity=a.b.c', 1],
  ['#identity=', 1],
  ['#from-order', 0],
  ['', 0],
])('an open page whose fragment becomes %j is loaded again %i times, and the new page gets it', (hash, times) => {
  const reload = vi.fn()
  vi.stubGlobal('location', Object.assign(new URL(`/sales/demo${hash}`, 'http://shop.test'), { reload }))
  reloadForIdentity()
  expect(reload).toHaveBeenCalledTimes(times)
  expect(location.hash).toBe(hash)
})

it.each([
  ['#identity=a.b.c', 'a.b.c'],
  ['#x=1&identity=a.b.c', 'a.b.c'],
  ['#from-order', undefined],
  ['#notidentity=a', undefined],
  ['', undefined],
])('reads the ID token in %s', (hash, expected) => {
  expect(identityIn(hash)).toBe(expected)
})
