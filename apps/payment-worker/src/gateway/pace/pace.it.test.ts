import { createTestDatabase, type TestDatabase } from '@floodgate/testkit'
import type { Pool } from 'pg'
import { Registry } from 'prom-client'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { createPace, NotSent } from './pace.ts'
import { createPaceMetrics } from './pace-metrics.ts'
import { createPaceStore } from './pace-store.ts'

const STEP_MS = 20
const WAIT_MS_MAX = 10_000
const one = { count: 1, stepMs: STEP_MS, waitMsMax: WAIT_MS_MAX }

let database: TestDatabase
let pool: Pool
beforeAll(async () => {
  database = await createTestDatabase({ connectionsMax: 4 })
  pool = database.pool
})
afterAll(() => database.remove())
beforeEach(async () => {
  await set(-1_000, -1_000)
  await pool.query('update payments.pace set drain_at = null')
  await pool.query('delete from payments.charges')
})

/** Sets in how many milliseconds the next write is free, and when the rest goes before charges. */
const set = (nextMs: number, restMs: number) =>
  pool.query(
    `update payments.pace set next_at = now() + $1::float8 * interval '1 ms', rest_at = now() + $2::float8 * interval '1 ms'`,
    [nextMs, restMs],
  )
const nextAt = async (): Promise<number> => {
  const { rows } = await pool.query(
    'select extract(epoch from next_at)::float8 * 1000 as next, extract(epoch from now())::float8 * 1000 as now from payments.pace',
  )
  return rows[0].next
}
const paceOf = (writesPerSecondMax: number, drainPerSecond = 0) => {
  const registry = new Registry()
  const metrics = createPaceMetrics(registry)
  return { registry, ...createPace({ store: createPaceStore(pool), writesPerSecondMax, drainPerSecond, metrics }) }
}
const signal = new AbortController().signal

it('two processes reserve each write once, a step apart', async () => {
  await set(60_000, 60_000)
  const before = await nextAt()
  const stores = [createPaceStore(pool), createPaceStore(pool)]
  const reserved = { ...one, waitMsMax: 120_000 }
  const counts = [1, 3, 1, 7, 2, 1, 5, 4]
  const waits = await Promise.all(
    counts.map((count, index) => stores[index % 2]?.reserve('charge', { ...reserved, count })),
  )
  expect(await nextAt()).toBeCloseTo(before + STEP_MS * counts.reduce((sum, count) => sum + count, 0), 1)
  expect(new Set(waits).size, 'no two begin at the same time').toBe(counts.length)
})

it('writes that were not used save nothing', async () => {
  await set(-3_600_000, -3_600_000)
  expect(await createPaceStore(pool).reserve('charge', one)).toBe(0)
  const { rows } = await pool.query(`select next_at > now() - interval '10 s' as recent from payments.pace`)
  expect(rows).toEqual([{ recent: true }])
})

it('a refund waits while charges do, and gets one write in ten in any case', async () => {
  const store = createPaceStore(pool)
  await set(5_000, 5_001)
  expect(await store.reserve('rest', one), 'charges wait').toBeUndefined()
  await set(5_000, 4_999)
  expect(await store.reserve('rest', one)).toBeGreaterThan(0)
  expect(await store.reserve('rest', one), 'its tenth is used').toBeUndefined()
  expect(await store.reserve('charge', one)).toBeGreaterThan(0)
  await set(-1, 5_000)
  expect(await store.reserve('rest', one), 'no charge waits').toBe(0)
})

it('a backlog of charges, however long, leaves the rest one write in ten', async () => {
  const store = createPaceStore(pool)
  await set(60_000, 60_000)
  const reserved = { ...one, waitMsMax: 120_000 }
  let rests = 0
  for (let charges = 1; charges <= 100; charges += 1) {
    expect(await store.reserve('charge', reserved)).toBeDefined()
    if ((await store.reserve('rest', reserved)) !== undefined) rests += 1
  }
  expect(rests).toBeGreaterThanOrEqual(10)
  expect(rests).toBeLessThanOrEqual(12)
})

it('a write that would wait for more than ten seconds is not sent', async () => {
  const { take } = paceOf(50)
  await set(11_000, 11_000)
  await expect(take('charge', signal)).rejects.toThrow(NotSent)
  const aborted = AbortSignal.abort()
  await expect(take('rest', aborted)).rejects.toThrow(NotSent)
})

it('what the provider asks for holds off every process', async () => {
  const [one, other] = [paceOf(50), paceOf(50)]
  one.holdOff(30_000)
  await expect(one.take('charge', signal)).rejects.toThrow(NotSent)
  await expect.poll(async () => await other.take('charge', signal).catch((error: Error) => error.name)).toBe('NotSent')
  const unlimited = paceOf(0)
  await unlimited.take('charge', signal)
})

it('without a limit no row is read, until a drain begins', async () => {
  const { take, drain, registry } = paceOf(0, 1_000)
  await set(60_000, 60_000)
  await take('charge', signal)
  drain()
  await expect(take('charge', signal)).rejects.toThrow(NotSent)
  expect(await registry.getSingleMetricAsString('floodgate_provider_writes_total')).toContain('{lane="charge"} 1')
})

const NEXT_IS_FAR_MS = 60_000
/** Tells whether writes are paced: the next free one is far away. */
const isPaced = async ({ take }: ReturnType<typeof paceOf>): Promise<boolean> => {
  await set(NEXT_IS_FAR_MS, NEXT_IS_FAR_MS)
  return await take('charge', signal).then(
    () => false,
    () => true,
  )
}

it('a drain that one process begins is joined by the others, until its end', async () => {
  const [one, other, late] = [paceOf(0, 1_000), paceOf(0, 1_000), paceOf(0, 1_000)]
  one.drain()
  await expect
    .poll(async () => {
      await other.follow({ atStart: false })
      return await isPaced(other)
    })
    .toBe(true)
  await pool.query(`update payments.pace set drain_at = now() - interval '100 s'`)
  await late.follow({ atStart: false })
  expect(await isPaced(late)).toBe(false)
})

it.each([
  ['started', 11, true],
  ['unknown', 600, true],
  ['started', 5, false],
  ['awaiting-buyer', 600, false],
  ['declined', 600, false],
])('a worker that starts beside a %s charge that was due %i s ago drains: %s', async (status, seconds, drains) => {
  await pool.query(
    `insert into payments.charges (order_id, key, sale, amount_minor, currency, payment_method, status, charge_by, due_at)
     values (gen_random_uuid(), 'key', 'demo', 1, 'EUR', 'sim_ok', $1, now(), now() - make_interval(secs => $2))`,
    [status, seconds],
  )
  const starting = paceOf(0, 1_000)
  await starting.follow({ atStart: false })
  expect(await isPaced(starting), 'only a start looks').toBe(false)
  await starting.follow({ atStart: true })
  expect(await isPaced(starting)).toBe(drains)
})

it('a worker that starts while a backlog drains does not begin anew', async () => {
  await pool.query(`update payments.pace set drain_at = now() - interval '99 s'`)
  await pool.query(
    `insert into payments.charges (order_id, key, sale, amount_minor, currency, payment_method, status, charge_by, due_at)
     values (gen_random_uuid(), 'key', 'demo', 1, 'EUR', 'sim_ok', 'started', now(), now() - interval '1 hour')`,
  )
  await paceOf(0, 1_000).follow({ atStart: true })
  const { rows } = await pool.query(`select drain_at < now() - interval '90 s' as same from payments.pace`)
  expect(rows).toEqual([{ same: true }])
})

it('a Postgres that does not respond sends nothing', async () => {
  const gone = { query: () => Promise.reject(new Error('away')) } as unknown as Pool
  const metrics = createPaceMetrics(new Registry())
  const { take } = createPace({ store: createPaceStore(gone), writesPerSecondMax: 5, drainPerSecond: 0, metrics })
  await expect(take('charge', signal)).rejects.toThrow(NotSent)
  await expect(take('rest', signal)).rejects.toThrow(NotSent)
})
