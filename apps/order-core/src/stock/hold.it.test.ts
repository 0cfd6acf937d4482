import type { RedisServer } from '@floodgate/local-servers'
import { closeRedis, type Redis } from '@floodgate/redis'
import { connectGuardedRedis, type Own, ownRedis } from '@floodgate/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { projectCatalogue } from '../catalogue/project.ts'
import { draft } from '../testing/new-orders.ts'
import { noLedger, rebuildWithoutLedger } from '../testing/no-ledger.ts'
import { readRedisStock } from './availability.ts'
import { createEndHolds } from './end-holds.ts'
import { createTakeHold, type HoldRequest, type TakeHold } from './hold.ts'
import { saleKeys } from './keys.ts'
import { createStockRedis, type StockRedis } from './stock-redis.ts'

let server: Own<RedisServer>
let redis: Redis
let stockRedis: StockRedis
let takeHold: TakeHold
beforeAll(async () => {
  server = await ownRedis()
  const connection = await connectGuardedRedis(server.url)
  redis = connection.redis
  stockRedis = createStockRedis({ ...connection, rebuildSale: rebuildWithoutLedger(redis) })
  takeHold = createTakeHold(stockRedis, noLedger)
})
afterAll(async () => {
  await closeRedis(redis)
  await server.remove()
})

const openSale = async (sale: string, totals: Readonly<Record<string, number>>): Promise<void> => {
  const items = Object.entries(totals).map(([sku, total]) => {
    return { sku, name: sku, listPriceMinor: 10, salePriceMinor: 5, total, perBuyerLimit: 2 }
  })
  await projectCatalogue(stockRedis, { sale, version: 1, currency: 'EUR', items })
}

const request = (changes: Partial<HoldRequest> & Pick<HoldRequest, 'sale' | 'order'>): HoldRequest => ({
  buyer: `buyer of ${changes.order}`,
  slot: `slot of ${changes.order}`,
  requestHash: 'hash',
  mayStart: true,
  commitWithinMs: 60_000,
  draft,
  lines: [{ sku: 'a', quantity: 1 }],
  ...changes,
})

it('holds requested together are taken in the order of the requests, each judged by what the previous ones left', async () => {
  await openSale('together', { a: 3, b: 10 })
  const pair = [
    { sku: 'a', quantity: 1 },
    { sku: 'b', quantity: 2 },
  ]
  const outcomes = await Promise.all([
    takeHold(request({ sale: 'together', order: 'o1', lines: pair })),
    takeHold(request({ sale: 'together', order: 'o1', lines: pair })),
    takeHold(request({ sale: 'together', order: 'o1', lines: pair, requestHash: 'other' })),
    takeHold(request({ sale: 'together', order: 'o2', slot: 'slot of o1' })),
    takeHold(request({ sale: 'together', order: 'o3', mayStart: false })),
    takeHold(request({ sale: 'together', order: 'o4', lines: [...pair, { sku: 'c', quantity: 1 }] })),
    takeHold(request({ sale: 'together', order: 'o5', lines: [{ sku: 'a', quantity: 1, priceMinor: 4 }] })),
    takeHold(request({ sale: 'together', order: 'o6', lines: [{ sku: 'a', quantity: 2 }] })),
    takeHold(request({ sale: 'together', order: 'o7', lines: pair })),
    takeHold(
      request({ sale: 'together', order: 'o9', currency: 'USD', lines: [{ sku: 'b', quantity: 1, priceMinor: 5 }] }),
    ),
    takeHold(request({ sale: 'together', order: 'o8', buyer: 'buyer of o6', lines: [{ sku: 'a', quantity: 1 }] })),
  ])
  expect(outcomes).toMatchObject([
    { kind: 'held', hold: { attempt: 1, lines: [{ sku: 'a' }, { sku: 'b', quantity: 2, priceMinor: 5 }] } },
    { kind: 'adopted', hold: { attempt: 2 } },
    { kind: 'key-reused' },
    { kind: 'order-exists', order: 'o1' },
    { kind: 'refused' },
    { kind: 'unknown-sku', skus: ['c'] },
    { kind: 'price-changed', currency: 'EUR', items: [{ sku: 'a', priceMinor: 5 }] },
    { kind: 'held' },
    { kind: 'sold-out', shortages: [{ sku: 'a', quantity: 1, available: 0, unsold: 3 }] },
    { kind: 'price-changed', currency: 'EUR', items: [{ sku: 'b', priceMinor: 5 }] },
    { kind: 'over-limit', skus: ['a'] },
  ])
  const { available, held } = await readRedisStock(redis, 'together')
  expect({ available: Object.fromEntries(available), held: Object.fromEntries(held) }).toEqual({
    available: { a: 0, b: 8 },
    held: { a: 3, b: 2 },
  })
})

it('hundreds at once, of several sales, never take more than is available', async () => {
  await Promise.all(['x', 'y'].map((sale) => openSale(sale, { a: 130 })))
  const orders = Array.from({ length: 400 }, (_, n) => request({ sale: n % 2 === 0 ? 'x' : 'y', order: `o${n}` }))
  const outcomes = await Promise.all(orders.map(takeHold))
  const held = orders.filter((_, index) => outcomes[index]?.kind === 'held')
  expect(held.filter(({ sale }) => sale === 'x')).toHaveLength(130)
  expect(held.filter(({ sale }) => sale === 'y')).toHaveLength(130)
  expect(held.filter(({ sale }) => sale === 'x')).toEqual(orders.filter(({ sale }) => sale === 'x').slice(0, 130))
})

it('a sale that is missing in Redis requests its rebuild; another in the same call is served', async () => {
  await openSale('here', { a: 1 })
  const outcomes = await Promise.all([
    takeHold(request({ sale: 'nowhere', order: 'o1' })),
    takeHold(request({ sale: 'here', order: 'o1' })),
  ])
  expect(outcomes.map(({ kind }) => kind)).toEqual(['rebuild', 'held'])
})

it('a rejection by Redis reaches every caller', async () => {
  await openSale('broken', { a: 1 })
  await redis.set(saleKeys('broken').hold('o2'), 'no hash')
  const settled = await Promise.allSettled(['o1', 'o2'].map((order) => takeHold(request({ sale: 'broken', order }))))
  expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
})

it('ends of many holds at once are each judged alone, in their order, and return their units once', async () => {
  await openSale('ends', { a: 300 })
  const orders = Array.from({ length: 300 }, (_, n) => `o${n}`)
  await Promise.all(orders.map((order) => takeHold(request({ sale: 'ends', order }))))
  const endHolds = createEndHolds(stockRedis)
  const sold = orders.slice(0, 200).map((order) => ({ sale: 'ends', order, outcome: 'sold' as const }))
  const released = orders.slice(200, 299).map((order) => ({ sale: 'ends', order, outcome: 'released' as const }))
  expect(new Set(await endHolds([...sold, ...released]))).toEqual(new Set(['settled']))
  const again = [
    { sale: 'ends', order: 'o0', outcome: 'sold' as const },
    { sale: 'ends', order: 'o0', outcome: 'released' as const },
    { sale: 'ends', order: 'nobody', outcome: 'sold' as const },
    { sale: 'nowhere', order: 'o0', outcome: 'sold' as const },
    { sale: 'ends', order: 'o299', outcome: 'sold' as const },
    { sale: 'ends', order: 'o299', outcome: 'sold' as const },
  ]
  expect(await endHolds(again)).toEqual(['unchanged', 'conflict', 'unknown', 'rebuild', 'settled', 'unchanged'])
  const stock = await readRedisStock(redis, 'ends')
  expect([stock.available, stock.held, stock.sold].map((side) => side.get('a'))).toEqual([99, 0, 201])
})
