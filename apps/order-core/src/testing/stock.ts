import { createPool, migrate } from '@floodgate/database'
import { closeRedis, createRedis, type Redis, trackRunId, waitUntilReady } from '@floodgate/redis'
import { freshDatabase, ownRedis } from '@floodgate/testkit'
import { silentLogger } from '@floodgate/testkit/fixtures'
import type { Pool } from 'pg'
import { projectCatalogue } from '../catalogue/project.ts'
import { saveCatalogue } from '../catalogue/store.ts'
import { createTakeHold, type HoldRequest, type HoldTaken } from '../stock/hold.ts'
import { createLoadBuyer } from '../stock/load-buyers.ts'
import { rebuildSale } from '../stock/rebuild/rebuild-sale.ts'
import { createStockRedis, type StockRedis } from '../stock/stock-redis.ts'
import { draft } from './new-orders.ts'

export interface TestStock {
  readonly pool: Pool
  readonly redis: Redis
  readonly stockRedis: StockRedis
  readonly databaseUrl: string
  readonly redisUrl: string
  /** A sale of its own with one item, `tea`. */
  createSale(options?: { readonly total?: number; readonly perBuyerLimit?: number }): Promise<string>
  /** Takes or adopts a hold of one unit. Throws when it is neither. */
  hold(request: Pick<HoldRequest, 'sale' | 'order' | 'slot'> & Partial<HoldRequest>): Promise<HoldTaken>
  /** Redis' only item of a sale. */
  counters(sale: string): Promise<{ readonly available: number; readonly held: number }>
  remove(): Promise<void>
}

/** Redis, Postgres and the fenced way between them, without an app. */
export async function createTestStock(): Promise<TestStock> {
  const [server, database] = await Promise.all([ownRedis(), freshDatabase()])
  await migrate(database.url)
  const pool = createPool(database.url, { max: 6 })
  const redis = createRedis({ url: server.url, name: 'test', role: 'scripts', log: silentLogger })
  const runIdGuard = trackRunId(redis)
  await waitUntilReady(redis, AbortSignal.timeout(60_000))
  await runIdGuard.known(AbortSignal.timeout(60_000))
  const stockRedis = createStockRedis({
    redis,
    runIdGuard,
    rebuildSale: (request) => rebuildSale({ pool, redis, log: silentLogger }, request),
  })
  return {
    pool,
    redis,
    stockRedis,
    databaseUrl: database.url,
    redisUrl: server.url,
    createSale: async ({ total = 10, perBuyerLimit = 5 } = {}) => {
      const sale = `sale-${crypto.randomUUID().slice(0, 8)}`
      const item = { sku: 'tea', name: 'Tea', listPriceMinor: 10, salePriceMinor: 5, total, perBuyerLimit }
      const saved = await saveCatalogue(pool, { sale, body: { currency: 'EUR', items: [item] } })
      if (saved.kind !== 'saved') throw new Error(saved.kind)
      await projectCatalogue(stockRedis, saved.catalogue)
      return sale
    },
    hold: async (request) => {
      const outcome = await createTakeHold(
        stockRedis,
        createLoadBuyer({ pool, redis }),
      )({
        buyer: 'ann',
        requestHash: 'hash',
        mayStart: true,
        commitWithinMs: 60_000,
        draft,
        lines: [{ sku: 'tea', quantity: 1 }],
        ...request,
      })
      if (!('hold' in outcome)) throw new Error(outcome.kind)
      return outcome
    },
    counters: async (sale) => {
      const [available, held] = await Promise.all(
        ['stock', 'held'].map((name) => redis.hget(`oc:{o:${sale}}:${name}`, 'tea')),
      )
      return { available: Number(available), held: Number(held) }
    },
    remove: async () => {
      await closeRedis(redis)
      await pool.end()
      await Promise.all([server.remove(), database.drop()])
    },
  }
}
