import { chown, mkdir, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import pg from 'pg'
import { run } from '../apt.ts'
import { postgresDataDir } from './place.ts'
import { type PostgresServer, type StartPostgresOptions, startPostgres } from './server.ts'

export interface StartStandbyOptions extends StartPostgresOptions {
  readonly primary: PostgresServer
}

/** The standby's name in `synchronous_standby_names` and `pg_stat_replication`. */
export const STANDBY_NAME = 'standby'

/** Files of the running server that its copy must not have. */
const OF_THE_PROCESS = ['postmaster.pid', 'postmaster.opts']
const COPY_MS_MAX = 60_000

/**
 * Starts a standby that streams from a running primary on this machine. Copies its files while it runs, as
 * `pg_basebackup` would, which the embedded server lacks
 * (https://www.postgresql.org/docs/current/continuous-archiving.html#BACKUP-LOWLEVEL-BASE-BACKUP).
 */
export async function startStandby(options: StartStandbyOptions): Promise<PostgresServer> {
  const { primary } = options
  const dataDir = await postgresDataDir(options.dataDir)
  const client = new pg.Client({ connectionString: primary.url })
  await client.connect()
  try {
    await client.query(`select pg_backup_start('standby', true)`)
    await copyFiles(primary.dataDir, dataDir)
    const { rows } = await client.query<{ label: string }>('select labelfile as label from pg_backup_stop(false)')
    await describeStandby(dataDir, { label: rows[0]?.label ?? '', primary })
  } finally {
    await client.end()
  }
  return await startPostgres(options)
}

/** `cp -a` keeps owner and mode, which the server requires. A file that vanishes meanwhile is no loss: its WAL has it. */
async function copyFiles(from: string, to: string): Promise<void> {
  await rm(to, { recursive: true, force: true })
  await mkdir(dirname(to), { recursive: true })
  await run(['cp', '-a', from, to], COPY_MS_MAX)
  for (const file of OF_THE_PROCESS) await rm(join(to, file), { force: true })
}

async function describeStandby(
  dataDir: string,
  { label, primary }: { readonly label: string; readonly primary: PostgresServer },
): Promise<void> {
  const { hostname, port, username, password } = new URL(primary.url)
  const connection = `host=${hostname} port=${port} user=${username} password=${decodeURIComponent(password)} application_name=${STANDBY_NAME}`
  const files = {
    backup_label: label,
    'standby.signal': '',
    'postgresql.auto.conf': `primary_conninfo = '${connection}'\n`,
  }
  // The server renames and rewrites them as its own user.
  const owner = await stat(dataDir)
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(dataDir, name), content, { mode: 0o600 })
    await chown(join(dataDir, name), owner.uid, owner.gid)
  }
}
