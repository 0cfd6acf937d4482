import type { Redis } from '@floodgate/redis'
import type { Pool } from 'pg'
import { saleKeys } from './keys.ts'

const DAY_MS = 86_400_000
const KEYS_PER_SCAN = 1_000

/** From a day after its close a sale has nothing left in Redis; its orders are answered from Postgres. */
export const isRetired = (closedAt: Date | null | undefined, now: Date): boolean =>
  closedAt !== null && closedAt !== undefined && now.getTime() - closedAt.getTime() > DAY_MS

/** Sales that closed more than a day ago and hold nothing any more. */
export const retirableSales = async (pool: Pool): Promise<readonly string[]> => {
  const { rows } = await pool.query<{ sale: string }>(
    `select c.sale from orders.catalogues c join orders.sales s on s.id = c.sale
     where s.closed_at between now() - interval '8 days' and now() - interval '1 day'
       and not exists (select from orders.stock where stock.sale = c.sale and held > 0)`,
  )
  return rows.map(({ sale }) => sale)
}

/** Deletes the stock of a sale from Redis. Returns whether there was any. */
export const retireSale = async (redis: Redis, sale: string): Promise<boolean> => {
  if ((await redis.exists(saleKeys(sale).meta)) === 0) return false
  await deleteStock(redis, sale)
  return true
}

const deleteStock = async (redis: Redis, sale: string): Promise<void> => {
  const keys = saleKeys(sale)
  let cursor = '0'
  do {
    const [next, found] = await redis.scan(cursor, 'MATCH', keys.holdPattern, 'COUNT', KEYS_PER_SCAN)
    if (found.length > 0) await redis.unlink(...found)
    cursor = next
  } while (cursor !== '0')
  // `meta` last: while it is there the next round tries again.
  await redis.unlink(keys.items, keys.stock, keys.held, keys.sold, keys.units, keys.holds, keys.slots, keys.barred)
  await redis.unlink(keys.ledger, keys.rebuilding)
  await redis.unlink(keys.meta)
}
