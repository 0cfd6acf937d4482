import { copyRows, copyValue } from '@floodgate/database'
import type { Pool, PoolClient } from 'pg'
import { archivedLogRecord, type LogRecord } from '../snapshot/log-record.ts'

interface ArchivedRow {
  entry_ms: number
  entry_seq: number
  body: Record<string, string>
}

const idParts = (id: string): [string, string] => {
  const [ms = '0', seq = '0'] = id.split('-')
  return [ms, seq]
}
const recordOf = (row: ArchivedRow): LogRecord => archivedLogRecord(`${row.entry_ms}-${row.entry_seq}`, row.body)

/**
 * Copies entries of a line's stream that follow the archived ones, in the order of their ids. The caller holds the
 * sale's archive lock: an existing entry fails all of them.
 */
export async function insertArchived(client: PoolClient, sale: string, records: readonly LogRecord[]): Promise<void> {
  await copyRows(client, 'rooms.archived_log (sale, entry_ms, entry_seq, at, kind, body)', rowsOf(sale, records))
}

function rowsOf(sale: string, records: readonly LogRecord[]): string[] {
  // The entries of one tick have one time.
  let [knownMs, at] = [Number.NaN, '']
  return records.map(({ id, atMs, kind, body }) => {
    if (atMs !== knownMs) [knownMs, at] = [atMs, new Date(atMs).toISOString()]
    const [entryMs, entrySeq] = idParts(id)
    return [sale, entryMs, entrySeq, at, kind, copyValue(JSON.stringify(body))].join('\t')
  })
}

/** Returns the newest archived id, `0-0` when there is none. */
export async function lastArchivedId(client: PoolClient, sale: string): Promise<string> {
  const { rows } = await client.query<Omit<ArchivedRow, 'body'>>(
    'select entry_ms, entry_seq from rooms.archived_log where sale = $1 order by entry_ms desc, entry_seq desc limit 1',
    [sale],
  )
  return rows[0] === undefined ? '0-0' : `${rows[0].entry_ms}-${rows[0].entry_seq}`
}

/** Tells whether the archive has an entry of a line's stream. */
export async function isArchived(pool: Pool, sale: string, id: string): Promise<boolean> {
  const { rowCount } = await pool.query(
    'select from rooms.archived_log where sale = $1 and entry_ms = $2 and entry_seq = $3',
    [sale, ...idParts(id)],
  )
  return rowCount === 1
}

export async function readArchived(
  pool: Pick<Pool | PoolClient, 'query'>,
  sale: string,
  { after, limit }: { after: string; limit: number },
): Promise<readonly LogRecord[]> {
  const { rows } = await pool.query<ArchivedRow>(
    `select entry_ms, entry_seq, body from rooms.archived_log
     where sale = $1 and (entry_ms, entry_seq) > ($2::bigint, $3::bigint) order by entry_ms, entry_seq limit $4`,
    [sale, ...idParts(after), limit],
  )
  return rows.map(recordOf)
}

/** Reads the newest archived entries of a sale, newest first. */
export async function readArchivedEnd(pool: Pool, sale: string, limit: number): Promise<readonly LogRecord[]> {
  const { rows } = await pool.query<ArchivedRow>(
    `select entry_ms, entry_seq, body from rooms.archived_log
     where sale = $1 order by entry_ms desc, entry_seq desc limit $2`,
    [sale, limit],
  )
  return rows.map(recordOf)
}

/** Reads the archived entries of one slot, oldest first, and the join that gave its place. */
export async function readArchivedSlot(pool: Pool, sale: string, slot: string): Promise<readonly LogRecord[]> {
  const { rows } = await pool.query<ArchivedRow>(
    `with slot_entries as (
       select entry_ms, entry_seq, body from rooms.archived_log
       where sale = $1 and kind in ('admitted', 'returned') and body->>'slot' = $2)
     (select entry_ms, entry_seq, body from rooms.archived_log
      where sale = $1 and kind = 'joined'
        and (body->>'place')::bigint >= (select (body->>'place')::bigint from slot_entries limit 1)
      order by entry_ms, entry_seq limit 1)
     union all (select * from slot_entries order by entry_ms, entry_seq)`,
    [sale, slot],
  )
  return rows.map(recordOf)
}
