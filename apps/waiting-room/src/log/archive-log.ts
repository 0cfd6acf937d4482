import { advisoryLockKey, withTransaction } from '@floodgate/database'
import type { Pool } from 'pg'
import { lineKeys } from '../line/keys.ts'
import { type LineRedis, whileRedisIsThere } from '../line/line-redis.ts'
import { insertArchived, lastArchivedId } from './archive-store.ts'
import { compareLogIds, parseLogRecord } from './log-record.ts'

const batch = 5_000
/** Processes read the newest of the stream for their sockets: what is younger than this stays there. */
const keepMs = 60_000

/** Reads a line's stream behind an id, oldest first. */
export const readStream = async (line: LineRedis, sale: string, { after, limit }: { after: string; limit: number }) => {
  const start = after === '0-0' ? '-' : `(${after}`
  const entries = await whileRedisIsThere(() => line.redis.xrange(lineKeys(sale).log, start, '+', 'COUNT', limit))
  return entries.map(([id, body]) => parseLogRecord(id, body ?? []))
}

/** Reads the newest entries of a line's stream, oldest first. */
export async function readStreamEnd(line: LineRedis, sale: string, limit: number) {
  const entries = await whileRedisIsThere(() => line.redis.xrevrange(lineKeys(sale).log, '+', '-', 'COUNT', limit))
  return entries.reverse().map(([id, body]) => parseLogRecord(id, body ?? []))
}

/**
 * Copies what a line's stream has behind `after` into the archive, then trims what is archived and a minute old. One
 * process at a time per sale, by a lock that lives as long as the transaction; two at once would only do it twice.
 * Answers the id up to which the archive is complete, or undefined while another process is at it.
 */
export const archiveLog = async (
  options: { line: LineRedis; pool: Pool },
  sale: string,
  after: string,
): Promise<string | undefined> => {
  const { line, pool } = options
  const records = await readStream(line, sale, { after, limit: batch })
  const last = records.at(-1)
  if (last === undefined) return after
  const archived = await withTransaction(pool, async (client) => {
    const { rows } = await client.query<{ locked: boolean }>('select pg_try_advisory_xact_lock($1::bigint) as locked', [
      advisoryLockKey(`rooms:archive:${sale}`),
    ])
    if (rows[0]?.locked !== true) return false
    // The others archive too, each behind what it knows: leave out what one of them has done.
    const reached = await lastArchivedId(client, sale)
    const missing = records.filter((record) => compareLogIds(record.id, reached) > 0)
    if (missing.length > 0) await insertArchived(client, sale, missing)
    return true
  })
  if (!archived) return undefined
  const [lastMs = '0'] = last.id.split('-')
  await line.redis.xtrim(lineKeys(sale).log, 'MINID', Math.min(Number(lastMs), Date.now() - keepMs))
  return last.id
}
