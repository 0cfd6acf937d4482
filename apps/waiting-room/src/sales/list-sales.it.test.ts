import { afterAll, beforeAll, expect, it } from 'vitest'
import { salesKey } from '../redis/keys.ts'
import { connectVirtualLine, type VirtualLine } from '../testing/virtual-line.ts'
import { listSales } from './project-sale.ts'

const ids = Array.from({ length: 10_000 }, (_, index) => `listed-${index}`)
let virtual: VirtualLine
beforeAll(async () => {
  virtual = await connectVirtualLine()
})
afterAll(async () => {
  await virtual.redis.srem(salesKey, ...ids)
  await virtual.close()
})

it('ten thousand sales are listed in one call', async () => {
  await listSales(virtual.line, ids)
  expect(await virtual.redis.smismember(salesKey, ...ids)).toEqual(ids.map(() => 1))
})
