import { eventually, ownPostgres, startTcpProxy } from '@floodgate/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isConnectionLost, isRetriableDatabaseError } from './errors.ts'
import { closePool, createPool, withTransaction } from './pool.ts'
import { createPrisma } from './prisma.ts'

type Server = Awaited<ReturnType<typeof ownPostgres>>

describe('a pool', () => {
  let server: Server
  beforeAll(async () => {
    server = await ownPostgres()
  })
  afterAll(() => server.remove())

  it('reads bigint as a number, rejects one that exceeds a number, and reads timestamptz as a Date', async () => {
    const pool = createPool(server.url, { max: 1 })
    const { rows } = await pool.query(
      `select 9007199254740991::bigint as most, '2026-01-02T03:04:05.678Z'::timestamptz as at`,
    )
    expect(rows).toEqual([{ most: Number.MAX_SAFE_INTEGER, at: new Date('2026-01-02T03:04:05.678Z') }])
    await expect(pool.query('select 9007199254740993::bigint')).rejects.toThrow(RangeError)
    expect((await pool.query('select 1 as still')).rows).toEqual([{ still: 1 }])
    await pool.end()
  })

  it('commits a transaction that resolves, and rolls back one that rejects', async () => {
    const pool = createPool(server.url, { max: 2 })
    await pool.query('create table kept (n int)')
    const failing = withTransaction(pool, async (client) => {
      await client.query('insert into kept values (1)')
      throw new Error('changed my mind')
    })
    await expect(failing).rejects.toThrow('changed my mind')
    await withTransaction(pool, (client) => client.query('insert into kept values (2)'))
    expect((await pool.query('select n from kept')).rows).toEqual([{ n: 2 }])
    await pool.end()
  })

  it('fails a transaction as retriable that waits for a lock beyond its limit, and limits no later one', async () => {
    const pool = createPool(server.url, { max: 2 })
    await pool.query('create table wanted (n int)')
    const read = 'select setting from pg_settings where name = $1'
    const waiting = withTransaction(pool, async (client) => {
      await client.query('lock table wanted')
      return await withTransaction(pool, (other) => other.query('lock table wanted'), { lockSeconds: 0.05 }).catch(
        (error: unknown) => error,
      )
    })
    expect(isRetriableDatabaseError(await waiting)).toBe(true)
    const settings = await Promise.all([pool.query(read, ['lock_timeout']), pool.query(read, ['lock_timeout'])])
    expect(settings.map(({ rows }) => rows)).toEqual([[{ setting: '0' }], [{ setting: '0' }]])
    await pool.end()
  })

  it('plans a named statement once where it may, however small its arrays are', async () => {
    const pool = createPool(server.url, { max: 1, arePlannedOnce: true })
    const text = 'select n from unnest($1::int[]) as u (n) join generate_series(1, 100) as s (n) using (n)'
    await pool.query({ name: 'few', text, values: [[1]] })
    const { rows } = await pool.query(
      "select generic_plans, custom_plans from pg_prepared_statements where name = 'few'",
    )
    expect(rows).toEqual([{ generic_plans: 1, custom_plans: 0 }])
    await pool.end()
  })

  it('reads no table from end to end, where asked, because it was empty when the statement was planned', async () => {
    const pool = createPool(server.url, { max: 1, arePlannedOnce: true })
    await pool.query('create table things (id int primary key, wide char(1000))')
    await pool.query('prepare find_things (int[]) as select wide from things where id = any ($1)')
    await pool.query("execute find_things ('{1}')")
    await pool.query("insert into things select n, '' from generate_series(1, 1000) n")
    const { rows } = await pool.query("explain execute find_things ('{1,2}')")
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n')
    expect(plan).toContain('things_pkey')
    expect(plan).not.toContain('Seq Scan')
    await pool.query('drop table things')
    await pool.end()
  })

  it('cancels a statement that takes too long', async () => {
    const pool = createPool(server.url, { max: 1, statementTimeoutMs: 50 })
    await expect(pool.query('select pg_sleep(60)')).rejects.toMatchObject({ code: '57014' })
    await pool.end()
  })

  it('gives up an unresponsive server: a statement, a commit, and a connection that is not accepted', async () => {
    const proxy = await startTcpProxy(server.url)
    const pool = createPool(proxy.url, { max: 3, statementTimeoutMs: 100 })
    const during: Promise<unknown>[] = []
    const committing = withTransaction(pool, async (client) => {
      await client.query('select 1')
      proxy.blackhole()
      during.push(pool.query('select 1').catch((error: unknown) => error))
    })
    const failures = [await committing.catch((error: unknown) => error), ...(await Promise.all(during))]
    expect(failures.map(isConnectionLost)).toEqual([true, true])
    // The broken connections are not reused.
    proxy.heal()
    expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }])
    await closePool(pool)
    await proxy.close()
  })

  it('closes while the server is unresponsive: work in progress fails as retriable', async () => {
    const proxy = await startTcpProxy(server.url)
    const pool = createPool(proxy.url, { max: 2 })
    const prisma = createPrisma(proxy.url, { connectionsMax: 1 })
    await Promise.all([pool.query('select 1'), pool.query('select 1')])
    await (await prisma.client()).$queryRaw`select 1`
    proxy.blackhole()
    const underWay = withTransaction(pool, (client) => client.query('select 1')).catch((error: unknown) => error)
    // One connection is idle, one waits for its response.
    await Promise.all([closePool(pool), closePool(pool, { workMsMax: 0 }), prisma.close()])
    expect(isRetriableDatabaseError(await underWay)).toBe(true)
    expect(pool.totalCount).toBe(0)
    proxy.heal()
    await eventually(() => expect(proxy.connections()).toBe(0))
    await proxy.close()
  })

  it('lets work in progress end while it closes', async () => {
    const pool = createPool(server.url, { max: 1 })
    const underWay = pool.query('select pg_sleep(0.3), 1 as done')
    await closePool(pool, { workMsMax: 60_000 })
    expect((await underWay).rows).toMatchObject([{ done: 1 }])
  })

  it('makes the server drop vanished clients', async () => {
    const pool = createPool(server.url, { max: 1 })
    const { rows } = await pool.query(
      "select setting from pg_settings where name in ('tcp_user_timeout', 'tcp_keepalives_idle') order by name",
    )
    expect(rows).toEqual([{ setting: '10' }, { setting: '10000' }])
    await closePool(pool)
  })

  it('survives a killed server: work in progress fails as retriable, and later work reaches the new server', async () => {
    const broken: Error[] = []
    const pool = createPool(server.url, { max: 3, onConnectionError: (error) => broken.push(error) })
    await Promise.all([pool.query('select 1'), pool.query('select 1')])
    const busy = withTransaction(pool, (client) => client.query('select pg_sleep(60)')).catch((error: unknown) => error)
    await eventually(async () => {
      const { rows } = await pool.query(`select from pg_stat_activity where query like 'select pg_sleep(60)%'`)
      expect(rows).toHaveLength(1)
    })

    await server.kill()

    const failure = await busy
    expect(isConnectionLost(failure)).toBe(true)
    const rejected = await pool.query('select 1').catch((error: unknown) => error)
    expect(isRetriableDatabaseError(rejected)).toBe(true)
    await server.restart()
    await eventually(async () => expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]))
    expect(broken.length).toBeGreaterThan(0)
    await pool.end()
  })
})
