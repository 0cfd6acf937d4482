import { afterEach, expect, it, vi } from 'vitest'
import { saleAfterOrder, takeFromOrder } from './arrival.ts'

afterEach(() => vi.unstubAllGlobals())

it('recognises a buyer who comes from an order by the address, once', () => {
  const open = (address: string) => vi.stubGlobal('location', new URL(address, 'http://shop.test'))
  vi.stubGlobal('history', { replaceState: (_state: null, _title: string, address: string) => open(address) })
  open(saleAfterOrder('demo'))
  expect(takeFromOrder()).toBe(true)
  expect(location.href).toBe('http://shop.test/sales/demo')
  expect(takeFromOrder()).toBe(false)
})
