import { createTestDatabase, type TestDatabase } from '@floodgate/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { countReminders, forgetReminders, queueDueReminders } from './reminder-store.ts'

const CROWD = 50_000
const [ROUNDS, PER_ROUND] = [8, 20]
let database: TestDatabase
let pool: TestDatabase['pool']

beforeAll(async () => {
  database = await createTestDatabase({ connectionsMax: 1 })
  pool = database.pool
  await pool.query(
    `insert into notices.sales (id, name, state, opens_at, version)
     select 'sale-' || n, 'Crowd', 'scheduled', now() + interval '5 minutes', 1 from generate_series(1, 2) as n`,
  )
  await pool.query(
    `insert into notices.reminders (sale, address_hash, sealed_to, created_at)
     select 'sale-' || n % 2 + 1, n::text, 'sealed', now() - n * interval '1 second' from generate_series(1, $1::int) as n`,
    [CROWD],
  )
  await pool.query('vacuum analyze notices.reminders')
})
afterAll(() => database.remove())

const rowsRead = async (): Promise<number> => {
  await pool.query('select pg_stat_force_next_flush()')
  const { rows } = await pool.query<{ rows: number }>(
    `select (seq_tup_read + idx_tup_fetch)::int as rows from pg_stat_user_tables
     where schemaname = 'notices' and relname = 'reminders'`,
  )
  return rows[0]?.rows ?? Number.NaN
}

test('a round reads no more of a crowd than it queues, the oldest first', async () => {
  const before = await rowsRead()
  for (let round = 0; round < ROUNDS; round += 1) {
    expect(await queueDueReminders(pool, { leadMinutes: 10, countMax: PER_ROUND, host: 'example.org' })).toBe(PER_ROUND)
    await pool.query('delete from notices.mails')
  }
  // Each of the two sales offers as many as fit, each is read to lock it and to mark it, and dead ones until a vacuum.
  expect((await rowsRead()) - before).toBeLessThan(CROWD / 10)
  const { rows } = await pool.query<{ oldest: number }>(
    `select count(*)::int as oldest from notices.reminders
     where queued_at is not null and address_hash::int > $1::int`,
    [CROWD - ROUNDS * PER_ROUND],
  )
  expect(rows).toEqual([{ oldest: ROUNDS * PER_ROUND }])
})

test('a sale is counted up to its maximum, and a clean-up of none reads none', async () => {
  const before = await rowsRead()
  expect(await countReminders(pool, 'sale-1', 100)).toBe(100)
  expect(await forgetReminders(pool)).toBe(0)
  expect((await rowsRead()) - before).toBeLessThan(1_000)
})
