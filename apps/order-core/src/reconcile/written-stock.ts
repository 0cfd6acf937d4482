import type { Logger } from '@floodgate/runtime'
import type { Pool } from 'pg'
import { saleKeys } from '../stock/keys.ts'
import type { StockScripts } from '../stock/stock-redis.ts'
import type { LiveSale } from './live-sales.ts'

/**
 * Resolves to the version of the catalogue in Redis. Undefined, and the stock is rebuilt soon: it is lost, half-written,
 * or from before a promotion of Postgres. `timeline`: that of Postgres now; undefined: unknown.
 */
export async function readWrittenVersion(
  { pool, stockRedis, log }: { pool: Pool; stockRedis: StockScripts; log: Logger },
  live: LiveSale,
  timeline: number | undefined,
): Promise<number | undefined> {
  const { sale, epoch } = live
  const [written, version, followFrom] = await stockRedis.redis.hmget(
    saleKeys(sale).meta,
    'epoch',
    'version',
    'followFrom',
  )
  // It cannot be compared, and no other sale waits for it.
  if (epoch === 0 || written !== `${epoch}:${stockRedis.runId(sale)}` || typeof followFrom === 'string') {
    stockRedis.rebuildSoon(sale)
    return undefined
  }
  if (await isFromBeforePromotion(pool, live, timeline)) {
    log.warn({ sale, timeline: { before: live.timeline, now: timeline } }, 'stock from before a promotion')
    stockRedis.rebuildSoon(sale, { force: true })
    return undefined
  }
  return Number(version)
}

/**
 * Tells whether a standby was promoted since the stock was written: commits that it lacked still count in Redis. A fence
 * without a timeline, as older releases write it, gets the present one.
 */
async function isFromBeforePromotion(
  pool: Pool,
  { sale, timeline }: LiveSale,
  now: number | undefined,
): Promise<boolean> {
  if (now === undefined || timeline === now) return false
  if (timeline !== null) return true
  await pool.query('update orders.fences set timeline = $2 where sale = $1 and timeline is null', [sale, now])
  return false
}
