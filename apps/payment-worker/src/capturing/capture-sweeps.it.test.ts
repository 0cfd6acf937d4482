import { randomUUID } from 'node:crypto'
import { createTestDatabase, type TestDatabase } from '@floodgate/testkit'
import { silentLogger } from '@floodgate/testkit/fixtures'
import { NO_TRACING } from '@floodgate/tracing'
import { Registry } from 'prom-client'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { CaptureOutcome } from '../gateway/payment-gateway.ts'
import { createInFlight } from '../in-flight.ts'
import { createPaymentMetrics } from '../metrics.ts'
import { requestCaptures } from './capture-store.ts'
import { type CapturerDeps, createCapturer } from './capturer.ts'

const SLOTS = 8
let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase({ connectionsMax: SLOTS })
})
afterAll(() => database.remove())
beforeEach(() => database.pool.query('truncate payments.captures, payments.charges'))

/** Inserts captures that are due. Returns their orders. */
async function insertCaptures(count: number, status: string): Promise<readonly string[]> {
  const orders = Array.from({ length: count }, () => randomUUID())
  await database.pool.query(
    `insert into payments.charges (order_id, key, sale, amount_minor, currency, payment_method, status, provider_charge_id, charge_by)
     select id, id::text, 'demo', 100, 'EUR', 'pm', 'approved', 'pi', now() from unnest($1::uuid[]) id`,
    [orders],
  )
  await database.pool.query(
    'insert into payments.captures (order_id, status) select id, $2 from unnest($1::uuid[]) id',
    [orders, status],
  )
  return orders
}

/** Sweeps once, until every round has ended. Returns how many calls the provider got. */
async function sweep(outcome: CaptureOutcome, readOrderStatus: CapturerDeps['readOrderStatus']): Promise<number> {
  let calls = 0
  const inFlight = createInFlight(SLOTS)
  const capturer = createCapturer({
    pool: database.pool,
    gateway: {
      breakerState: () => 'closed',
      async capture() {
        calls += 1
        return outcome
      },
    },
    metrics: createPaymentMetrics(new Registry(), { breakerState: () => 'closed', inFlight: inFlight.size }),
    ...{ inFlight, readOrderStatus, log: silentLogger, tracing: NO_TRACING, reachFailPoint: async () => undefined },
    signal: new AbortController().signal,
  })
  await capturer.sweep({ all: false })
  await inFlight.idle()
  return calls
}

test('a sweep takes everything that is due, and stops early where the provider gives nothing', async () => {
  const unasked = async () => undefined
  await insertCaptures(200, 'requested')
  expect(await sweep({ kind: 'captured' }, unasked)).toBe(200)
  await insertCaptures(200, 'requested')
  const held = await sweep({ kind: 'unavailable', unknown: false, detail: 'its rate is reached' }, unasked)
  expect(held).toBeGreaterThanOrEqual(SLOTS)
  expect(held).toBeLessThan(100)
})

test.each(['pending', 'confirmed'] as const)(
  'a confirmation that arrives while the order core says %s is followed at once',
  async (said) => {
    const orders = await insertCaptures(1, 'authorized')
    await sweep({ kind: 'captured' }, async () => {
      await requestCaptures(database.pool, orders)
      return said
    })
    const { rows } = await database.pool.query('select status, due_at <= now() as "isDue" from payments.captures')
    expect(rows).toEqual([{ status: 'requested', isDue: true }])
  },
)
