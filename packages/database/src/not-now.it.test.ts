import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { eventually, ownPostgres } from '@floodgate/testkit'
import type { ClientBase, Pool, PoolClient } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isFaultOfPart, isRetriableDatabaseError, sqlState } from './errors.ts'
import { closePool, createPool, withTransaction } from './pool.ts'

const CONNECTIONS = 12
let server: Awaited<ReturnType<typeof ownPostgres>>
/** A separate pool, for acting on the connections of others. */
let operator: Pool
beforeAll(async () => {
  server = await ownPostgres({ maxConnections: CONNECTIONS })
  operator = createPool(server.url, { max: 1 })
  await operator.query('create table things (n int)')
})
afterAll(async () => {
  await server.remove()
})

const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => {
      throw new Error('The work did not fail.')
    },
    (error: unknown) => error,
  )
const pidOf = async (client: ClientBase): Promise<number> =>
  (await client.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]?.pid ?? 0
const gone = (pid: number) =>
  eventually(async () =>
    expect((await operator.query('select from pg_stat_activity where pid = $1', [pid])).rowCount).toBe(0),
  )

/** Fails in its second statement, once the server has ended the connection after `limit`. */
const afterSilence = (limit: string) => (pool: Pool) =>
  withTransaction(pool, async (client) => {
    await client.query(`set ${limit} = '20ms'`)
    await gone(await pidOf(client))
    await client.query('select 1')
  })
/** Fails while it waits, because `blow` acts on its connection. */
const struck = (blow: (pid: number) => Promise<unknown>) => (pool: Pool) =>
  withTransaction(pool, async (client) => {
    const pid = await pidOf(client)
    const waiting = client.query('select pg_sleep(60)')
    waiting.catch(() => undefined)
    await eventually(async () => {
      const { rows } = await operator.query('select wait_event from pg_stat_activity where pid = $1', [pid])
      expect(rows).toEqual([{ wait_event: 'PgSleep' }])
    })
    await blow(pid)
    await waiting
  })
const inTransaction =
  (...statements: readonly string[]) =>
  (pool: Pool) =>
    withTransaction(pool, async (client) => {
      for (const statement of statements) await client.query(statement)
    })

/** When the server ends the connection between two statements, the driver keeps no SQLSTATE. */
const NO_STATE = undefined

describe('a real Postgres that cannot serve', () => {
  it.each<[string, string | undefined, (pool: Pool) => Promise<unknown>]>([
    ['idle in a transaction for too long', NO_STATE, afterSilence('idle_in_transaction_session_timeout')],
    [
      'a transaction that takes too long',
      '25P04',
      inTransaction("set transaction_timeout = '20ms'", 'select pg_sleep(60)'),
    ],
    [
      'idle for too long',
      NO_STATE,
      (pool) =>
        (async () => {
          const client = await pool.connect()
          try {
            await client.query("set idle_session_timeout = '20ms'")
            await gone(await pidOf(client))
            await client.query('select 1')
          } finally {
            client.release(true)
          }
        })(),
    ],
    ['a read-only transaction', '25006', inTransaction('set transaction read only', 'insert into things values (1)')],
    [
      'a lock that is not available',
      '55P03',
      async (pool) =>
        withTransaction(operator, async (holder) => {
          await holder.query('lock table things')
          await inTransaction("set local lock_timeout = '20ms'", 'insert into things values (1)')(pool)
        }),
    ],
    ['a cancelled statement', '57014', struck((pid) => operator.query('select pg_cancel_backend($1)', [pid]))],
    ['a terminated connection', '57P01', struck((pid) => operator.query('select pg_terminate_backend($1)', [pid]))],
    [
      'no shared memory for locks',
      '53200',
      inTransaction('select count(pg_advisory_xact_lock(n)) from generate_series(1, 1000000) n'),
    ],
    [
      'no space left for temporary files',
      '53400',
      inTransaction(
        "set local temp_file_limit = '64kB'",
        "set local work_mem = '64kB'",
        'select n from generate_series(1, 1000000) n order by -n',
      ),
    ],
  ])('%s: retriable (%s)', async (_, state, work) => {
    const pool = createPool(server.url, { max: 1 })
    const error = await failureOf(work(pool))
    expect({ state: sqlState(error), retriable: isRetriableDatabaseError(error) }).toEqual({ state, retriable: true })
    expect(isFaultOfPart(error)).toBe(false)
    // The pool continues.
    expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }])
    await closePool(pool)
  })

  it('no connection left: retriable', async () => {
    const hogs = createPool(server.url, { max: CONNECTIONS })
    const pool = createPool(server.url, { max: 1 })
    const taken: PoolClient[] = []
    let full: unknown
    while (full === undefined)
      await hogs.connect().then(
        (client) => taken.push(client),
        (error: unknown) => {
          full = error
        },
      )
    const error = await failureOf(pool.query('select 1'))
    for (const each of [full, error]) expect([sqlState(each), isRetriableDatabaseError(each)]).toEqual(['53300', true])
    for (const client of taken) client.release()
    await closePool(hogs)
    await eventually(async () => expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]))
    await closePool(pool)
  })

  it('a table whose file is missing: retriable', async () => {
    await operator.query('create table lost (n int)')
    const { rows } = await operator.query<{ path: string }>(`select pg_relation_filepath('lost') as path`)
    await operator.query('checkpoint')
    await rm(join(server.dataDir, rows[0]?.path ?? ''))
    const pool = createPool(server.url, { max: 1 })
    const error = await failureOf(pool.query('select count(*) from lost'))
    expect([sqlState(error), isRetriableDatabaseError(error)]).toEqual(['58P01', true])
    await closePool(pool)
    await operator.query('drop table lost')
  })

  it('a server that crashed and restarts: every failure until it is up is retriable', async () => {
    const [busy, dying] = [createPool(server.url, { max: 1 }), createPool(server.url, { max: 1 })]
    const crash = struck(async () => {
      const { rows } = await dying.query<{ pid: number }>('select pg_backend_pid() as pid')
      process.kill(rows[0]?.pid ?? 0, 'SIGKILL')
    })
    expect(isRetriableDatabaseError(await failureOf(crash(busy)))).toBe(true)
    const failures: unknown[] = []
    await eventually(
      () =>
        busy.query('select 1').catch((error: unknown) => {
          failures.push(error)
          throw error
        }),
      { intervalMs: 1 },
    )
    for (const each of failures) expect(isRetriableDatabaseError(each), String(each)).toBe(true)
    await Promise.all([closePool(busy), closePool(dying)])
  })

  it('a server that is shutting down: retriable', async () => {
    const [last, pool] = [createPool(server.url, { max: 1 }), createPool(server.url, { max: 1 })]
    const client = await last.connect()
    await closePool(operator)
    const [pid] = (await readFile(join(server.dataDir, 'postmaster.pid'), 'utf8')).split('\n')
    // The server waits for the last client, and accepts no other.
    process.kill(Number(pid), 'SIGTERM')
    await eventually(async () => {
      const error = await failureOf(pool.query('select 1'))
      expect([sqlState(error), isRetriableDatabaseError(error)]).toEqual(['57P03', true])
    })
    client.release()
    await Promise.all([closePool(last), closePool(pool)])
  })
})
