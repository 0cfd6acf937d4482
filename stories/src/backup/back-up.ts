import { execFile } from 'node:child_process'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createPool } from '@floodgate/database'
import type { System } from '@floodgate/dev/system'

const run = promisify(execFile)

/**
 * Copies the files of a running Postgres, as `pg_basebackup` does (PostgreSQL 18, 25.3.4): what is committed before it
 * returns is in the copy.
 */
export async function backUpPostgres(system: System, directory: string): Promise<void> {
  const { dataDir } = system.server('postgres')
  const pool = createPool(system.databaseUrl, { max: 1 })
  // The backup begins and ends on one connection.
  const client = await pool.connect()
  await client.query("select pg_backup_start('story', true)")
  await copy(dataDir, directory)
  const { rows } = await client.query<{ labelfile: string }>('select labelfile from pg_backup_stop(false)')
  client.release()
  await pool.end()
  await replaceBy(join(directory, 'pg_wal'), join(dataDir, 'pg_wal'))
  await rm(join(directory, 'postmaster.pid'), { force: true })
  const label = join(directory, 'backup_label')
  await writeFile(label, rows[0]?.labelfile ?? '')
  await run('chown', [`--reference=${join(directory, 'PG_VERSION')}`, label])
}

/** Loses everything that Postgres and Redis hold: puts the backup in place of the one, and nothing in place of the other. */
export async function restoreServers(system: System, directory: string): Promise<void> {
  await system.crashServer('postgres', ({ dataDir }) => replaceBy(dataDir, directory))
  await system.crashServer('redis', async ({ dataDir }) => {
    for (const kept of ['appendonlydir', 'dump.rdb']) await rm(join(dataDir, kept), { recursive: true, force: true })
  })
}

async function replaceBy(directory: string, source: string): Promise<void> {
  await rm(directory, { recursive: true, force: true })
  await copy(source, directory)
}

/** Keeps owners and modes: Postgres rejects a directory of somebody else. */
async function copy(source: string, target: string): Promise<void> {
  await run('cp', ['-a', source, target])
}
