import type { Redis } from '@floodgate/redis'
import { saleKeys } from './keys.ts'

export interface RedisStock {
  /** "n:run_id" of the rebuild behind it; undefined: there is none. */
  readonly epoch: string | undefined
  /** Of the catalogue. */
  readonly version: number
  readonly available: ReadonlyMap<string, number>
  readonly held: ReadonlyMap<string, number>
  readonly sold: ReadonlyMap<string, number>
}

/** All counters of a sale, of one moment. */
export const readRedisStock = async (redis: Redis, sale: string): Promise<RedisStock> => {
  const keys = saleKeys(sale)
  const replies = await redis
    .multi()
    .hgetall(keys.meta)
    .hgetall(keys.stock)
    .hgetall(keys.held)
    .hgetall(keys.sold)
    .exec()
  const [meta = {}, stock = {}, held = {}, sold = {}] = (replies ?? []).map(([error, hash]) => {
    if (error !== null) throw error
    return hash as Record<string, string>
  })
  return {
    epoch: meta.epoch,
    version: Number(meta.version ?? 0),
    available: numbers(stock),
    held: numbers(held),
    sold: numbers(sold),
  }
}

const numbers = (hash: Readonly<Record<string, string>>): ReadonlyMap<string, number> =>
  new Map(Object.entries(hash).map(([sku, value]) => [sku, Number(value)]))
