import { createPool } from '@floodgate/database'
import { type FreshDatabase, migratedDatabase, recordStatements } from '@floodgate/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createOutboxStore } from './store.ts'
import { declined } from './testing/events.ts'
import { insertOutbox, type OutboxSchema } from './write.ts'

const SENT = 300_000
const UNSENT = 2_000
const PARKED = 100
const schemas: readonly OutboxSchema[] = ['orders', 'payments', 'rooms']

let database: FreshDatabase
beforeAll(async () => {
  database = await migratedDatabase()
})
afterAll(() => database.drop())

it.each(schemas)('no statement of the relay scans the outbox of %s from end to end', async (schema) => {
  const filling = createPool(database.url, { max: 1, statementTimeoutMs: 0 })
  // Vacuum is behind, as under a long snapshot: the rows of ten minutes still exist.
  await filling.query(
    `insert into ${schema}.outbox (type, key, version, data, sent_at, parked_at, parked_reason)
     select 'payment.declined.v1', 'k' || n, 1, '{}',
       case when n > ${UNSENT} + ${PARKED} then now() - n * interval '2 ms' end,
       case when n <= ${PARKED} then now() end, case when n <= ${PARKED} then 'test' end
     from generate_series(1, ${SENT}) n;
     analyze ${schema}.outbox`,
  )
  await filling.end()
  const pool = createPool(database.url, { max: 1 })
  const plans = recordStatements(pool)
  const store = createOutboxStore(pool, schema)
  await insertOutbox(pool, schema, [declined()])
  const unsent = await store.readUnsent(500)
  expect(unsent).toHaveLength(500)
  await store.markSent(unsent.slice(1).map(({ id }) => id))
  await store.park(unsent[0]?.id ?? 0, 'test')
  await store.followStore('one run')
  await store.followStore('another run')
  await store.forgetSent()
  await store.readBacklog()
  expect(plans.texts().length).toBeGreaterThanOrEqual(8)
  expect(await plans.sequentialScans({ rowsMin: 1_000 })).toEqual([])
  await pool.end()
})
