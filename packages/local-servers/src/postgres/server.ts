import { assertPortFree, endLeftovers, type OwnedProcess } from '@floodgate/processes'
import pg from 'pg'
import { type LocalServer, ownServer, type StartServerOptions, untilReady } from '../server.ts'
import { spawnServer } from '../spawn-server.ts'
import { ensureCluster, removeStaleLock } from './cluster.ts'
import { type PostgresPlace, placePostgres } from './place.ts'

export type PostgresServer = LocalServer

export interface StartPostgresOptions extends StartServerOptions {
  /** Fixed when the data directory is created. */
  readonly password: string
  readonly maxConnections?: number
  /** `false` leaves the disk's cache unflushed: commits survive SIGKILL, but not a crash of the machine. For tests. */
  readonly durable?: boolean
}

const NAME = 'floodgate'
const PROGRAM = 'postgres'
/** Replaying the log after a crash takes the longest. */
const READY_MS_MAX = 60_000
const PROBE_MS = 25
const CONNECT_MS_MAX = 2_000

/**
 * Starts a local Postgres 18 with one database, `floodgate`, owned by the superuser `floodgate`; creates the data
 * directory at the first start. Recovers a directory left by SIGKILL, after stopping any process that still uses it.
 *
 * Throws MissingServer, PortInUse or ServerFailed.
 */
export async function startPostgres(options: StartPostgresOptions): Promise<PostgresServer> {
  const host = options.host ?? '127.0.0.1'
  const place = await placePostgres(options)
  const url = `postgresql://${NAME}:${encodeURIComponent(options.password)}@${host}:${options.port}/${NAME}`
  const leftoversGone = (): Promise<void> =>
    endLeftovers({ directory: place.dataDir, program: PROGRAM, signal: 'SIGINT', onProgress: options.onProgress })
  const launch = async (): Promise<OwnedProcess> => {
    options.signal?.throwIfAborted()
    await leftoversGone()
    await assertPortFree(options.port, host)
    const durable = options.durable ?? true
    await ensureCluster({ ...options, place, user: NAME, durable })
    await removeStaleLock(place.dataDir)
    return launchPostmaster({ ...options, host, durable }, place)
  }
  return ownServer({
    url,
    port: options.port,
    dataDir: place.dataDir,
    launch,
    // Fast shutdown, then immediate shutdown (which recovers at the next start).
    stopSignals: ['SIGINT', 'SIGQUIT'],
    afterKill: () => endLeftovers({ directory: place.dataDir, program: PROGRAM, signal: 'SIGKILL' }),
  })
}

async function launchPostmaster(
  options: StartPostgresOptions & { readonly host: string; readonly durable: boolean },
  place: PostgresPlace,
): Promise<OwnedProcess> {
  const settings = {
    listen_addresses: options.host,
    port: String(options.port),
    unix_socket_directories: '',
    max_connections: String(options.maxConnections ?? 200),
    log_timezone: 'UTC',
    timezone: 'UTC',
    // The operating system keeps what a killed server has written, torn pages included: both matter only when the
    // machine itself crashes.
    ...(options.durable ? {} : { fsync: 'off', full_page_writes: 'off' }),
  }
  const postmaster = await spawnServer({
    command: place.postgres,
    args: ['-D', place.dataDir, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    cwd: place.dataDir,
    user: place.user,
    log: options.log,
    signalWhenOrphaned: 'INT',
  })
  await untilReady({
    name: `Postgres on port ${options.port}`,
    process: postmaster,
    probe: () => ensureDatabase(options),
    hopeless: wrongPassword,
    withinMs: READY_MS_MAX,
    intervalMs: PROBE_MS,
    signal: options.signal,
  })
  return postmaster
}

const INVALID_PASSWORD = '28P01'

function wrongPassword(error: unknown): string | undefined {
  if (!(error instanceof pg.DatabaseError) || error.code !== INVALID_PASSWORD) return undefined
  return 'has another password than the given one: its data directory was created with it.'
}

async function ensureDatabase(options: StartPostgresOptions & { readonly host: string }): Promise<void> {
  const client = new pg.Client({
    host: options.host,
    port: options.port,
    user: NAME,
    password: options.password,
    database: 'postgres',
    connectionTimeoutMillis: CONNECT_MS_MAX,
  })
  // The call in progress reports a server that goes down during the probe.
  client.on('error', () => undefined)
  try {
    await client.connect()
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [NAME])
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${NAME}`)
  } finally {
    await client.end().catch(() => undefined)
  }
}
