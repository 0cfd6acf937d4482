import pg from 'pg'

const SECOND = 1_000
const CONNECT_MS_MAX = 5 * SECOND

export interface PoolOptions {
  /** Connections at most; more work than that waits in line. */
  readonly max: number
  /** Longer statements are cancelled by the server. Default 30 s; 0 is no limit. */
  readonly statementTimeoutMs?: number
  /** Shown in `pg_stat_activity`. */
  readonly applicationName?: string
  /** Told about connections that break. The pool replaces them by itself; callers see failed queries only. */
  readonly onConnectionError?: (error: Error) => void
}

/**
 * A pool of connections that outlives the database's restarts: a broken connection fails its query and nothing else.
 * `bigint` comes as a number (a value past 2^53 − 1 fails the query), `timestamptz` as a Date, `numeric` as text.
 */
export function createPool(url: string, options: PoolOptions): pg.Pool {
  const statementTimeoutMs = options.statementTimeoutMs ?? 30 * SECOND
  const pool = new pg.Pool({
    ...connectionOptions(url, options.applicationName),
    max: options.max,
    statement_timeout: statementTimeoutMs,
    // A transaction whose owner is stuck must not keep its locks.
    idle_in_transaction_session_timeout: 30 * SECOND,
  })
  const onError = (error: Error) => options.onConnectionError?.(error)
  // Idle connections report here…
  pool.on('error', onError)
  // …and those in use through the client: an `error` event without a listener would end the process.
  pool.on('connect', (client) => client.on('error', onError))
  return pool
}

/** What every connection of ours has: bounded connecting, keep-alive, and the type parsers of `createPool`. */
export function connectionOptions(url: string, applicationName = 'floodgate'): pg.ClientConfig {
  return {
    connectionString: url,
    application_name: applicationName,
    connectionTimeoutMillis: CONNECT_MS_MAX,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10 * SECOND,
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
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<Result>,
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
    await client.query('rollback').catch((failure: Error) => {
      broken = failure
    })
    throw error
  } finally {
    client.release(broken)
  }
}
