import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'

/**
 * Makes a stopped server a standby at its next start: it can be read, and rejects every write (25006) until
 * `promotePostgres`.
 */
export async function demotePostgres(dataDir: string): Promise<void> {
  await writeFile(join(dataDir, 'standby.signal'), '')
}

/** Promotes a standby, and resolves once it accepts writes. */
export async function promotePostgres(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query<{ promoted: boolean }>('select pg_promote() as promoted')
    if (rows[0]?.promoted !== true) throw new Error('The standby did not become the primary within a minute.')
  } finally {
    await client.end()
  }
}
