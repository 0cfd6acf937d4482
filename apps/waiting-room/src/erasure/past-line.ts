import type { RedisClient } from '@floodgate/redis'
import type { Pool } from 'pg'
import { isArchived } from '../archive/archive-store.ts'
import { lineKeys } from '../redis/keys.ts'

const ENTRIES_PER_PAGE = 1_000

/**
 * Erases the buyer from a past line in Redis. Deletes everything about waiting and admitted buyers, since there are
 * none any more.
 * Returns false when entries of the log must stay, because the archive does not have them yet.
 */
export async function erasePastLine(
  { pool, redis }: { pool: Pool; redis: RedisClient },
  { buyer, sale }: { buyer: string; sale: string },
): Promise<boolean> {
  const { sale: _, log, vouches: __, ...places } = lineKeys(sale)
  await redis.unlink(...Object.values(places))
  let from = '-'
  for (;;) {
    const entries = await redis.xrange(log, from, '+', 'COUNT', ENTRIES_PER_PAGE)
    const theirs = entries.flatMap(([id, fields]) => (fields.includes(buyer) ? [id] : []))
    const newest = theirs.at(-1)
    if (newest !== undefined) {
      // The archiver copies entries in order.
      if (!(await isArchived(pool, sale, newest))) return false
      await redis.xdel(log, ...theirs)
    }
    const last = entries.at(-1)
    if (last === undefined || entries.length < ENTRIES_PER_PAGE) return true
    from = `(${last[0]}`
  }
}
