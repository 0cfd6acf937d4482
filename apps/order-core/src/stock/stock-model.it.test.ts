import type { RedisServer } from '@floodgate/local-servers'
import { closeRedis, type Redis } from '@floodgate/redis'
import { connectGuardedRedis, type Own, ownRedis } from '@floodgate/testkit'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { projectCatalogue } from '../catalogue/project.ts'
import { draft } from '../testing/new-orders.ts'
import { noLedger, rebuildWithoutLedger } from '../testing/no-ledger.ts'
import { readRedisStock } from './availability.ts'
import { createEndHolds, undoHold } from './end-holds.ts'
import { createTakeHold, type HoldTaken } from './hold.ts'
import { saleKeys } from './keys.ts'
import { markHoldCommitted } from './mark-committed.ts'
import { createStockRedis, type StockRedis } from './stock-redis.ts'

const skus = ['a', 'b', 'c']
const totals: Record<string, number> = { a: 6, b: 4, c: 100 }
const LIMIT = 3
const RUNS = 40
const MINUTE = 60_000

let server: Own<RedisServer>
let redis: Redis
let stockRedis: StockRedis
let runs = 0

beforeAll(async () => {
  server = await ownRedis()
  const connection = await connectGuardedRedis(server.url)
  redis = connection.redis
  stockRedis = createStockRedis({ ...connection, rebuildSale: rebuildWithoutLedger(redis) })
})
afterAll(async () => {
  await closeRedis(redis)
  await server.remove()
})

const orderNumber = fc.nat({ max: 11 })
const lines = fc
  .uniqueArray(fc.record({ sku: fc.constantFrom(...skus), quantity: fc.integer({ min: 1, max: 3 }) }), {
    selector: (line) => line.sku,
    minLength: 1,
    maxLength: 3,
  })
  .map((each) => each.toSorted((left, right) => left.sku.localeCompare(right.sku)))
const step = fc.record({
  twice: fc.boolean(),
  act: fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('hold' as const),
        order: orderNumber,
        buyer: fc.nat({ max: 3 }),
        lines,
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constantFrom('commit' as const, 'undo' as const), order: orderNumber }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('end' as const),
        order: orderNumber,
        outcome: fc.constantFrom('sold' as const, 'released' as const),
        releaseSlot: fc.boolean(),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('edit' as const), extra: fc.nat({ max: 5 }) }) },
  ),
})

const catalogue = (sale: string, version: number, extra: number) => ({
  sale,
  version,
  currency: 'EUR',
  items: skus.map((sku) => ({
    sku,
    name: sku,
    listPriceMinor: 10,
    salePriceMinor: 5,
    total: (totals[sku] ?? 0) + extra,
    perBuyerLimit: LIMIT,
  })),
})

it('available + held + sold is the total and no limit is broken, whatever happens in whatever order, some of it twice', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      runs += 1
      const sale = `model-${runs}`
      const held = new Map<string, HoldTaken>()
      let version = 1
      let total = { ...totals }
      await projectCatalogue(stockRedis, catalogue(sale, version, 0))

      const perform = async ({ act }: (typeof steps)[number]): Promise<void> => {
        const order = 'order' in act ? `order-${act.order}` : ''
        switch (act.kind) {
          case 'hold': {
            const outcome = await createTakeHold(
              stockRedis,
              noLedger,
            )({
              sale,
              order,
              buyer: `buyer-${act.buyer}`,
              slot: `slot-${order}`,
              requestHash: JSON.stringify([act.buyer, act.lines]),
              mayStart: true,
              commitWithinMs: MINUTE,
              draft,
              lines: act.lines,
            })
            if ('hold' in outcome) held.set(order, outcome)
            return
          }
          case 'commit':
            await markHoldCommitted(stockRedis, { sale, order, holdExpiresAt: new Date(Date.now() + MINUTE) })
            return
          case 'undo':
            await undoHold(stockRedis, { sale, order, attempt: held.get(order)?.hold.attempt ?? 1 })
            return
          case 'end':
            await createEndHolds(stockRedis)([{ order, sale, outcome: act.outcome, releaseSlot: act.releaseSlot }])
            return
          case 'edit':
            version += 1
            total = Object.fromEntries(skus.map((sku) => [sku, (totals[sku] ?? 0) + act.extra]))
            await projectCatalogue(stockRedis, catalogue(sale, version, act.extra))
        }
      }

      for (const each of steps) {
        await perform(each)
        if (each.twice && each.act.kind !== 'edit') await perform(each)
        const stock = await readRedisStock(redis, sale)
        const records = await Promise.all(
          Array.from({ length: 12 }, (_, number) => redis.hgetall(saleKeys(sale).hold(`order-${number}`))),
        )
        for (const sku of skus) {
          const figures = [stock.available, stock.held, stock.sold].map((side) => side.get(sku) ?? 0)
          expect(figures.reduce((sum, units) => sum + units, 0)).toBe(total[sku])
          expect(figures[1]).toBe(openUnits(records, sku))
          expect(Math.min(figures[1] ?? 0, figures[2] ?? 0)).toBeGreaterThanOrEqual(0)
        }
        const units = Object.values(await redis.hgetall(saleKeys(sale).units)).map(Number)
        expect(Math.max(0, ...units)).toBeLessThanOrEqual(LIMIT)
        expect(Math.min(1, ...units)).toBeGreaterThan(0)
      }
    }),
    { numRuns: RUNS },
  )
})

/** Returns the sum of units in the records of open holds. */
const openUnits = (records: readonly Record<string, string>[], sku: string): number =>
  records
    .filter((record) => record.state === 'reserved' || record.state === 'pending')
    .flatMap((record) => (record.lines ?? '').split(','))
    .map((line) => line.split('|'))
    .filter(([name]) => name === sku)
    .reduce((sum, [, quantity]) => sum + Number(quantity), 0)
