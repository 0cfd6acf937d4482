import { settledWithin } from '@floodgate/async'
import pg, { type ClientConfig, type Pool, type PoolClient } from 'pg'
import { isConnectionLost } from './errors.ts'
import { type OpenSockets, trackSockets } from './open-sockets.ts'

const SECOND = 1_000
const CONNECT_MS_MAX = 5 * SECOND
const STATEMENT_MS_MAX = 30 * SECOND
/** Behind the server's own limit, which is the better one: it says what happened and keeps the connection. */
const QUERY_BEYOND_STATEMENT_MS = 5 * SECOND
/** Work under way may end by then while the pool is closed. */
const WORK_MS_MAX = 2 * SECOND
const CLOSE_MS_MAX = SECOND
/**
 * The server gives up a client that is gone without a word within half a minute, and with it its locks: 10 s without an
 * acknowledgement, or three probes without one after 10 s of silence. Where the system knows these options.
 */
const SERVER_OPTIONS = [
  'tcp_user_timeout=10000',
  'tcp_keepalives_idle=10',
  'tcp_keepalives_interval=5',
  'tcp_keepalives_count=3',
]
  .map((option) => `-c ${option}`)
  .join(' ')

export interface PoolOptions {
  /** Connections at most; more work than that waits in line. */
  readonly max: number
  /**
   * Longer statements are cancelled by the server. Default 30 s; 0 is no limit. A statement without an answer 5 s later
   * fails as a lost connection, a commit among them: then the server is mute, and it is open whether it happened.
   */
  readonly statementTimeoutMs?: number
  /** Shown in `pg_stat_activity`. */
  readonly applicationName?: string
  /** Told about connections that break. The pool replaces them by itself; callers see failed queries only. */
  onConnectionError?(error: Error): void
}

/**
 * A pool of connections that outlives the database's restarts: a broken connection fails its query and nothing else.
 * `bigint` comes as a number (a value past 2^53 − 1 fails the query), `timestamptz` as a Date, `numeric` as text.
 */
export function createPool(url: string, options: PoolOptions): Pool {
  const sockets = trackSockets()
  const pool = new pg.Pool({
    ...connectionOptions(url, options.applicationName),
    ...timeouts(options.statementTimeoutMs),
    stream: sockets.open,
    max: options.max,
    // A transaction whose owner is stuck must not keep its locks.
    idle_in_transaction_session_timeout: 30 * SECOND,
  })
  const onError = (error: Error) => options.onConnectionError?.(error)
  // Idle connections report here…
  pool.on('error', onError)
  // …and those in use through the client: an `error` event without a listener would end the process.
  pool.on('connect', (client) => client.on('error', onError))
  socketsOf.set(pool, sockets)
  return pool
}

const socketsOf = new WeakMap<Pool, OpenSockets>()
const closingOf = new WeakMap<Pool, Promise<void>>()

/** The server's limit for a statement, and the client's for a server that is mute. */
export function timeouts(statementTimeoutMs = STATEMENT_MS_MAX) {
  if (statementTimeoutMs === 0) return {}
  return {
    statement_timeout: statementTimeoutMs,
    query_timeout: statementTimeoutMs + QUERY_BEYOND_STATEMENT_MS,
  }
}

/**
 * Ends a pool of `createPool`, whatever the server does: lets work under way end for `workMsMax` (2 s), then breaks its
 * connections, so that it fails as retriable. Resolves two seconds later at most, and never rejects. Safe to call twice:
 * the second call may only shorten the first one's patience.
 */
export async function closePool(pool: Pool, { workMsMax = WORK_MS_MAX } = {}): Promise<void> {
  const sockets = socketsOf.get(pool)
  const ended = closingOf.get(pool) ?? pool.end()
  closingOf.set(pool, ended)
  await settledWithin(workMsMax, ended)
  // A mute server never closes its side.
  await settledWithin(workMsMax === 0 ? 0 : CLOSE_MS_MAX, sockets?.allClosed())
  sockets?.destroy()
  await settledWithin(CLOSE_MS_MAX, ended)
}

/**
 * What every connection of ours has: bounded connecting, keep-alive on both sides, and the type parsers of `createPool`.
 * `options` in the URL replace ours: a connection pooler may accept none (PgBouncer: `ignore_startup_parameters`).
 */
export function connectionOptions(url: string, applicationName = 'floodgate'): ClientConfig {
  return {
    connectionString: url,
    application_name: applicationName,
    connectionTimeoutMillis: CONNECT_MS_MAX,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10 * SECOND,
    options: SERVER_OPTIONS,
    types: { getTypeParser },
  }
}

/** Set per connection: the driver's table of parsers is shared by everything in the process, Prisma's adapter included. */
function getTypeParser(oid: number, format?: 'text' | 'binary') {
  if (oid === pg.types.builtins.INT8 && format !== 'binary') return safeInteger
  return pg.types.getTypeParser(oid, format as 'text')
}

function safeInteger(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new RangeError(`${text} is past the integers a number holds exactly`)
  return value
}

/**
 * Runs `work` in one transaction: committed when it resolves, rolled back when it rejects. A rejection with
 * `isConnectionLost` leaves open whether the commit happened.
 */
export async function withTransaction<Result>(
  pool: Pool,
  work: (client: PoolClient) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect()
  let broken: Error | undefined
  try {
    await client.query('begin')
    const result = await work(client)
    await client.query('commit')
    return result
  } catch (error) {
    // A connection that can't even roll back is thrown away; the server ends its transaction.
    if (isConnectionLost(error)) broken = error as Error
    else
      await client.query('rollback').catch((failure: Error) => {
        broken = failure
      })
    throw error
  } finally {
    client.release(broken)
  }
}
