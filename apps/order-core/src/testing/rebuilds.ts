import { closeRedis, type Redis } from '@floodgate/redis'
import type { ReachFailPoint } from '@floodgate/runtime'
import { connectGuardedRedis, ownRedis } from '@floodgate/testkit'
import { silentLogger } from '@floodgate/testkit/fixtures'
import { auditStock } from '../reconcile/audit.ts'
import { rebuildSale } from '../stock/rebuild/rebuild-sale.ts'
import { createStockRedis, type StockRedis } from '../stock/stock-redis.ts'
import { createTestLedger, type TestLedger, testSale } from './ledger.ts'

export interface TestRebuilds {
  readonly ledger: TestLedger
  readonly redis: Redis
  /** Creates the stock of a separate process; calls `at` at the fail points of its rebuilds. */
  createStockRedis(at?: ReachFailPoint): StockRedis
  /** Tells whether Redis counts what the ledger counts. */
  agree(): Promise<boolean>
  remove(): Promise<void>
}

/** Creates a ledger and a Redis, and any number of processes that rebuild the one from the other. */
export async function createTestRebuilds(): Promise<TestRebuilds> {
  const [ledger, server] = await Promise.all([createTestLedger(), ownRedis()])
  const { redis, runIdGuard } = await connectGuardedRedis(server.url)
  const { pool } = ledger
  return {
    ledger,
    redis,
    createStockRedis: (reachFailPoint = async () => undefined) =>
      createStockRedis({
        redis,
        runIdGuard,
        rebuildSale: (request) => rebuildSale({ pool, redis, log: silentLogger, reachFailPoint }, request),
      }),
    agree: async () => (await auditStock({ pool, redis }, testSale))?.agree === true,
    remove: async () => {
      await closeRedis(redis)
      await Promise.all([ledger.remove(), server.remove()])
    },
  }
}
