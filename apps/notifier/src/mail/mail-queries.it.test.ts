import { unsentMailState } from '@floodgate/contracts'
import { createPrisma } from '@floodgate/database'
import { createTestDatabase, type TestDatabase } from '@floodgate/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readTrace } from '../trace/read-trace.ts'
import { createMailQueue, queueMails } from './mail-store.ts'
import { createMailOperations, listUnsent } from './unsent-mails.ts'

const SENT = 100_000
let database: TestDatabase
let pool: TestDatabase['pool']

beforeAll(async () => {
  database = await createTestDatabase({ connectionsMax: 1 })
  pool = database.pool
  // Enough sent mails that no plan reads all of them by choice, and some hundreds of every other kind.
  await pool.query(
    `insert into notices.mails (event_id, order_id, kind, message_id, sealed_to, body, status, attempts, trouble, trouble_since)
     select n, gen_random_uuid(), 'confirmed', n, 'sealed', '{}',
       case when n <= $1 then 'sent' when n % 5 = 0 then 'dead' else 'queued' end, (n % 3)::int,
       case n % 4 when 0 then 'deferred' when 1 then 'unreadable' end, now()
     from generate_series(1, $1 + 2000) as n`,
    [SENT],
  )
  await pool.query('vacuum analyze notices.mails')
})
afterAll(() => database.remove())

const sequentialScans = async (): Promise<number> => {
  await pool.query('select pg_stat_force_next_flush()')
  const { rows } = await pool.query<{ scans: number }>(
    `select seq_scan as scans from pg_stat_user_tables where schemaname = 'notices' and relname = 'mails'`,
  )
  return rows[0]?.scans ?? Number.NaN
}

test('no query of the sender, the operator or the metrics scans the table from end to end', async () => {
  const queue = createMailQueue(pool)
  const operations = createMailOperations(pool)
  const before = await sequentialScans()
  const trouble = {
    kind: 'deferred',
    error: 'put off',
    rejected: false,
    rejectionsMax: 3,
    hoursMax: 24,
    waitMsMin: 1_000,
    waitMsMax: 1_000,
  } as const
  // Named statements get a generic plan after five runs.
  for (let run = 0; run < 8; run += 1) {
    for (const of of ['fresh', 'newest', 'tried'] as const)
      await queue.giveBack(await queue.claim({ of, max: 2, leaseMs: 1_000, hoursMax: 24, onLost: () => undefined }), {
        tried: false,
      })
    await queue.putOff('100001', trouble)
    await queue.release('100002', { afterMs: 1, error: 'away' })
    await queue.hold('100003', 1)
    await queue.markSent(['100004'])
    await queue.healFarDues(3_600_000)
    await queue.recheckUnreadable(60_000)
    for (const state of unsentMailState.options) await listUnsent(pool, { state, after: '100010', limit: 10 })
    await operations.retry('100005', 60_000)
    await operations.retryDead(10)
    await operations.measure()
    await queueMails(pool, [], 'example.org')
  }
  expect(await sequentialScans()).toBe(before)
})

test('a trace finds the mails of an order by its index', async () => {
  const { rows } = await pool.query<{ order: string }>(`select order_id as "order" from notices.mails limit 1`)
  const prisma = createPrisma(database.url, { connectionsMax: 1 })
  const client = await prisma.client()
  const before = await sequentialScans()
  for (let run = 0; run < 8; run += 1) await readTrace(client, rows[0]?.order ?? '')
  // The connection's figures are written when it ends.
  await prisma.close()
  expect(await sequentialScans()).toBe(before)
})
