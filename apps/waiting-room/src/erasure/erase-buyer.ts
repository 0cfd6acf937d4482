import type { ErasureReport, ErasureRequest, Remaining } from '@floodgate/contracts'
import type { Redis } from '@floodgate/redis'
import type { Pool } from 'pg'
import { lineKeys } from '../line/keys.ts'

const ENTRIES_PER_PAGE = 20_000
const ERASED = 'erased'

/**
 * Erases the buyer from the archive of lines that Redis has no longer: two days after their close. A line that Redis still has
 * goes on with it, and is told as remaining; it forgets its buyers by itself when it ends.
 */
export async function eraseFromLines(
  { pool, redis }: { pool: Pool; redis: Redis },
  { buyer, sale }: ErasureRequest,
): Promise<Omit<ErasureReport, 'app'>> {
  const { rows: sales } = await pool.query<{ id: string }>(
    'select id from rooms.sales where $1::text is null or id = $1 order by id',
    [sale ?? null],
  )
  let entries = 0
  let slots = 0
  const remaining: Remaining[] = []
  for (const { id } of sales) {
    if ((await redis.exists(lineKeys(id).sale)) === 1) {
      if (await isKnown({ pool, redis }, { buyer, sale: id }))
        remaining.push({ what: `line of sale ${id}`, why: 'it ends two days after its sale has closed' })
      continue
    }
    entries += await eraseEntries(pool, { buyer, sale: id })
    const erased = await pool.query('update rooms.open_slots set buyer = $3 where sale = $1 and buyer = $2', [
      id,
      buyer,
      ERASED,
    ])
    slots += erased.rowCount ?? 0
  }
  return { erased: { 'rooms.archived_log': entries, 'rooms.open_slots': slots }, remaining }
}

async function isKnown(
  { pool, redis }: { pool: Pool; redis: Redis },
  { buyer, sale }: { buyer: string; sale: string },
): Promise<boolean> {
  const keys = lineKeys(sale)
  const queues = [keys.line, keys.away, keys.back, keys.seen, keys.left]
  const scores = await Promise.all(queues.map((key) => redis.zscore(key, buyer)))
  if (scores.some((score) => score !== null) || (await redis.hexists(keys.inside, buyer)) === 1) return true
  const { rows } = await pool.query(
    `select from rooms.archived_log where sale = $1 and body->>'buyer' = $2
     union all select from rooms.open_slots where sale = $1 and buyer = $2 limit 1`,
    [sale, buyer],
  )
  return rows.length > 0
}

/** Page by page along the key of the archive: a log may have millions of entries. */
async function eraseEntries(pool: Pool, { buyer, sale }: { buyer: string; sale: string }): Promise<number> {
  let erased = 0
  let after: readonly [number, number] = [-1, -1]
  for (;;) {
    const { rows } = await pool.query<{ ms: number; seq: number; count: number; read: number }>(
      `with page as materialized (
         select entry_ms, entry_seq, body->>'buyer' = $4 as is_theirs from rooms.archived_log
         where sale = $1 and (entry_ms, entry_seq) > ($2::bigint, $3::bigint) order by entry_ms, entry_seq
         limit ${ENTRIES_PER_PAGE}
       ), erased as (
         update rooms.archived_log entry set body = jsonb_set(body, '{buyer}', to_jsonb($5::text))
         from page where entry.sale = $1 and entry.entry_ms = page.entry_ms and entry.entry_seq = page.entry_seq and page.is_theirs
         returning 1
       )
       select entry_ms as ms, entry_seq as seq, (select count(*) from erased) as count, (select count(*) from page) as read
       from page order by entry_ms desc, entry_seq desc limit 1`,
      [sale, ...after, buyer, ERASED],
    )
    const last = rows[0]
    if (last === undefined) return erased
    erased += last.count
    if (last.read < ENTRIES_PER_PAGE) return erased
    after = [last.ms, last.seq]
  }
}
