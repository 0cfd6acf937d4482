import type { RedisClient } from '@floodgate/redis'
import type { Pool } from 'pg'
import { saleKeys } from '../stock/keys.ts'
import { type ChangeCursor, cursorFrom } from './follow-changes.ts'

const ORDERS_PER_PAGE = 1_000
/** The next round continues with the rest: the holds of other sales must not wait for it. */
const PAGES_PER_CALL = 50

/**
 * Deletes the stock of a past sale from RedisClient, the records of its holds first, by the ids in Postgres: Redis holds the
 * keys of all sales, and scanning them would cost as much for the smallest. Returns where the next call continues, or
 * undefined when nothing is left; then the sale is retired until its stock is rebuilt. Safe to restart.
 */
export async function retireSale(
  { pool, redis }: { pool: Pool; redis: RedisClient },
  { sale, epoch, from }: { sale: string; epoch: number; from?: ChangeCursor | undefined },
): Promise<ChangeCursor | undefined> {
  const keys = saleKeys(sale)
  const isFirst = from === undefined
  // Both stay until the rest is gone: without them nothing is left, as after a loss of Redis.
  if (isFirst && (await redis.exists(keys.meta, keys.rebuilding)) === 0) {
    await markRetired(pool, { sale, epoch })
    return undefined
  }
  let cursor = from ?? cursorFrom(new Date(0))
  for (let page = 0; page < PAGES_PER_CALL; page += 1) {
    const { rows } = await pool.query<ChangeCursor>({
      name: 'orders-to-retire',
      text: `select updated_at as "updatedAt", id from orders.orders
        where sale = $1 and updated_at >= $2 and (updated_at, id) > ($2, $3)
        order by updated_at, id limit ${ORDERS_PER_PAGE}`,
      values: [sale, cursor.updatedAt, cursor.id],
    })
    if (rows.length > 0) await redis.unlink(rows.map(({ id }) => keys.hold(id)))
    const last = rows.at(-1)
    if (last === undefined || rows.length < ORDERS_PER_PAGE) {
      await deleteRest({ pool, redis }, { sale, epoch })
      return undefined
    }
    cursor = last
  }
  return cursor
}

async function deleteRest(
  { pool, redis }: { pool: Pool; redis: RedisClient },
  { sale, epoch }: { sale: string; epoch: number },
): Promise<void> {
  const keys = saleKeys(sale)
  // Holds that never became orders.
  const holds = await redis.zrangebyscore(keys.holds, '-inf', '+inf')
  for (let at = 0; at < holds.length; at += ORDERS_PER_PAGE)
    await redis.unlink(holds.slice(at, at + ORDERS_PER_PAGE).map((order) => keys.hold(order)))
  await redis.unlink(keys.items, keys.stock, keys.held, keys.sold, keys.units, keys.holds, keys.slots, keys.barred)
  await redis.unlink(keys.ledger, keys.loaded, keys.corrected)
  await redis.unlink(keys.campaigns, keys.claims, keys.claimed, keys.openClaims)
  await redis.unlink(keys.meta, keys.rebuilding)
  await markRetired(pool, { sale, epoch })
}

async function markRetired(pool: Pool, { sale, epoch }: { sale: string; epoch: number }): Promise<void> {
  // A late event may have rebuilt it meanwhile: a rebuild raises the epoch in the row that is locked here.
  await pool.query(
    `with fence as materialized (select sale from orders.fences where sale = $1 and epoch = $2 for share)
     update orders.catalogues c set retired_at = now()
     where c.sale = $1 and (exists (select from fence) or $2 = 0 and not exists (select from orders.fences where sale = $1))`,
    [sale, epoch],
  )
}
