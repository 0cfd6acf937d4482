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
beforeEach(() => set(-1_000, -1_000))

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
  await set(5_000, 5_000)
  expect(await store.reserve('rest', one), 'charges wait').toBeUndefined()
  await set(5_000, -1)
  expect(await store.reserve('rest', one)).toBeGreaterThan(0)
  expect(await store.reserve('rest', one), 'its tenth is used').toBeUndefined()
  expect(await store.reserve('charge', one)).toBeGreaterThan(0)
  await set(-1, 5_000)
  expect(await store.reserve('rest', one), 'no charge waits').toBe(0)
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

it('a Postgres that does not respond sends nothing', async () => {
  const gone = { query: () => Promise.reject(new Error('away')) } as unknown as Pool
  const metrics = createPaceMetrics(new Registry())
  const { take } = createPace({ store: createPaceStore(gone), writesPerSecondMax: 5, drainPerSecond: 0, metrics })
  await expect(take('charge', signal)).rejects.toThrow(NotSent)
  await expect(take('rest', signal)).rejects.toThrow(NotSent)
})
