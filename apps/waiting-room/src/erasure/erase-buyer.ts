import type { ErasureReport, ErasureRequest, Remaining } from '@floodgate/contracts'
import type { RedisClient } from '@floodgate/redis'
import type { Pool } from 'pg'
import { eraseSubject } from '../identity/revocation-store.ts'
import { lineKeys } from '../redis/keys.ts'
import { CLOSED_LINE_MS } from '../sales/sale.ts'
import { ERASED, eraseEntries, hasEntries } from './archived-entries.ts'
import { erasePastLine } from './past-line.ts'

/**
 * Erases the buyer from the lines of sales that closed two days ago, which cannot be reopened. Only Postgres knows
 * which these are: Redis may have lost an active line, and restores one that is over on request. Any other line keeps
 * the buyer and is listed under `remaining`.
 */
export async function eraseFromLines(
  { pool, redis }: { pool: Pool; redis: RedisClient },
  { buyer, sale }: ErasureRequest,
): Promise<Omit<ErasureReport, 'app'>> {
  const { rows: sales } = await pool.query<{ id: string; isOver: boolean }>(
    `select id, coalesce(state = 'closed' and (
         select at from rooms.acts where acts.sale = sales.id and act = 'close' order by acts.id desc limit 1
       ) < now() - $2 * interval '1 ms', false) as "isOver"
     from rooms.sales where $1::text is null or id = $1 order by id`,
    [sale ?? null, CLOSED_LINE_MS],
  )
  // Revocations concern all sales: their subject goes with the buyer of all.
  const subjects = sale === undefined ? await eraseSubject(pool, buyer) : 0
  let entries = 0
  let slots = 0
  const remaining: Remaining[] = []
  for (const { id, isOver } of sales) {
    const who = { buyer, sale: id }
    if (!isOver) {
      if (await isKnown({ pool, redis }, who))
        remaining.push({ what: `line of sale ${id}`, why: 'it is kept until two days after the close of its sale' })
      continue
    }
    entries += await eraseEntries(pool, who)
    const erased = await pool.query('update rooms.open_slots set buyer = $3 where sale = $1 and buyer = $2', [
      id,
      buyer,
      ERASED,
    ])
    slots += erased.rowCount ?? 0
    if (!(await erasePastLine({ pool, redis }, who)))
      remaining.push({ what: `log of sale ${id}`, why: 'its newest entries are not archived yet' })
  }
  return {
    erased: { 'rooms.archived_log': entries, 'rooms.open_slots': slots, 'rooms.identity_revocations': subjects },
    remaining,
  }
}

async function isKnown(
  { pool, redis }: { pool: Pool; redis: RedisClient },
  { buyer, sale }: { buyer: string; sale: string },
): Promise<boolean> {
  const keys = lineKeys(sale)
  const queues = [keys.line, keys.absent, keys.returning, keys.presentUntil, keys.left]
  const scores = await Promise.all(queues.map((key) => redis.zscore(key, buyer)))
  if (scores.some((score) => score !== null) || (await redis.hexists(keys.slotOf, buyer)) === 1) return true
  const slots = await pool.query('select from rooms.open_slots where sale = $1 and buyer = $2 limit 1', [sale, buyer])
  return slots.rowCount === 1 || (await hasEntries(pool, { buyer, sale }))
}
