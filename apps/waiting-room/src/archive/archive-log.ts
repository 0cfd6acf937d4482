import { advisoryLockKey, withTransaction } from '@floodgate/database'
import type { Pool, PoolClient } from 'pg'
import { lineKeys } from '../redis/keys.ts'
import { type LineRedis, whileRedisIsThere } from '../redis/line-redis.ts'
import { compareLogIds, type LogRecord, parseLogRecord } from '../snapshot/log-record.ts'
import { insertArchived, lastArchivedId, readArchived } from './archive-store.ts'
import { addToSummary, readLineTotals } from './line-summary.ts'
import { resumeAfterCut } from './resume-after-cut.ts'

const PAGE_ENTRIES = 10_000
/** Maximum number of pages in one transaction. */
const PAGES_MAX = 5

/** Reads a line's stream after an id, oldest first. */
export async function readStream(line: LineRedis, sale: string, { after, limit }: { after: string; limit: number }) {
  const start = after === '0-0' ? '-' : `(${after}`
  const entries = await whileRedisIsThere(() => line.redis.xrange(lineKeys(sale).log, start, '+', 'COUNT', limit))
  return entries.map(([id, body]) => parseLogRecord(id, body ?? []))
}

/** Reads the newest entries of a line's stream, oldest first. */
export async function readStreamEnd(line: LineRedis, sale: string, limit: number) {
  const entries = await whileRedisIsThere(() => line.redis.xrevrange(lineKeys(sale).log, '+', '-', 'COUNT', limit))
  return entries.reverse().map(([id, body]) => parseLogRecord(id, body ?? []))
}

export interface ArchiveRound {
  /** The archive is complete up to this entry. */
  readonly reached: string
  /** More entries wait: another round is due at once. */
  readonly isBehind: boolean
}

interface Both {
  readonly line: LineRedis
  readonly client: PoolClient
}

/**
 * Copies what a line's stream has after the archive's end and adds it to the sale's summary: at most 50,000 entries per
 * call. One process at a time per sale, by a lock that lasts as long as the transaction. Returns undefined while
 * another process holds it.
 */
export async function archiveLog(
  { line, pool }: { line: LineRedis; pool: Pool },
  sale: string,
): Promise<ArchiveRound | undefined> {
  return await withTransaction(pool, async (client) => {
    if (!(await lockArchive(client, sale))) return undefined
    return await archiveRound({ line, client }, sale)
  })
}

/**
 * Archives until nothing is left, in the caller's transaction. Used by a recovery, which needs what Redis still has of
 * the log.
 */
export async function archiveWholeLog(both: Both, sale: string): Promise<void> {
  await both.client.query('select pg_advisory_xact_lock($1::bigint)', [archiveLock(sale)])
  while ((await archiveRound(both, sale)).isBehind);
}

const archiveLock = (sale: string) => advisoryLockKey(`rooms:archive:${sale}`)

async function archiveRound(both: Both, sale: string): Promise<ArchiveRound> {
  return (await addUpArchived(both.client, sale)) ?? (await copyStream(both, sale))
}

async function lockArchive(client: PoolClient, sale: string): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>('select pg_try_advisory_xact_lock($1::bigint) as locked', [
    archiveLock(sale),
  ])
  return rows[0]?.locked === true
}

/** Summarises entries that were archived before summaries existed. */
async function addUpArchived(client: PoolClient, sale: string): Promise<ArchiveRound | undefined> {
  const [{ reached }, archivedTo] = [await readLineTotals(client, sale), await lastArchivedId(client, sale)]
  if (compareLogIds(archivedTo, reached) <= 0) return undefined
  const records = await readArchived(client, sale, { after: reached, limit: PAGE_ENTRIES })
  await addToSummary(client, sale, records)
  return { reached, isBehind: true }
}

/** Reads a page while Postgres writes the previous one. */
async function copyStream({ line, client }: Both, sale: string): Promise<ArchiveRound> {
  let [reached, summedTo] = [await lastArchivedId(client, sale), (await readLineTotals(client, sale)).reached]
  let page = await readStream(line, sale, { after: reached, limit: PAGE_ENTRIES })
  for (let pages = 1; page.length > 0; pages += 1) {
    reached = page.at(-1)?.id ?? reached
    const isLast = page.length < PAGE_ENTRIES || pages === PAGES_MAX
    const [written, read] = await Promise.allSettled([
      writePage(client, sale, { page, summedTo }),
      isLast ? [] : readStream(line, sale, { after: reached, limit: PAGE_ENTRIES }),
    ])
    // Both have settled by now: after a roll-back nothing may be written on this connection.
    if (written.status === 'rejected') throw written.reason
    if (read.status === 'rejected') throw read.reason
    if (written.value) {
      await resumeAfterCut({ line, client }, sale)
      summedTo = (await readLineTotals(client, sale)).reached
    }
    if (isLast) return { reached, isBehind: page.length === PAGE_ENTRIES }
    page = read.value
  }
  return { reached, isBehind: false }
}

async function writePage(
  client: PoolClient,
  sale: string,
  { page, summedTo }: { readonly page: readonly LogRecord[]; readonly summedTo: string },
): Promise<boolean> {
  await insertArchived(client, sale, page)
  const isAllNew = compareLogIds(page[0]?.id ?? '0-0', summedTo) > 0
  const unsummed = isAllNew ? page : page.filter(({ id }) => compareLogIds(id, summedTo) > 0)
  return unsummed.length > 0 && (await addToSummary(client, sale, unsummed)).isCut
}
