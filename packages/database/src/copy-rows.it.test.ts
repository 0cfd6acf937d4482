import { type FreshDatabase, freshDatabase } from '@floodgate/testkit'
import type { Pool } from 'pg'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { copyRows, copyValue } from './copy-rows.ts'
import { isConnectionLost, sqlState } from './errors.ts'
import { closePool, createPool, withTransaction } from './pool.ts'

const TARGET = 'copied (name, number, body)'

let database: FreshDatabase
let pool: Pool
beforeAll(async () => {
  database = await freshDatabase()
  pool = createPool(database.url, { max: 2 })
  await pool.query('create table copied (name text primary key, number bigint, body jsonb)')
})
afterAll(async () => {
  await closePool(pool)
  await database.drop()
})
beforeEach(() => pool.query('truncate copied'))

const copy = (rows: readonly (readonly string[])[]) =>
  withTransaction(pool, (client) =>
    copyRows(
      client,
      TARGET,
      rows.map((row) => row.map(copyValue).join('\t')),
    ),
  )
const copied = async () => (await pool.query('select name, number, body from copied order by number')).rows

it('appends rows, whatever characters their values contain', async () => {
  const texts = ['plain', 'tab\tline\nreturn\rback\\slash', '\\N', '\\.', '', '\b\f\v', '“ﬀ 한국어 😀']
  await copy(texts.map((text, index) => [text, String(index), JSON.stringify({ text })]))
  expect(await copied()).toEqual(texts.map((text, number) => ({ name: text, number, body: { text } })))
  await copy([])
  expect(await copied()).toHaveLength(texts.length)
})

it.each([
  ['text that is no JSON', ['b', '2', '{'], (error: unknown) => sqlState(error) === '22P02'],
  ['a row that is there', ['a', '2', '{}'], (error: unknown) => sqlState(error) === '23505'],
] as const)('%s fails all rows, and the connection stays usable', async (_, bad, isExpected) => {
  // More rows than fit into the buffers between the processes: the server rejects while rows are still being sent.
  const many = Array.from({ length: 100_000 }, (__, index) => [`n${index}`, String(index), '{"text":"some text"}'])
  const failure = await copy([['a', '1', '{}'], bad, ...many]).catch((error: unknown) => error)
  expect(isExpected(failure)).toBe(true)
  expect(await copied()).toEqual([])
  await copy([['a', '1', '{}']])
  expect(await copied()).toHaveLength(1)
})

it('fails as a lost connection when the server ends it meanwhile', async () => {
  const failure = await withTransaction(pool, async (client) => {
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
    await withTransaction(pool, async (other) => {
      await other.query('lock table copied')
      const copying = copyRows(client, TARGET, ['a\t1\t{}'])
      await Promise.all([
        expect(copying).rejects.toSatisfy(isConnectionLost),
        other.query('select pg_terminate_backend($1)', [rows[0]?.pid]),
      ])
      await copying
    })
  }).catch((error: unknown) => error)
  expect(isConnectionLost(failure)).toBe(true)
  await copy([['a', '1', '{}']])
  expect(await copied()).toHaveLength(1)
})
