import { type ConnectionCheck, type Finding, failed, failedConnection } from '@floodgate/runtime'
import type { Client } from 'pg'
import { DatabaseClient } from './database-client.ts'
import { sqlState } from './errors.ts'
import { trackSockets } from './open-sockets.ts'
import { connectionOptions } from './pool.ts'
import { readMigrationNames } from './schema-files.ts'

const NAME = 'Postgres'
const SETTING = 'DATABASE_URL'
/** Holds and turns end by several machines' clocks. */
const CLOCK_MS_MAX = 2_000
const VERSION_MIN = 14

/** Rejections of the server at connecting, by SQLSTATE. */
const REJECTIONS: Readonly<Record<string, Finding>> = {
  '28P01': failed(
    'the server rejected the password',
    `Correct the password in ${SETTING}; in a URL, % is written %25 and @ is written %40.`,
  ),
  '28000': failed(
    'the server does not admit this user, database, address or TLS mode',
    `Add a line to its pg_hba.conf, or correct ${SETTING}.`,
  ),
  '3D000': failed('the database does not exist', `Create it, or correct the path of ${SETTING}.`),
  '53300': failed('the server has no connection left', 'Raise its max_connections, or end other clients.'),
  '57P03': failed('the server is starting or stopping', 'Try again when it runs.'),
}

/** Returns the check of the database: reachable, writable, migrated to this release, and with the time of this machine. */
export function databaseCheck(url: string): ConnectionCheck {
  return {
    name: NAME,
    setting: SETTING,
    async run(signal) {
      const sockets = trackSockets()
      const client = new DatabaseClient({ ...connectionOptions(url, 'floodgate-check'), stream: sockets.open })
      client.on('error', () => undefined)
      signal.addEventListener('abort', sockets.destroy, { once: true })
      try {
        await client.connect()
        return (await serverProblem(client)) ?? (await schemaFinding(client))
      } catch (error) {
        return REJECTIONS[sqlState(error) ?? ''] ?? failedConnection(error, SETTING)
      } finally {
        sockets.destroy()
      }
    },
  }
}

async function serverProblem(client: Client): Promise<Finding | undefined> {
  const sentMs = Date.now()
  const { rows } = await client.query<{ standby: boolean; version: number; nowMs: string }>(
    `select pg_is_in_recovery() as standby, current_setting('server_version_num')::int / 10000 as version,
       (extract(epoch from clock_timestamp()) * 1000)::text as "nowMs"`,
  )
  const row = rows[0]
  if (row === undefined) throw new Error('the server returned no row')
  if (row.standby)
    return failed(
      'the server is a standby and accepts no writes',
      `Name the primary in ${SETTING}, or promote this one.`,
    )
  if (row.version < VERSION_MIN)
    return failed(`the server is PostgreSQL ${row.version}`, `Use PostgreSQL ${VERSION_MIN} or newer.`)
  const aheadMs = Math.round(Number(row.nowMs) - (sentMs + Date.now()) / 2)
  if (Math.abs(aheadMs) <= CLOCK_MS_MAX) return undefined
  return failed(
    `its clock is ${(Math.abs(aheadMs) / 1_000).toFixed(1)} s ${aheadMs > 0 ? 'ahead of' : 'behind'} this machine`,
    'Synchronize the clocks of all machines (NTP).',
  )
}

/** A newer schema is no problem: migrations only add, and processes of two releases run side by side in an upgrade. */
async function schemaFinding(client: Client): Promise<Finding> {
  const pending = await pendingMigrations(client)
  if (pending.length === 0) return { kind: 'ok', detail: 'primary, migrated' }
  return failed(
    `the database lacks ${pending.length} migration(s) of this release, the first ${pending[0]}`,
    'Run the migrations first: node packages/database/src/main.ts',
  )
}

async function pendingMigrations(client: Client): Promise<readonly string[]> {
  const applied = await client
    .query<{ name: string }>(
      'select migration_name as name from _prisma_migrations where finished_at is not null and rolled_back_at is null',
    )
    .catch((error: unknown) => {
      if (sqlState(error) === '42P01') return { rows: [] } // Not migrated at all.
      throw error
    })
  const names = new Set(applied.rows.map(({ name }) => name))
  return readMigrationNames().filter((name) => !names.has(name))
}
