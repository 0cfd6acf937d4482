import { advisoryLockKey, withTransaction } from '@floodgate/database'
import type { ExportRows, RetentionTask } from '@floodgate/service'
import type { Pool, PoolClient } from 'pg'

const ROWS_MAX = 20_000
const SALES_MAX = 10
/** A sale that may still be reopened keeps what a recovery needs. */
const DAYS_MIN = 3
/** A shop may still ask for it, by a clock of its own. */
const REVOCATIONS_KEPT_SECONDS = 3_600

/** Deletes revocations of passes that ended. One process at a time. */
export async function pruneRevocations(pool: Pool): Promise<void> {
  await withTransaction(pool, async (client) => {
    if (!(await isPruning(client))) return
    await client.query('delete from rooms.revocations where pass_expires_at < now() - make_interval(secs => $1)', [
      REVOCATIONS_KEPT_SECONDS,
    ])
  })
}

/** What the archive has of sales that closed `days` ago. 0 days: for ever. */
export function createArchiveRetention({ pool, days }: { pool: Pool; days: number }): readonly RetentionTask[] {
  if (days === 0) return []
  return [
    {
      table: 'rooms.archived_log',
      deleteBatch: (exportRows) => pruneArchive(pool, { days, exportRows }),
      async oldest() {
        const { rows } = await pool.query<{ at: Date }>(
          `select to_timestamp(min(oldest.ms) / 1000.0) as at from rooms.lines line cross join lateral (
             select entry_ms as ms from rooms.archived_log where sale = line.sale order by entry_ms limit 1) oldest`,
        )
        return rows[0]?.at ?? undefined
      },
    },
  ]
}

/** Deletes 20,000 rows a sale and call. One process at a time. Returns how many; 0: nothing is left to do. */
export async function pruneArchive(
  pool: Pool,
  { days, exportRows }: { days: number; exportRows: ExportRows },
): Promise<number> {
  return await withTransaction(pool, async (client) =>
    (await isPruning(client)) ? await pruneSales(client, { days, exportRows }) : 0,
  )
}

async function isPruning(client: PoolClient): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>('select pg_try_advisory_xact_lock($1::bigint) as locked', [
    advisoryLockKey('rooms:prune'),
  ])
  return rows[0]?.locked === true
}

async function pruneSales(
  client: PoolClient,
  { days, exportRows }: { days: number; exportRows: ExportRows },
): Promise<number> {
  const { rows } = await client.query<{ id: string }>(
    `select id from rooms.sales as sale
     where state = 'closed'
       and (select max(at) from rooms.acts where acts.sale = sale.id and act = 'close') < now() - make_interval(days => $1)
       and (exists (select from rooms.archived_log as entry where entry.sale = sale.id)
         or exists (select from rooms.lines as line where line.sale = sale.id))
     order by id limit $2`,
    [Math.max(days, DAYS_MIN), SALES_MAX],
  )
  let count = 0
  for (const { id } of rows) {
    const deleted = await client.query<{ row: string }>(
      `delete from rooms.archived_log as entry where ctid = any(array(
         select ctid from rooms.archived_log where sale = $1 limit $2))
       returning to_jsonb(entry)::text as row`,
      [id, ROWS_MAX],
    )
    await exportRows(
      'rooms.archived_log',
      deleted.rows.map(({ row }) => row),
    )
    count += deleted.rows.length
    // The summary goes last: without it what is left of the log would be added up again.
    if (deleted.rows.length === ROWS_MAX) continue
    for (const table of ['open_slots', 'served', 'lines'])
      count += (await client.query(`delete from rooms.${table} where sale = $1`, [id])).rowCount ?? 0
  }
  return count
}
