import { withTransaction } from '@floodgate/database'
import type { RetentionTask } from '@floodgate/runtime'
import type { Pool } from 'pg'

const ROWS_PER_BATCH = 1_000

interface OldRows {
  readonly table: string
  /** The column with the time from which rows are kept for `$1` days. */
  readonly since: string
}

const KINDS: readonly OldRows[] = [
  { table: 'operators.audit', since: 'at' },
  { table: 'operators.tokens', since: 'expires_at' },
]

/** Deletes entries of the audit, and tokens, `days` after their time or expiry. 0 days: keeps them forever. */
export function createOperatorRetention({ pool, days }: { pool: Pool; days: number }): readonly RetentionTask[] {
  return days === 0 ? [] : KINDS.map((kind) => taskOf(pool, kind, days))
}

function taskOf(pool: Pool, { table, since }: OldRows, days: number): RetentionTask {
  return {
    table,
    deleteBatch: (exportRows) =>
      withTransaction(pool, async (client) => {
        const { rows } = await client.query<{ row: string }>({
          name: `delete-old-${table}`,
          text: `delete from ${table} as old where id = any (array(
              select id from ${table} where ${since} < now() - make_interval(days => $1::int)
              order by ${since} limit ${ROWS_PER_BATCH} for update skip locked))
            returning to_jsonb(old)::text as row`,
          values: [days],
        })
        await exportRows?.(
          table,
          rows.map(({ row }) => row),
        )
        return rows.length
      }),
    async oldest() {
      const { rows } = await pool.query<{ at: Date | null }>(
        `select min(${since}) as at from ${table} where ${since} < now()`,
      )
      return rows[0]?.at ?? undefined
    },
  }
}
