import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freshDatabase } from './fresh-database.ts'
import { ownPostgres } from './own-servers.ts'

describe('a Postgres for one test file', () => {
  let server: Awaited<ReturnType<typeof ownPostgres>>
  beforeAll(async () => {
    server = await ownPostgres()
  })
  afterAll(() => server.remove())

  test('keeps committed rows when it is killed and restarted, even with a client', async () => {
    await query(server.url, 'CREATE TABLE kept (n int)')
    await query(server.url, 'INSERT INTO kept VALUES (1), (2)')
    const busy = expect(query(server.url, 'SELECT pg_sleep(60)')).rejects.toThrow()
    const before = server.pid

    await server.kill()
    await busy
    await server.restart()

    expect(server.pid).not.toBe(before)
    expect(await query(server.url, 'SELECT n FROM kept ORDER BY n')).toEqual([{ n: 1 }, { n: 2 }])
  })

  test('restarts after an unexpected kill', async () => {
    process.kill(server.pid, 'SIGKILL')
    expect(await server.exited).toEqual({ code: null, signal: 'SIGKILL' })
    await server.restart()
    expect(await query(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  })

  test('stops and starts again', async () => {
    await server.stop()
    expect(await server.exited).toEqual({ code: 0, signal: null })
    await server.restart()
    expect(await query(server.url, 'SHOW fsync')).toEqual([{ fsync: 'off' }])
  })
})

describe('a fresh database', () => {
  test('is empty, and a copy of its template when one is named', async () => {
    const template = await freshDatabase()
    await query(template.url, 'CREATE TABLE migrated (n int)')
    const copy = await freshDatabase({ template: template.name })
    const empty = await freshDatabase()

    expect(await query(copy.url, 'SELECT * FROM migrated')).toEqual([])
    await expect(query(empty.url, 'SELECT * FROM migrated')).rejects.toThrow('does not exist')

    await Promise.all([template, copy, empty].map((database) => database.drop()))
    await expect(query(empty.url, 'SELECT 1')).rejects.toThrow('does not exist')
  })
})

async function query(connectionString: string, statement: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString })
  // A killed server ends the connection twice: the current call fails, and so does the idle connection.
  client.on('error', () => undefined)
  await client.connect()
  try {
    return (await client.query(statement)).rows
  } finally {
    await client.end()
  }
}
