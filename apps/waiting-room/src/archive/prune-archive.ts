import { advisoryLockKey, withTransaction } from '@floodgate/database'
import type { ExportRows, RetentionTask } from '@floodgate/runtime'
import type { Pool, PoolClient } from 'pg'

interface KeptTable {
  readonly table: string
  readonly rowsPerBatch: number
}

/**
 * The tables of a sale's archive, in the order of deletion. The summary is last: without it the rest of the log would
 * be summarised again. Batches are small because the deleting process also admits buyers: exported rows pass through
 * it.
 */
const TABLES: readonly KeptTable[] = [
  { table: 'rooms.archived_log', rowsPerBatch: 1_000 },
  { table: 'rooms.open_slots', rowsPerBatch: 1_000 },
  // Each has 8,192 places, one character each in the export.
  { table: 'rooms.served', rowsPerBatch: 100 },
  { table: 'rooms.lines', rowsPerBatch: 1 },
]
/** A sale that may be reopened keeps what a recovery needs. */
const DAYS_MIN = 3
/** A shop with another clock may still read it. */
const REVOCATIONS_KEPT_SECONDS = 3_600

/** Deletes revocations of expired admissions. One process at a time. */
export async function pruneRevocations(pool: Pool): Promise<void> {
  await withTransaction(pool, async (client) => {
    if (!(await isPruning(client))) return
    await client.query('delete from rooms.revocations where pass_expires_at < now() - make_interval(secs => $1)', [
      REVOCATIONS_KEPT_SECONDS,
    ])
  })
}

/** Deletes the archive of sales that closed `days` ago. 0 days: keeps it forever. */
export function createArchiveRetention({ pool, days }: { pool: Pool; days: number }): readonly RetentionTask[] {
  if (days === 0) return []
  return [
    {
      table: 'rooms.archived_log',
      deleteBatch: createPruning(pool, days),
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

/**
 * Deletes a batch of one sale. One process at a time. After a failure it continues with the next sale, and later starts
 * over.
 */
function createPruning(pool: Pool, days: number): RetentionTask['deleteBatch'] {
  let done = ''
  return async function prune(exportRows) {
    let sale: string | undefined
    try {
      return await withTransaction(pool, async (client) => {
        if (!(await isPruning(client))) return 0
        sale = await nextOldSale(client, { days, after: done })
        if (sale === undefined) {
          done = ''
          return 0
        }
        return await deleteOfSale(client, { sale, exportRows })
      })
    } catch (error) {
      done = sale ?? done
      throw error
    }
  }
}

async function isPruning(client: PoolClient): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>('select pg_try_advisory_xact_lock($1::bigint) as locked', [
    advisoryLockKey('rooms:prune'),
  ])
  return rows[0]?.locked === true
}

async function nextOldSale(
  client: PoolClient,
  { days, after }: { days: number; after: string },
): Promise<string | undefined> {
  const { rows } = await client.query<{ id: string }>({
    name: 'next-sale-to-prune',
    text: `select id from rooms.sales as sale
      where state = 'closed' and id > $2
        and (select max(at) from rooms.acts where acts.sale = sale.id and act = 'close') < now() - make_interval(days => $1)
        and (exists (select from rooms.archived_log as entry where entry.sale = sale.id)
          or exists (select from rooms.lines as line where line.sale = sale.id))
      order by id limit 1`,
    values: [Math.max(days, DAYS_MIN), after],
  })
  return rows[0]?.id
}

/** Deletes a batch of the first table with rows of the sale. */
async function deleteOfSale(
  client: PoolClient,
  { sale, exportRows }: { sale: string; exportRows: ExportRows | undefined },
): Promise<number> {
  for (const { table, rowsPerBatch } of TABLES) {
    const { rows, rowCount } = await client.query<{ row: string }>(
      `delete from ${table} as old where ctid = any (array(select ctid from ${table} where sale = $1 limit ${rowsPerBatch}))
       ${exportRows === undefined ? '' : 'returning to_jsonb(old)::text as row'}`,
      [sale],
    )
    await exportRows?.(
      table,
      rows.map(({ row }) => row),
    )
    if (rowCount !== null && rowCount > 0) return rowCount
  }
  return 0
}
