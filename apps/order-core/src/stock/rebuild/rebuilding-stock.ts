import type { RedisClient, RunIdGuard } from '@floodgate/redis'
import type { ServiceDeps } from '@floodgate/runtime'
import type { Pool } from 'pg'
import { createStockRedis, type StockRedis } from '../stock-redis.ts'
import { createRebuildMetrics } from './rebuild-metrics.ts'
import { rebuildSale } from './rebuild-sale.ts'

interface RebuildingStockDeps extends Pick<ServiceDeps, 'log' | 'metrics' | 'reachFailPoint'> {
  readonly pool: Pool
  readonly redis: RedisClient
  readonly runIdGuard: RunIdGuard
}

/** Creates the scripts of the stock, which rebuild it from the ledger where Redis lost it, with their metrics and logs. */
export function createRebuildingStock(deps: RebuildingStockDeps): StockRedis {
  const { pool, redis, runIdGuard, log, reachFailPoint } = deps
  const metrics = createRebuildMetrics(deps.metrics)
  const { onRebuilt } = metrics
  return createStockRedis({
    redis,
    runIdGuard,
    rebuildSale: (request) => metrics.track(rebuildSale({ pool, redis, log, reachFailPoint, onRebuilt }, request)),
    onFailed({ sale, error }) {
      metrics.onFailed()
      log.error({ sale, error }, 'stock not rebuilt')
    },
  })
}
