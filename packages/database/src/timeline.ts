import type { Pool, PoolClient } from 'pg'
import { isRetriableDatabaseError } from './errors.ts'

/** SQL: the timeline of a primary, as eight hexadecimal digits. Fails on a standby. */
export const TIMELINE_HEX = 'left(pg_walfile_name(pg_current_wal_lsn()), 8)'

/**
 * Resolves to the timeline of the primary: each promotion begins a later one, and a promoted standby may lack the last
 * commits of the one before. Undefined: the server does not tell, as some managed ones. Rejects when it is unavailable.
 */
export async function readTimeline(client: Pool | PoolClient): Promise<number | undefined> {
  try {
    const { rows } = await client.query<{ timeline: string }>(`select ${TIMELINE_HEX} as timeline`)
    return Number.parseInt(rows[0]?.timeline ?? '', 16)
  } catch (error) {
    if (isRetriableDatabaseError(error)) throw error
    return undefined
  }
}
