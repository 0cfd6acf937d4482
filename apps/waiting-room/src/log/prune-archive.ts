import { advisoryLockKey, withTransaction } from '@floodgate/database'
import type { Pool, PoolClient } from 'pg'

const ROWS_MAX = 20_000
const SALES_MAX = 10
/** A sale that may still be reopened keeps what a recovery needs. */
const DAYS_MIN = 3
/** A shop may still ask for it, by a clock of its own. */
const REVOCATIONS_KEPT_SECONDS = 3_600

/**
 * Deletes what the archive has of sales that closed `days` ago (0: nothing), 20,000 rows a sale and call, and revocations of
 * passes that ended. One process at a time. Returns whether more is left to do.
 */
export async function pruneArchive(pool: Pool, days: number): Promise<boolean> {
  return await withTransaction(pool, async (client) => {
    const { rows } = await client.query<{ locked: boolean }>('select pg_try_advisory_xact_lock($1::bigint) as locked', [
      advisoryLockKey('rooms:prune'),
    ])
    if (rows[0]?.locked !== true) return false
    await client.query('delete from rooms.revocations where pass_expires_at < now() - make_interval(secs => $1)', [
      REVOCATIONS_KEPT_SECONDS,
    ])
    return days > 0 && (await pruneSales(client, days))
  })
}

async function pruneSales(client: PoolClient, days: number): Promise<boolean> {
  const { rows } = await client.query<{ id: string }>(
    `select id from rooms.sales as sale
     where state = 'closed'
       and (select max(at) from rooms.acts where acts.sale = sale.id and act = 'close') < now() - make_interval(days => $1)
       and (exists (select from rooms.archived_log as entry where entry.sale = sale.id)
         or exists (select from rooms.lines as line where line.sale = sale.id))
     order by id limit $2`,
    [Math.max(days, DAYS_MIN), SALES_MAX],
  )
  for (const { id } of rows) {
    const deleted = await client.query(
      `delete from rooms.archived_log where ctid = any(array(
         select ctid from rooms.archived_log where sale = $1 limit $2))`,
      [id, ROWS_MAX],
    )
    // The summary goes last: without it what is left of the log would be added up again.
    if (deleted.rowCount === ROWS_MAX) continue
    for (const table of ['open_slots', 'served', 'lines'])
      await client.query(`delete from rooms.${table} where sale = $1`, [id])
  }
  return rows.length > 0
}
