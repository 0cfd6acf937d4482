import { demotePostgres, eventually, freeze, ownPostgres, ownStandby, promotePostgres } from '@floodgate/testkit'
import { afterEach, describe, expect, it } from 'vitest'
import { holdAdvisoryLock } from './advisory-lock.ts'
import { isConnectionLost, isRetriableDatabaseError, sqlState } from './errors.ts'
import { migrate } from './migrate.ts'
import { closePool, createPool, withTransaction } from './pool.ts'
import { readTimeline } from './timeline.ts'

type Server = Awaited<ReturnType<typeof ownPostgres>>

const removals: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const remove of removals.splice(0).reverse()) await remove()
})

async function startPair(): Promise<{ primary: Server; standby: Server; url: string }> {
  const primary = await ownPostgres()
  removals.push(() => primary.remove())
  const standby = await ownStandby(primary)
  removals.push(() => standby.remove())
  // The standby first: the order of the hosts decides nothing.
  const url = `postgres://floodgate:test@127.0.0.1:${standby.port},127.0.0.1:${primary.port}/floodgate?target_session_attrs=read-write`
  return { primary, standby, url }
}
function poolOf(url: string, max = 2) {
  const pool = createPool(url, { max, statementTimeoutMs: 1_000 })
  removals.push(() => closePool(pool, { workMsMax: 0 }))
  return pool
}
async function muteUntilTheEnd(primary: Server): Promise<void> {
  const thaw = await freeze(primary.pid)
  removals.push(async () => thaw())
}
async function portOf(pool: ReturnType<typeof poolOf>): Promise<number> {
  const { rows } = await pool.query<{ port: number }>(`select current_setting('port')::int as port`)
  return rows[0]?.port ?? 0
}

describe('several hosts', () => {
  it('are searched for the primary, also by the migration', async () => {
    const { primary, url } = await startPair()
    expect(await portOf(poolOf(url))).toBe(primary.port)
    expect((await migrate(url)).applied.length).toBeGreaterThan(0)
  })

  it.each([
    ['killed', async (primary: Server) => void (await primary.kill())],
    ['mute', muteUntilTheEnd],
  ])('pools and locks follow a promotion of the standby after the primary was %s', async (_, end) => {
    const { primary, standby, url } = await startPair()
    const pool = poolOf(url)
    await pool.query('create table kept (n int)')
    const ended = new AbortController()
    const held: number[] = []
    const holding = holdAdvisoryLock({
      ...{ url, key: 'example', signal: ended.signal },
      async whileHeld(signal, connection) {
        const { rows } = await connection.query<{ port: number }>(`select current_setting('port')::int as port`)
        held.push(rows[0]?.port ?? 0)
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
      },
    })
    await eventually(() => expect(held).toEqual([primary.port]))
    await end(primary)
    await promotePostgres(standby.url)
    await eventually(async () => {
      await pool.query('insert into kept values (1)')
      expect(await portOf(pool)).toBe(standby.port)
    })
    await eventually(() => expect(held.at(-1)).toBe(standby.port))
    ended.abort()
    await holding
  })

  it('an old primary that returns beside the promoted one gets no connection: its timeline is older', async () => {
    const { primary, standby, url } = await startPair()
    const pool = poolOf(url)
    expect(await portOf(pool)).toBe(primary.port)
    const timeline = (await readTimeline(pool)) ?? 0
    expect(await readTimeline(poolOf(standby.url)), 'of a standby').toBeUndefined()
    // Both accept writes from here on; connections to the old primary are still open.
    await promotePostgres(standby.url)
    await eventually(async () => expect(await portOf(pool)).toBe(standby.port))
    expect(await readTimeline(pool)).toBe(timeline + 1)
    expect(await portOf(poolOf(url))).toBe(standby.port)
  })

  it('none of which is a primary fail as a read-only server does: retriable', async () => {
    const { primary, url } = await startPair()
    await primary.stop()
    await demotePostgres(primary.dataDir)
    await primary.restart()
    const failure: unknown = await poolOf(url)
      .query('select 1')
      .catch((error: unknown) => error)
    expect(sqlState(failure)).toBe('25006')
    expect(isRetriableDatabaseError(failure)).toBe(true)
  })

  it('all of which are away fail as a lost connection', async () => {
    const pool = poolOf('postgres://user:word@127.0.0.1:1,127.0.0.1:2/shop')
    const failure: unknown = await pool.query('select 1').catch((error: unknown) => error)
    expect(isConnectionLost(failure)).toBe(true)
  })
})

it('a connection to a server that was demoted ends with the first rejected write, in a transaction too', async () => {
  const { primary, standby } = await startPair()
  // One address, as of a proxy or a name in DNS, that reaches the standby.
  const pool = poolOf(standby.url, 1)
  const pidOf = async () => (await pool.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]?.pid
  for (const write of [
    () => pool.query('create table kept (n int)'),
    () => withTransaction(pool, (client) => client.query('create table kept (n int)')),
  ]) {
    const before = await pidOf()
    const failure: unknown = await write().catch((error: unknown) => error)
    expect(sqlState(failure)).toBe('25006')
    expect(await pidOf()).not.toBe(before)
  }
  expect(primary.port).not.toBe(standby.port)
})
