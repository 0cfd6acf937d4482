import { type RedisClient, serverOf } from '@floodgate/redis'
import { saleKeys } from '../stock/keys.ts'

/** Items of a batch: reading them occupies Redis for a millisecond or two, and its events have some 100 KB. */
export const BATCH_ITEMS_MAX = 1_000
export const BATCH_SALES_MAX = 100
/** Assumed for a sale that this process has not read yet. */
export const ITEMS_ASSUMED = 50

/**
 * Groups sales into batches that are read and published at once: at most {@link BATCH_ITEMS_MAX} items, or one larger
 * sale, and {@link BATCH_SALES_MAX} sales. Keeps their order.
 */
export function batchesOf(
  sales: readonly string[],
  itemsOf: (sale: string) => number | undefined,
): readonly (readonly string[])[] {
  const batches: string[][] = []
  let batch: string[] = []
  let items = 0
  for (const sale of sales) {
    const more = itemsOf(sale) ?? ITEMS_ASSUMED
    if (batch.length === 0 || batch.length >= BATCH_SALES_MAX || items + more > BATCH_ITEMS_MAX) {
      batch = []
      items = 0
      batches.push(batch)
    }
    batch.push(sale)
    items += more
  }
  return batches
}

/** Groups sales by the server that has their stock: an unresponsive one must not delay the sales of others. */
export function byServer(redis: RedisClient, sales: readonly string[]): readonly (readonly string[])[] {
  return [...Map.groupBy(sales, (sale) => serverNow(redis, sale)).values()]
}

/** Undefined: no master of a Redis Cluster is known to have it. */
function serverNow(redis: RedisClient, sale: string): unknown {
  try {
    return serverOf(redis, saleKeys(sale).meta)
  } catch {
    return undefined
  }
}
