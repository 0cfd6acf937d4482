import type { RedisServer } from '@floodgate/local-servers'
import { closeRedis, type Redis } from '@floodgate/redis'
import { connectGuardedRedis, createTestDatabase, eventually, type Own, ownRedis } from '@floodgate/testkit'
import { silentLogger } from '@floodgate/testkit/fixtures'
import type { Pool } from 'pg'
import { projectCatalogue } from '../catalogue/project.ts'
import { saveCatalogue } from '../catalogue/store.ts'
import { commitBatch } from '../ledger/commit-batch.ts'
import type { CommitOutcome } from '../ledger/commit-outcome.ts'
import { createTakeHold, type HoldOutcome, type HoldRequest, type HoldTaken } from '../stock/hold.ts'
import { createLoadBuyer } from '../stock/load-buyers.ts'
import { rebuildSale } from '../stock/rebuild/rebuild-sale.ts'
import { createStockRedis, type StockRedis } from '../stock/stock-redis.ts'
import { draft, newOrder } from './new-orders.ts'

export interface TestStock {
  readonly pool: Pool
  readonly redis: Redis
  readonly stockRedis: StockRedis
  readonly databaseUrl: string
  readonly server: Own<RedisServer>
  /** Creates a sale with one item, `tea`. */
  createSale(options?: { readonly total?: number; readonly perBuyerLimit?: number }): Promise<string>
  /** Requests a hold of one unit. */
  tryHold(request: TestHold): Promise<HoldOutcome>
  /** Takes or adopts a hold of one unit. Throws when it is neither. */
  hold(request: TestHold): Promise<HoldTaken>
  /** Writes the order of a hold, as the group commit does. */
  commit(request: TestHold, outcome: HoldOutcome): Promise<CommitOutcome | undefined>
  /** Returns the only item of a sale in Redis. */
  counters(sale: string): Promise<{ readonly available: number; readonly held: number }>
  remove(): Promise<void>
}

/** Defaults of a request: one unit for `ann`, within a minute. */
type TestHold = Pick<HoldRequest, 'sale' | 'order' | 'slot'> & Partial<HoldRequest>

/** Redis, Postgres and the fence between them, without an app. */
export async function createTestStock(startServer = ownRedis): Promise<TestStock> {
  const [server, database] = await Promise.all([startServer(), createTestDatabase({ connectionsMax: 6 })])
  const { pool } = database
  const { redis, runIdGuard } = await connectGuardedRedis(server.url)
  const stockRedis = createStockRedis({
    redis,
    runIdGuard,
    rebuildSale: (request) => rebuildSale({ pool, redis, log: silentLogger }, request),
  })
  const takeHold = createTakeHold(stockRedis, createLoadBuyer({ pool, redis }))
  const unit = { buyer: 'ann', requestHash: 'hash', lines: [{ sku: 'tea', quantity: 1 }] }
  function tryHold(request: TestHold): Promise<HoldOutcome> {
    return takeHold({ ...unit, mayStart: true, commitWithinMs: 60_000, draft, ...request })
  }
  return {
    pool,
    redis,
    stockRedis,
    databaseUrl: database.url,
    server,
    createSale: async ({ total = 10, perBuyerLimit = 5 } = {}) => {
      const sale = `sale-${crypto.randomUUID().slice(0, 8)}`
      const item = { sku: 'tea', name: 'Tea', listPriceMinor: 10, salePriceMinor: 5, total, perBuyerLimit }
      const saved = await saveCatalogue(pool, { sale, body: { currency: 'EUR', items: [item] } })
      if (saved.kind !== 'saved') throw new Error(saved.kind)
      // A new sale is rebuilt; a busy machine takes longer for that than an operator waits.
      await eventually(() => projectCatalogue(stockRedis, saved.catalogue))
      return sale
    },
    tryHold,
    hold: async (request) => {
      const outcome = await tryHold(request)
      if (!('hold' in outcome)) throw new Error(outcome.kind)
      return outcome
    },
    commit: async ({ sale, order: id, slot, buyer = unit.buyer, requestHash = unit.requestHash }, outcome) => {
      if (!('hold' in outcome)) throw new Error(outcome.kind)
      const { epoch, lines } = outcome.hold
      const order = newOrder({ sale, id, buyer, slot, requestHash, epoch, lines })
      const times = { holdMs: 600_000, chargeMarginMs: 0 }
      const options = { pool, times, giveUpAfterMs: 1_000, onError: () => undefined }
      return (await commitBatch(options, [order])).get(id)
    },
    counters: async (sale) => {
      const [available, held] = await Promise.all(
        ['stock', 'held'].map((name) => redis.hget(`oc:{o:${sale}}:${name}`, 'tea')),
      )
      return { available: Number(available), held: Number(held) }
    },
    remove: async () => {
      await closeRedis(redis)
      await Promise.all([server.remove(), database.remove()])
    },
  }
}
