import { eventually } from '@floodgate/testkit'
import { silentLogger } from '@floodgate/testkit/fixtures'
import { Registry } from 'prom-client'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { listParked } from '../parked/parked-orders.ts'
import { createTestLedger, type TestLedger } from '../testing/ledger.ts'
import { createTestTransitions } from '../testing/transitions.ts'
import { createRefundSweep } from './repeat-refunds.ts'
import { createSagaMetrics } from './saga-metrics.ts'
import type { Transitions } from './transitions.ts'

const log = silentLogger
const FIVE_MINUTES_MS = 300_000
let ledger: TestLedger
beforeEach(async () => {
  ledger = await createTestLedger()
})
afterEach(() => ledger.remove())

const createProcess = (registry = new Registry()): Transitions =>
  createTestTransitions(ledger.pool, { metrics: createSagaMetrics(registry) })

/** Creates orders that were cancelled and then paid, whose refund was requested so many minutes ago. */
async function toRefund(ages: readonly number[]): Promise<string[]> {
  const orders = (await ledger.place(ages.map(() => ({ buyer: 'ann', skus: ['apple'] })))).map(String)
  await createProcess().apply(
    orders.flatMap((order) => [
      { order, fact: 'cancelled-by-buyer' as const },
      { order, fact: 'payment-succeeded' as const },
    ]),
  )
  await ledger.pool.query(
    `update orders.orders o set updated_at = now() - age * interval '1 minute'
     from unnest($1::uuid[], $2::float8[]) as u (id, age) where o.id = u.id`,
    [orders, ages],
  )
  return orders
}
const requestsOf = async (order: string): Promise<number[]> => {
  const { rows } = await ledger.pool.query<{ version: number }>(
    `select version from orders.outbox where key = $1 and type = 'order.refund-requested.v1' order by id`,
    [order],
  )
  return rows.map(({ version }) => version)
}

it('a refund in progress for more than five minutes is requested again, with a newer version; a younger one is not', async () => {
  const [old = '', young = ''] = await toRefund([6, 4])
  const [ended = ''] = await toRefund([60])
  const { apply, repeatRefunds } = createProcess()
  await apply([{ order: ended, fact: 'payment-refunded' }])
  await ledger.pool.query(`update orders.orders set updated_at = now() - interval '1 hour' where id = $1`, [ended])

  const limits = { olderThanMs: FIVE_MINUTES_MS, max: 10 }
  expect(await repeatRefunds(limits)).toBe(1)
  expect(await requestsOf(old)).toEqual([3, 4])
  expect([await requestsOf(young), await requestsOf(ended)]).toEqual([[3], [3]])
  expect(await repeatRefunds(limits), 'its five minutes begin again').toBe(0)
})

it('one refund that cannot be requested again is parked alone, and a thousand younger ones are requested', async () => {
  const ages = Array.from({ length: 1_000 }, (_, index) => 6 + index / 1_000)
  const [bad = '', ...good] = await toRefund([60, ...ages])
  await ledger.pool.query(`create function public.refuse() returns trigger language plpgsql as $$
    begin raise exception 'not this one' using errcode = '23514'; end $$`)
  await ledger.pool.query(
    `create trigger refuse before update on orders.orders for each row when (old.id = '${bad}') execute function public.refuse()`,
  )
  const { repeatRefunds } = createProcess()
  for (const limits = { olderThanMs: FIVE_MINUTES_MS, max: 200 }; (await repeatRefunds(limits)) > 0; );
  const { rows } = await ledger.pool.query<{ key: string; n: number }>(
    `select key, count(*)::int as n from orders.outbox where type = 'order.refund-requested.v1' group by key`,
  )
  const requests = new Map(rows.map(({ key, n }) => [key, n]))
  expect(good.filter((order) => requests.get(order) !== 2)).toEqual([])
  expect(requests.get(bad)).toBe(1)
  expect(await listParked(ledger.pool)).toMatchObject([{ order: bad, fact: 'refund-repeated', attempts: 1 }])
})

it('works in batches, the oldest first', async () => {
  const [younger = '', oldest = ''] = await toRefund([6, 9])
  const { repeatRefunds } = createProcess()
  expect(await repeatRefunds({ olderThanMs: FIVE_MINUTES_MS, max: 1 })).toBe(1)
  expect([await requestsOf(oldest), await requestsOf(younger)]).toEqual([[3, 4], [3]])
})

it('is done by one process at a time', async () => {
  const [order = ''] = await toRefund([6])
  const other = await ledger.pool.connect()
  await other.query('begin')
  await other.query(`select pg_advisory_xact_lock(hashtextextended('orders.repeat-refunds', 0))`)
  const { repeatRefunds } = createProcess()
  const limits = { olderThanMs: FIVE_MINUTES_MS, max: 10 }
  expect(await repeatRefunds(limits)).toBe(0)
  await other.query('rollback')
  other.release()
  expect(await repeatRefunds(limits)).toBe(1)
  expect(await requestsOf(order)).toEqual([3, 4])
})

it('continues by itself, past its first batch, and counts its work', async () => {
  const orders = await toRefund(Array.from({ length: 450 }, (_, index) => 6 + index))
  const registry = new Registry()
  const metrics = createSagaMetrics(registry)
  const { repeatRefunds } = createProcess()
  const sweep = createRefundSweep({ sources: [repeatRefunds], olderThanMs: FIVE_MINUTES_MS, metrics, log })
  sweep.start()
  await eventually(async () =>
    expect(await registry.getSingleMetricAsString('floodgate_refunds_repeated_total')).toMatch(/ 450$/m),
  )
  await sweep.stop()
  expect(await requestsOf(String(orders.at(-1)))).toEqual([3, 4])
})

it('reads only an index of refunds in progress', async () => {
  const client = await ledger.pool.connect()
  await client.query(
    `insert into orders.orders (id, sale, buyer, slot, request_hash, status, total_minor, currency, payment_method, sealed_email, hold_expires_at, charge_by)
     select gen_random_uuid(), 'other', 'b' || n, 's' || n, '', 'confirmed', 1, 'EUR', '', '', now(), now()
     from generate_series(1, 20000) n`,
  )
  await client.query('analyze orders.orders')
  const { rows } = await client.query<{ 'QUERY PLAN': string }>(
    `explain select id from orders.orders o where o.status = 'refund_pending' and o.updated_at < now() - $1::float8 * interval '1 ms'
     order by o.updated_at limit 200 for no key update skip locked`.replace('$1', '300000'),
  )
  client.release()
  const plan = rows.map((row) => row['QUERY PLAN']).join('\n')
  expect(plan).toContain('orders_refund_pending')
  expect(plan).not.toContain('Seq Scan')
})
