import type { PublicCatalogue } from '@floodgate/contracts'
import type { RedisClient } from '@floodgate/redis'
import type { Pool } from 'pg'
import { type RedisStock, readRedisStock } from '../stock/availability.ts'
import { createSaleViewCache, type SaleViewCache } from './sale-view-cache.ts'
import { readCatalogue, type StoredCatalogue } from './store.ts'

/** Caches what buyers see of a sale's items: the catalogue of Postgres with the availability of Redis. */
export function createCatalogueCache(
  { pool, redis }: { pool: Pool; redis: RedisClient },
  now?: () => number,
): SaleViewCache {
  return createSaleViewCache(async function readPublicCatalogue(sale) {
    const [catalogue, stock] = await Promise.all([readCatalogue(pool, sale), readRedisStock(redis, sale)])
    return catalogue === undefined ? undefined : publicCatalogueOf(catalogue, stock)
  }, now)
}

const publicCatalogueOf = (catalogue: StoredCatalogue, stock: RedisStock): PublicCatalogue => ({
  sale: catalogue.sale,
  currency: catalogue.currency,
  ...(catalogue.cancelWithinSeconds === 0 ? {} : { cancelWithinSeconds: catalogue.cancelWithinSeconds }),
  items: catalogue.items.map((item) => ({
    sku: item.sku,
    name: item.name,
    listPriceMinor: item.listPriceMinor,
    salePriceMinor: item.salePriceMinor,
    perBuyerLimit: item.perBuyerLimit,
    total: item.total,
    available: Math.max(0, stock.available.get(item.sku) ?? 0),
    soldOut: (stock.sold.get(item.sku) ?? 0) >= item.total,
  })),
})
