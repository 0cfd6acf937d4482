import type { Redis } from '@floodgate/redis'
import { saleKeys } from '../stock/keys.ts'

/** Loads no buyer: the stock was never rebuilt, or there is no Postgres. */
export async function noLedger(): Promise<never> {
  throw new Error('nobody was to be loaded')
}

/** Rebuilds a stock from an empty ledger: nothing but the epoch. */
export function rebuildWithoutLedger(redis: Redis) {
  return async function rebuildSale({ sale, runId }: { sale: string; runId: string }) {
    await redis.hset(saleKeys(sale).meta, 'epoch', `1:${runId}`, 'version', 0)
    return 'rebuilt' as const
  }
}
