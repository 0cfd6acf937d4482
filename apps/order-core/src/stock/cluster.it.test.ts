import { readdirSync } from 'node:fs'
import { createPool, migrate } from '@floodgate/database'
import type { RedisServer } from '@floodgate/local-servers'
import { closeRedis, createRedis, defineScript, type Redis, trackRunId, waitUntilReady } from '@floodgate/redis'
import { type FreshDatabase, freshDatabase, type Own, ownRedisCluster } from '@floodgate/testkit'
import { silentLogger } from '@floodgate/testkit/fixtures'
import type { Pool } from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { projectCatalogue } from '../catalogue/project.ts'
import { saveCatalogue } from '../catalogue/store.ts'
import { commitBatch } from '../ledger/commit-batch.ts'
import { findOrders } from '../order/find-orders.ts'
import { draft, newOrder } from '../testing/new-orders.ts'
import { readRedisStock } from './availability.ts'
import { barSlots } from './bar-slots.ts'
import { createEndHolds } from './end-holds.ts'
import { forgetHolds } from './forget-holds.ts'
import { createTakeHold } from './hold.ts'
import { saleKeys } from './keys.ts'
import { createLoadBuyer } from './load-buyers.ts'
import { markHoldCommitted } from './mark-committed.ts'
import { putBehind } from './move-deadlines.ts'
import { rebuildSale } from './rebuild/rebuild-sale.ts'
import { createStockRedis, type StockRedis } from './stock-redis.ts'
import { restoreHold } from './sync-hold.ts'

const sale = 'clustered'
let server: Own<RedisServer>
let database: FreshDatabase
let pool: Pool
let redis: Redis
let stockRedis: StockRedis
beforeAll(async () => {
  ;[server, database] = await Promise.all([ownRedisCluster(), freshDatabase()])
  await migrate(database.url)
  pool = createPool(database.url, { max: 3 })
  redis = createRedis({ url: server.url, name: 'test', role: 'scripts', log: silentLogger })
  const runIdGuard = trackRunId(redis)
  await waitUntilReady(redis, AbortSignal.timeout(60_000))
  await runIdGuard.known(AbortSignal.timeout(60_000))
  stockRedis = createStockRedis({
    redis,
    runIdGuard,
    rebuildSale: (request) => rebuildSale({ pool, redis, log: silentLogger }, request),
  })
})
afterAll(async () => {
  await closeRedis(redis)
  await pool.end()
  await Promise.all([server.remove(), database.drop()])
})

const SOURCES = new URL('../', import.meta.url)
const scripts = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.lua'))
  .map((path) => ({
    path,
    sha: defineScript({ name: path, file: new URL(path, SOURCES), numberOfKeys: 'any' }).sha,
  }))

it('a Redis Cluster runs every script of the order core', async () => {
  const item = { sku: 'tea', name: 'Tea', listPriceMinor: 10, salePriceMinor: 5, total: 10, perBuyerLimit: 3 }
  const saved = await saveCatalogue(pool, { sale, body: { currency: 'EUR', items: [item] } })
  if (saved.kind !== 'saved') throw new Error(saved.kind)
  await projectCatalogue(stockRedis, saved.catalogue)
  const wanted = newOrder({ sale, lines: [{ sku: 'tea', quantity: 1, priceMinor: 5 }] })
  const held = await createTakeHold(
    stockRedis,
    createLoadBuyer({ pool, redis }),
  )({
    ...{ sale, order: wanted.id, buyer: wanted.buyer, slot: wanted.slot, requestHash: wanted.requestHash },
    ...{ mayStart: true, commitWithinMs: 60_000, draft },
    lines: [{ sku: 'tea', quantity: 1 }],
  })
  if (held.kind !== 'held') throw new Error(held.kind)
  const options = {
    pool,
    times: { holdMs: 600_000, chargeMarginMs: 0 },
    giveUpAfterMs: 1_000,
    onError: () => undefined,
  }
  await commitBatch(options, [{ ...wanted, epoch: held.hold.epoch }])
  const order = (await findOrders(pool, [wanted.id])).get(wanted.id)
  if (order === undefined) throw new Error('not committed')
  expect(await markHoldCommitted(stockRedis, { sale, order: order.id, holdExpiresAt: order.holdExpiresAt })).toBe(
    'marked',
  )
  await putBehind(redis, { sale, orders: [order.id], untilMs: order.holdExpiresAt.getTime() + 1 })
  expect(await readRedisStock(redis, sale)).toMatchObject({ held: new Map([['tea', 1]]) })
  expect(await createEndHolds(stockRedis)([{ sale, order: order.id, outcome: 'released' }])).toEqual(['settled'])
  await redis.unlink(saleKeys(sale).hold(order.id))
  expect(await restoreHold(stockRedis, order)).toBe('restored')
  const revoked = { slot: wanted.slot, passExpiresAt: new Date(Date.now() + 60_000) }
  expect(await barSlots(stockRedis, sale, [revoked])).toEqual({ epoch: 1, free: [] })

  const { buyer } = wanted
  await createLoadBuyer({ pool, redis })({ sale, buyer, epoch: String(await redis.hget(saleKeys(sale).meta, 'epoch')) })
  expect(await redis.sismember(saleKeys(sale).loaded, buyer)).toBe(1)
  expect(await forgetHolds(stockRedis, sale, [crypto.randomUUID()])).toBe(0)
  const known = (await redis.script('EXISTS', ...scripts.map(({ sha }) => sha))) as number[]
  const never = scripts.filter((_, index) => known[index] !== 1).map(({ path }) => path)
  expect(never, 'add the script to the calls above').toEqual([])
  expect(scripts.length).toBeGreaterThan(5)
})
