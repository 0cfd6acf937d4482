import { createPool } from '@floodgate/database'
import { eventually, migratedDatabase, recordStatements } from '@floodgate/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { newestStates } from '../live/order-state.ts'
import { keepStates } from '../live/state-store.ts'
import { createOrder, startFixture } from '../testing/fixture.ts'
import { createNoticeRetention } from './delete-notices.ts'

let fixture: Awaited<ReturnType<typeof startFixture>>
beforeAll(async () => {
  fixture = await startFixture()
})
afterAll(() => fixture.stop())

it('old mails and webhooks that were sent or given up, old notices, and states of orders that are over, are deleted; the rest stays', async () => {
  const { pool } = fixture
  await pool.query(
    `insert into notices.mails (event_id, order_id, kind, message_id, sealed_to, body, status, created_at, due_at)
     select name, gen_random_uuid(), 'confirmed', name, 'sealed', '{}', status, at, at
     from (values ('old-sent', 'sent', 31), ('old-dead', 'dead', 31), ('old-queued', 'queued', 31), ('new-sent', 'sent', 29))
       as mail (name, status, days), lateral (select now() - make_interval(days => days) as at) as time`,
  )
  await pool.query(
    `insert into notices.order_states (order_id, sale, buyer, version, body, created_at, updated_at)
     select gen_random_uuid(), name, 'ann', 1, jsonb_build_object('status', status),
       now() - make_interval(days => made), now() - make_interval(days => changed)
     from (values ('old', 'confirmed', 32, 31), ('open', 'pending', 31, 31), ('new', 'confirmed', 29, 29), ('moved', 'confirmed', 31, 29))
       as state (name, status, made, changed)`,
  )
  await pool.query(
    `insert into notices.webhooks (id, event_id, endpoint, order_id, type, body, status, created_at, due_at)
     select name, name, 'shop', gen_random_uuid(), 'order.confirmed', '{}', status, now() - make_interval(days => made),
       now() - make_interval(days => due)
     from (values ('old-sent', 'sent', 31, 31), ('endpoint-gone', 'queued', 31, 31), ('replayed', 'queued', 31, 0), ('new', 'sent', 29, 29))
       as webhook (name, status, made, due)`,
  )
  await pool.query(
    `insert into notices.inbox (id, buyer, sale, order_id, kind, body, happened_at)
     select 'notice-' || days, 'ann', 'demo', gen_random_uuid(), 'confirmed', '{}', now() - make_interval(days => days)
     from unnest(array[31, 29]) as days`,
  )
  const tasks = createNoticeRetention({ pool, mailDays: 30, stateDays: 30, webhookDays: 30, inboxDays: 30 })
  expect(createNoticeRetention({ pool, mailDays: 0, stateDays: 0, webhookDays: 0, inboxDays: 0 })).toEqual([])
  const full = async () => {
    throw new Error('no space left on device')
  }
  for (const task of tasks) await expect(task.deleteBatch(full)).rejects.toThrow('no space')
  const exported: string[] = []
  for (const task of tasks) await task.deleteBatch(async (_, rows) => void exported.push(...rows))
  expect(exported.map((row) => JSON.parse(row))).toMatchObject([
    { sealed_to: 'sealed' },
    { sealed_to: 'sealed' },
    { sale: 'old' },
    { id: 'old-sent' },
    { id: 'endpoint-gone' },
    { id: 'notice-31' },
  ])
  const { rows: mails } = await pool.query('select event_id from notices.mails order by 1')
  expect(mails).toEqual([{ event_id: 'new-sent' }, { event_id: 'old-queued' }])
  const { rows: states } = await pool.query('select sale from notices.order_states order by 1')
  expect(states).toEqual([{ sale: 'moved' }, { sale: 'new' }, { sale: 'open' }])
  const { rows: webhooks } = await pool.query('select id from notices.webhooks order by 1')
  expect(webhooks).toEqual([{ id: 'new' }, { id: 'replayed' }])
  const { rows: inbox } = await pool.query('select id from notices.inbox')
  expect(inbox).toEqual([{ id: 'notice-29' }])
  await pool.query('truncate notices.mails, notices.order_states, notices.webhooks, notices.inbox')
})

it('an event older than the retention of mails and states is not mailed, and stores no state', async () => {
  const notifier = await fixture.startNotifier()
  const [late, fresh] = await Promise.all([createOrder(), createOrder()])
  const confirmed = late.confirmed()
  await fixture.publish({ ...confirmed, time: new Date(Date.now() - 91 * 86_400_000).toISOString() })
  await fixture.publish(fresh.confirmed())
  await eventually(async () => expect(await fixture.mailRows(fresh.id)).toMatchObject([{ status: 'sent' }]))
  const { rows } = await fixture.pool.query('select order_id as id from notices.order_states')
  expect([await fixture.mailRows(late.id), rows]).toEqual([[], [{ id: fresh.id }]])
  await notifier.stop()
})

it('a notifier deletes by itself what is past its retention', async () => {
  const { pool } = fixture
  await pool.query('truncate notices.mails, notices.order_states')
  await pool.query(
    `insert into notices.mails (event_id, order_id, kind, message_id, sealed_to, body, status, created_at, due_at)
     select days, gen_random_uuid(), 'confirmed', days, 'sealed', '{}', 'sent', now() - make_interval(days => days),
       now() - make_interval(days => days) from unnest(array[41, 39]) as days`,
  )
  await pool.query(
    `insert into notices.order_states (order_id, sale, buyer, version, body, created_at, updated_at)
     select gen_random_uuid(), days, 'ann', 1, '{"status":"confirmed"}', now() - make_interval(days => days),
       now() - make_interval(days => days)
     from unnest(array[51, 49]) as days`,
  )
  const days = { MAIL_RETENTION_DAYS: '40', STATE_RETENTION_DAYS: '50' }
  const notifier = await fixture.startNotifier({ ...days, RETENTION_SWEEP_SECONDS: '0.1' })
  await eventually(async () => {
    const { rows: mails } = await pool.query('select event_id as days from notices.mails')
    const { rows: states } = await pool.query('select sale as days from notices.order_states')
    expect([mails, states]).toEqual([[{ days: '39' }], [{ days: '49' }]])
  })
  await notifier.stop()
})

it('no statement scans a table from end to end', async () => {
  const database = await migratedDatabase()
  const pool = createPool(database.url, { max: 2 })
  await pool.query(
    `insert into notices.mails (event_id, order_id, kind, message_id, sealed_to, body, status, created_at, due_at)
     select n, gen_random_uuid(), 'confirmed', n, 'sealed', '{}', 'sent', now() - n * interval '1 minute', now() - n * interval '1 minute'
     from generate_series(1, 60000) n`,
  )
  await pool.query(
    `insert into notices.order_states (order_id, sale, buyer, version, body, created_at, updated_at)
     select gen_random_uuid(), 'demo', 'b' || n, 1, '{"status":"confirmed"}', now() - n * interval '1 minute',
       now() - n * interval '1 minute'
     from generate_series(1, 60000) n`,
  )
  await pool.query(
    `insert into notices.webhooks (id, event_id, endpoint, order_id, type, body, status, created_at, due_at)
     select n, n, 'shop', gen_random_uuid(), 'order.confirmed', '{}', 'sent', now() - n * interval '1 minute', now() - n * interval '1 minute'
     from generate_series(1, 60000) n`,
  )
  await pool.query(
    `insert into notices.inbox (id, buyer, sale, order_id, kind, body, happened_at)
     select n, 'b' || n, 'demo', gen_random_uuid(), 'confirmed', '{}', now() - n * interval '1 minute'
     from generate_series(1, 60000) n`,
  )
  await pool.query(
    `insert into notices.reminders (sale, address_hash, sealed_to, created_at)
     select 'demo', n, 'sealed', now() - n * interval '1 minute' from generate_series(1, 60000) n`,
  )
  await pool.query('analyze')
  const recorded = createPool(database.url, { max: 1 })
  const plans = recordStatements(recorded)
  for (const task of createNoticeRetention({
    pool: recorded,
    mailDays: 30,
    stateDays: 30,
    webhookDays: 30,
    inboxDays: 30,
  })) {
    expect(await task.deleteBatch(async () => undefined)).toBe(1_000)
    await task.oldest()
  }
  expect(await plans.sequentialScans({ rowsMin: 1_000 })).toEqual([])
  await Promise.all([pool.end(), recorded.end()])
  await database.drop()
})

it('a state that changes writes no index', async () => {
  const database = await migratedDatabase()
  const [state] = newestStates([(await createOrder()).confirmed()])
  if (state === undefined) throw new Error('no state')
  // One connection, whose statistics include its own transaction.
  const counting = createPool(database.url, { max: 1 })
  await keepStates(counting, [state])
  await counting.query('begin')
  await keepStates(counting, [{ ...state, version: state.version + 1 }])
  const { rows } = await counting.query(
    `select pg_stat_get_xact_tuples_updated(t)::int as updated, pg_stat_get_xact_tuples_hot_updated(t)::int as hot
     from (select 'notices.order_states'::regclass::oid) as of (t)`,
  )
  await counting.query('commit')
  expect(rows).toEqual([{ updated: 1, hot: 1 }])
  await counting.end()
  await database.drop()
})
