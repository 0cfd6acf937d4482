import { settledWithin } from '@floodgate/async'
import pg, { type Pool, type PoolClient } from 'pg'
import { CLIENT_OF_POOL, DatabaseClient, type DatabaseClientConfig } from './database-client.ts'
import { isConnectionLost } from './errors.ts'
import { type OpenSockets, trackSockets } from './open-sockets.ts'

const SECOND = 1_000
const CONNECT_MS_MAX = 5 * SECOND
const STATEMENT_MS_MAX = 30 * SECOND
/** Added to the server's own limit, which should apply first: it reports the cause and keeps the connection. */
const QUERY_BEYOND_STATEMENT_MS = 5 * SECOND
/** How long work in progress may take to end while the pool closes. */
const WORK_MS_MAX = 2 * SECOND
const CLOSE_MS_MAX = SECOND
/**
 * How long an unused connection stays open. A new one costs both sides a login, a process, and the plans of its
 * statements: with the driver's 10 s, the first orders after a pause waited for several of them.
 */
const IDLE_MS_MAX = 5 * 60 * SECOND
/**
 * Makes the server drop a vanished client within half a minute, and its locks with it: 10 s without an acknowledgement,
 * or three unanswered probes after 10 s of silence. Where the system supports these options.
 */
const SERVER_OPTIONS = [
  'tcp_user_timeout=10000',
  'tcp_keepalives_idle=10',
  'tcp_keepalives_interval=5',
  'tcp_keepalives_count=3',
]
/**
 * Plans a named statement once per connection. The server would plan again for every small batch, since it expects ten
 * rows of an array whose length it does not know: a new order took 2.3 ms instead of 0.6. Prefers indexes: in a new
 * database the one plan is made while the tables are empty, and reading them whole costs nothing yet.
 */
const PLANNED_ONCE = ['plan_cache_mode=force_generic_plan', 'enable_seqscan=off', 'jit=off']

export interface PoolOptions {
  /** Maximum number of connections; further work waits in a queue. */
  readonly max: number
  /**
   * The server cancels longer statements. Default 30 s; 0: no limit. A statement without a response 5 s later, even a
   * commit, fails as a lost connection: the server is unresponsive, and whether it happened is unknown.
   */
  readonly statementTimeoutMs?: number
  /**
   * Statements are planned once per connection, whatever their values: only for apps whose plan tests explain all of
   * them so (ADR 0074). Default: Postgres decides.
   */
  readonly arePlannedOnce?: boolean
  /** Shown in `pg_stat_activity`. */
  readonly applicationName?: string
  /** Called for connections that break. The pool replaces them by itself; callers see only failed queries. */
  onConnectionError?(error: Error): void
}

/**
 * Creates a pool of connections that survives the database's restarts: a broken connection fails its query and nothing
 * else. `bigint` becomes a number (a value past 2^53 − 1 fails the query), `timestamptz` a Date, `numeric` text.
 */
export function createPool(url: string, options: PoolOptions): Pool {
  const sockets = trackSockets()
  const pool = new pg.Pool({
    ...connectionOptions(url, options.applicationName),
    ...timeouts(options.statementTimeoutMs),
    ...(options.arePlannedOnce === true && { options: serverOptions([...SERVER_OPTIONS, ...PLANNED_ONCE]) }),
    Client: CLIENT_OF_POOL,
    stream: sockets.open,
    max: options.max,
    idleTimeoutMillis: IDLE_MS_MAX,
    // A transaction whose owner hangs must not keep its locks.
    idle_in_transaction_session_timeout: 30 * SECOND,
  })
  const onError = (error: Error) => options.onConnectionError?.(error)
  // Idle connections report here…
  pool.on('error', onError)
  // …and those in use through the client: an `error` event without a listener would end the process.
  pool.on('connect', (client) => client.on('error', onError))
  // A statement without a response shows that the server is mute, long before its connections break.
  pool.on('release', (error, client) => {
    if (error && client instanceof DatabaseClient) client.suspect(error)
  })
  socketsOf.set(pool, sockets)
  return pool
}

const socketsOf = new WeakMap<Pool, OpenSockets>()
const closingOf = new WeakMap<Pool, Promise<void>>()

/** Returns the server's limit for a statement, and the client's for an unresponsive server. */
export function timeouts(statementTimeoutMs = STATEMENT_MS_MAX) {
  if (statementTimeoutMs === 0) return {}
  return {
    statement_timeout: statementTimeoutMs,
    query_timeout: statementTimeoutMs + QUERY_BEYOND_STATEMENT_MS,
  }
}

/**
 * Ends a pool of `createPool`, whatever the server does: lets work in progress end for `workMsMax` (2 s), then breaks
 * its connections, so that it fails as retriable. Resolves at most two seconds later, and never rejects. Safe to call
 * twice: the second call may only shorten the wait of the first.
 */
export async function closePool(pool: Pool, { workMsMax = WORK_MS_MAX } = {}): Promise<void> {
  const sockets = socketsOf.get(pool)
  const ended = closingOf.get(pool) ?? pool.end()
  closingOf.set(pool, ended)
  await settledWithin(workMsMax, ended)
  // An unresponsive server never closes its side.
  await settledWithin(workMsMax === 0 ? 0 : CLOSE_MS_MAX, sockets?.allClosed())
  sockets?.destroy()
  await settledWithin(CLOSE_MS_MAX, ended)
}

/**
 * Returns the options of every `DatabaseClient`: bounded connecting, keep-alive on both sides, and the type parsers of
 * `createPool`. `options` in the URL replace ours: a connection pooler may accept none (PgBouncer:
 * `ignore_startup_parameters`).
 */
export function connectionOptions(url: string, applicationName = 'floodgate'): DatabaseClientConfig {
  return {
    databaseUrl: url,
    application_name: applicationName,
    connectionTimeoutMillis: CONNECT_MS_MAX,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10 * SECOND,
    options: serverOptions(SERVER_OPTIONS),
    types: { getTypeParser },
  }
}

const serverOptions = (options: readonly string[]): string => options.map((option) => `-c ${option}`).join(' ')

/** Set per connection: the driver's table of parsers is shared by the whole process, including Prisma's adapter. */
function getTypeParser(oid: number, format?: 'text' | 'binary') {
  if (oid === pg.types.builtins.INT8 && format !== 'binary') return safeInteger
  return pg.types.getTypeParser(oid, format as 'text')
}

function safeInteger(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new RangeError(`${text} exceeds the integers that a number holds exactly`)
  return value
}

/**
 * Runs `work` in one transaction: committed when it resolves, rolled back when it rejects. A rejection with
 * `isConnectionLost` leaves open whether the commit happened. `lockSeconds`: a statement that waits longer for a lock
 * fails as retriable; default: no limit but the statement's.
 */
export async function withTransaction<Result>(
  pool: Pool,
  work: (client: PoolClient) => Promise<Result>,
  { lockSeconds }: { readonly lockSeconds?: number } = {},
): Promise<Result> {
  const client = await pool.connect()
  let broken: Error | undefined
  try {
    // One message, so that the limit costs no round trip.
    await client.query(lockSeconds === undefined ? 'begin' : `begin; set local lock_timeout = '${lockSeconds}s'`)
    const result = await work(client)
    await client.query('commit')
    return result
  } catch (error) {
    // A connection that cannot even roll back is discarded; the server ends its transaction.
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
