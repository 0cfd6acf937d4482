import { webhookState } from '@floodgate/contracts'
import { createPool, createPrisma } from '@floodgate/database'
import { createTestDatabase, recordStatements, type TestDatabase } from '@floodgate/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eraseNotices } from '../erasure/erase-orders.ts'
import { readTrace } from '../trace/read-trace.ts'
import { dropDeadWebhooks, dropWebhook } from './drop-webhooks.ts'
import { countDeadWebhooks, measureWebhooks } from './webhook-figures.ts'
import {
  createWebhookOperations,
  createWebhookQueue,
  listWebhooks,
  queueWebhooks,
  readEndpoint,
  recordAttempt,
} from './webhook-store.ts'

const SENT = 100_000
const endpoint = { name: 'shop', url: 'https://shop.example' }
const ORDER = '7f3b8c1e-0a4d-4e5f-8a9b-0c1d2e3f4a5b'
let database: TestDatabase

beforeAll(async () => {
  database = await createTestDatabase({ connectionsMax: 1 })
  // Enough sent webhooks that no plan reads all of them by choice, and some hundreds of every other kind.
  await database.pool.query(
    `insert into notices.webhooks (id, event_id, endpoint, order_id, type, body, status, attempts, trouble, trouble_since, created_at, sent_at)
     select n, n, case when n % 2 = 0 then 'shop' else 'erp' end, gen_random_uuid(), 'order.confirmed', '{"data":{"buyer":"b"}}',
       case when n <= $1 then 'sent' when n % 5 = 0 then 'dead' else 'queued' end, (n % 3)::int,
       case n % 4 when 0 then 'deferred' end, now(), now() + n * interval '1 second', now()
     from generate_series(1, $1 + 2000) as n`,
    [SENT],
  )
  await database.pool.query('vacuum analyze notices.webhooks')
})
afterAll(() => database.remove())

test('no query of the sender, the operator, the metrics, an erasure or a trace scans the table from end to end', async () => {
  const pool = createPool(database.url, { max: 1 })
  const plans = recordStatements(pool)
  const queue = createWebhookQueue(pool, endpoint)
  const operations = createWebhookOperations(pool, endpoint)
  const onLost = () => undefined
  const trouble = { kind: 'deferred', error: 'HTTP 503', rejected: false, rejectionsMax: 1 } as const
  // Named statements get a generic plan after five runs.
  for (let run = 0; run < 8; run += 1) {
    for (const of of ['fresh', 'newest', 'tried'] as const)
      await queue.giveBack(await queue.claim({ of, max: 2, leaseMs: 1_000, hoursMax: 24, onLost }), { tried: false })
    await queue.putOff('100002', { ...trouble, hoursMax: 24, waitMsMin: 1_000, waitMsMax: 1_000 })
    await queue.markSent(['100004'])
    await queue.markDead('100006', 'HTTP 410')
    await queue.healFarDues(3_600_000)
    await queue.recheckUnreadable(60_000)
    await recordAttempt(pool, '100002', { status: 503, ms: 5 })
    for (const state of [undefined, ...webhookState.options])
      await listWebhooks(pool, { state, after: '100010', limit: 10 })
    await listWebhooks(pool, { order: ORDER, limit: 10 })
    await readEndpoint(pool, '100002')
    await operations.retry('100008', 60_000)
    await operations.retryDead(10)
    await measureWebhooks(pool)
    await countDeadWebhooks(pool, ['shop'])
    await dropWebhook(pool, '100010')
    await dropDeadWebhooks(pool, { before: new Date().toISOString(), max: 2 })
    await queueWebhooks(pool, [], [endpoint])
    await eraseNotices(pool, { orders: [ORDER] })
  }
  expect(await plans.sequentialScans({ rowsMin: 1_000 })).toEqual([])
  await pool.end()
})

test('a trace finds the webhooks of an order by its index', async () => {
  const scans = async () => {
    await database.pool.query('select pg_stat_force_next_flush()')
    const { rows } = await database.pool.query<{ scans: string }>(
      `select seq_scan as scans from pg_stat_user_tables where schemaname = 'notices' and relname = 'webhooks'`,
    )
    return rows[0]?.scans
  }
  const before = await scans()
  const prisma = createPrisma(database.url, { connectionsMax: 1 })
  const client = await prisma.client()
  for (let run = 0; run < 8; run += 1) await readTrace(client, ORDER)
  // The connection's figures are written when it ends.
  await prisma.close()
  expect(await scans()).toBe(before)
})
