import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { STANDBY_NAME } from '@floodgate/local-servers'
import pg from 'pg'
import { eventually } from './eventually.ts'

/**
 * Makes a stopped server a standby at its next start: it can be read, and rejects every write (25006) until
 * `promotePostgres`.
 */
export async function demotePostgres(dataDir: string): Promise<void> {
  await writeFile(join(dataDir, 'standby.signal'), '')
}

/**
 * Makes every commit of a primary wait for its standby, and resolves once the standby streams: from then on, no commit
 * that was acknowledged can be lost by a promotion.
 */
export async function replicateSynchronously(primaryUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: primaryUrl })
  await client.connect()
  try {
    await client.query(`alter system set synchronous_standby_names = '${STANDBY_NAME}'`)
    await client.query('select pg_reload_conf()')
    await eventually(async () => {
      const { rows } = await client.query<{ state: string }>('select sync_state as state from pg_stat_replication')
      if (rows[0]?.state !== 'sync') throw new Error('The standby does not stream yet.')
    })
  } finally {
    await client.end()
  }
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

/**
 * Cuts a standby off from its primary for good, and resolves once it receives nothing more: what the primary commits from
 * then on is lost by a promotion. Stopping its processes would not do: they would read what the kernel kept for them.
 */
export async function stopReplication(standbyUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: standbyUrl })
  await client.connect()
  try {
    await client.query("alter system set primary_conninfo = ''")
    await client.query('select pg_reload_conf()')
    await eventually(async () => {
      const { rowCount } = await client.query('select from pg_stat_wal_receiver where pid is not null')
      if (rowCount !== 0) throw new Error('The standby still receives.')
    })
  } finally {
    await client.end()
  }
}
