import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { createRetention } from '@floodgate/runtime'
import { eventually, ownRedis } from '@floodgate/testkit'
import { silentLogger } from '@floodgate/testkit/fixtures'
import { Registry } from 'prom-client'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { OrderFact } from '../order/decide.ts'
import { createSagaMetrics } from '../saga/saga-metrics.ts'
import { createTestLedger, type TestLedger, testSale } from '../testing/ledger.ts'
import { createIssuer, type RunningCore, startCore } from '../testing/running-core.ts'
import { createTestTransitions } from '../testing/transitions.ts'
import { createOrderRetention } from './delete-orders.ts'

let ledger: TestLedger
let directory: string
beforeEach(async () => {
  ledger = await createTestLedger()
  directory = await mkdtemp(join(tmpdir(), 'retention-'))
})
afterEach(async () => {
  await ledger.remove()
  await rm(directory, { recursive: true, force: true })
})

const DAYS = 30
const createSweep = (options: { days?: number; exportDir?: string; registry?: Registry } = {}) =>
  createRetention({
    tasks: createOrderRetention({ pool: ledger.pool, days: options.days ?? DAYS }),
    config: { retentionExportDir: options.exportDir, retentionSweepSeconds: 60 },
    log: silentLogger,
    metrics: options.registry ?? new Registry(),
  })
const transitions = (registry = new Registry()) =>
  createTestTransitions(ledger.pool, { metrics: createSagaMetrics(registry) })
const placeThrough = async (buyer: string, ...facts: OrderFact[]) => {
  const [order = ''] = await ledger.place([{ buyer, skus: ['apple', 'bread'] }])
  await transitions().apply(facts.map((fact) => ({ order, fact })))
  return order
}
/** Moves every time in the database back by that many days. */
const age = async (days: number, { isRetired = true, isClosed = true } = {}) => {
  const ago = `${days} days`
  await ledger.pool.query('update orders.orders set updated_at = now() - $1::interval', [ago])
  await ledger.pool.query(
    `insert into orders.sales (id, state, version, closed_at) values ($1, 'closed', 3, now() - $2::interval)
     on conflict (id) do update set closed_at = excluded.closed_at`,
    [testSale, ago],
  )
  if (!isClosed) await ledger.pool.query('update orders.sales set closed_at = null')
  await ledger.pool.query('update orders.catalogues set retired_at = case when $1::boolean then now() end', [isRetired])
}
const idsLeft = async () =>
  (await ledger.pool.query<{ id: string }>('select id from orders.orders order by id')).rows.map(({ id }) => id)
const rowsOf = async (table: string) =>
  (await ledger.pool.query<{ n: number }>(`select count(*)::int as n from orders.${table}`)).rows[0]?.n
const metricsOf = async ({ opsUrl }: RunningCore) => (await fetch(`${opsUrl}/metrics`)).text()
const exported = async () => {
  const names = (await readdir(directory)).sort()
  const texts = names.map(async (name) => gunzipSync(await readFile(join(directory, name))).toString())
  const lines = (await Promise.all(texts)).flatMap((text) => text.trimEnd().split('\n'))
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>)
}

it('vouchers are deleted once their buyer has no order of the sale left; what was issued stays', async () => {
  await ledger.pool.query(
    `insert into orders.voucher_campaigns (sale, id, name, kind, amount_minor, total, issued)
     values ($1, 'spring', 'Spring', 'fixed', 10, 5, 2)`,
    [testSale],
  )
  await ledger.pool.query(
    `insert into orders.vouchers (sale, campaign, buyer) values ($1, 'spring', 'ann'), ($1, 'spring', 'bob')`,
    [testSale],
  )
  await placeThrough('ann')
  await age(DAYS + 1)
  await createSweep().round()
  expect((await ledger.pool.query('select buyer from orders.vouchers')).rows).toEqual([{ buyer: 'ann' }])
  expect((await ledger.pool.query('select issued from orders.voucher_campaigns')).rows).toEqual([{ issued: 2 }])
  expect((await ledger.pool.query('select pruned_at from orders.sales')).rows).toEqual([{ pruned_at: null }])
})

it('orders that are over are deleted with their lines, exported first; what was sold stays sold', async () => {
  const sold = await placeThrough('ann', 'payment-succeeded')
  const cancelled = await placeThrough('bob', 'cancelled-by-buyer')
  const refunded = await placeThrough('cem', 'cancelled-by-buyer', 'payment-succeeded', 'payment-refunded')
  await age(DAYS + 1)
  const stock = await ledger.pool.query('select sku, total, held, sold from orders.stock order by sku')
  const registry = new Registry()
  const sweep = createSweep({ exportDir: directory, registry })
  await sweep.round()

  expect(await idsLeft()).toEqual([])
  expect([await rowsOf('order_lines'), await rowsOf('buyer_units')]).toEqual([0, 0])
  expect((await ledger.pool.query('select sku, total, held, sold from orders.stock order by sku')).rows).toEqual(
    stock.rows,
  )
  const rows = await exported()
  const orders = rows.filter((row) => 'lines' in row)
  expect(orders.map(({ id }) => id).sort()).toEqual([sold, cancelled, refunded].sort())
  for (const order of orders)
    expect(order).toMatchObject({ sealed_email: 'sealed', lines: [{ sku: 'apple', quantity: 1 }, { sku: 'bread' }] })
  expect(JSON.stringify(rows)).not.toContain('sim_ok')
  expect(rows.filter((row) => 'units' in row)).toHaveLength(6)
  const text = await registry.metrics()
  expect(text).toContain('floodgate_retention_deleted_rows_total{table="orders.orders"} 3')
  expect(text).toContain('floodgate_retention_deleted_rows_total{table="orders.buyer_units"} 6')
  expect((await ledger.pool.query('select pruned_at is not null as done from orders.sales')).rows).toEqual([
    { done: true },
  ])
})

it.each([
  ['younger than their retention time', DAYS - 1, {}],
  ['of a sale that is open', DAYS + 1, { isClosed: false }],
  ['of a sale that Redis still has', DAYS + 1, { isRetired: false }],
] as const)('orders stay that are %s', async (_, days, state) => {
  await placeThrough('ann', 'payment-succeeded')
  await age(days, state)
  await createSweep().round()
  expect(await idsLeft()).toHaveLength(1)
  expect(await rowsOf('buyer_units')).toBe(2)
})

it('nothing is deleted when orders are kept forever', async () => {
  await placeThrough('ann', 'payment-succeeded')
  await age(10_000)
  await createSweep({ days: 0 }).round()
  expect(await idsLeft()).toHaveLength(1)
})

it('an order that is not over stays with the units of its buyer; other buyers and later sales are deleted', async () => {
  const open = [
    await placeThrough('ann'),
    await placeThrough('bob', 'cancelled-by-buyer', 'payment-succeeded'),
    await placeThrough('cem', 'cancelled-by-buyer', 'payment-succeeded', 'payment-refund-refused'),
    await placeThrough('dan', 'payment-succeeded'),
  ]
  await ledger.pool.query(
    `insert into orders.parked (order_id, sale, fact, reason) values ($1, $2, 'hold-expired', 'test')`,
    [open[3], testSale],
  )
  await placeThrough('eve', 'payment-succeeded')
  await age(DAYS + 2)
  await ledger.pool.query(
    `insert into orders.sales (id, state, version, closed_at) values ('later', 'closed', 3, now() - interval '31 days')`,
  )
  await ledger.pool.query(
    `insert into orders.buyer_units (sale, buyer, sku, units, units_max) values ('later', 'b', 'a', 1, 1)`,
  )
  const sweep = createSweep()
  await sweep.round()
  await sweep.round()
  expect(await idsLeft()).toEqual(open.toSorted())
  const left = await ledger.pool.query('select distinct sale, buyer from orders.buyer_units order by buyer')
  expect(left.rows).toEqual(['ann', 'bob', 'cem', 'dan'].map((buyer) => ({ sale: testSale, buyer })))
  expect(await rowsOf('buyer_units')).toBe(8)
})

it('a sale whose orders cannot be deleted blocks no later sale, and is retried', async () => {
  await placeThrough('ann', 'payment-succeeded')
  const other = await placeThrough('bob', 'payment-succeeded')
  await age(DAYS + 2)
  await ledger.pool.query(
    `insert into orders.sales (id, state, version, closed_at) values ('later', 'closed', 3, now() - interval '31 days')`,
  )
  await ledger.pool.query(`update orders.orders set sale = 'later' where id = $1`, [other])
  await ledger.pool.query(`
    create function orders.refuse() returns trigger language plpgsql as $$ begin raise 'refused'; end $$;
    create trigger refuse before delete on orders.orders for each row when (old.sale = '${testSale}')
      execute function orders.refuse()`)
  const [orders] = createOrderRetention({ pool: ledger.pool, days: DAYS })
  await expect(orders?.deleteBatch()).rejects.toThrow('refused')
  expect(await orders?.deleteBatch()).toBe(1)
  expect(await orders?.deleteBatch(), 'the end of the sales').toBe(0)
  await expect(orders?.deleteBatch()).rejects.toThrow('refused')
})

it('nothing is deleted that cannot be exported, and everything once it can; a crash in between exports twice', async () => {
  await placeThrough('ann', 'payment-succeeded')
  await age(DAYS + 1)
  await rm(directory, { recursive: true })
  await expect(createSweep({ exportDir: directory }).start()).rejects.toThrow('ENOENT')
  const registry = new Registry()
  await createSweep({ exportDir: directory, registry }).round()
  expect(await idsLeft()).toHaveLength(1)
  expect(await registry.metrics()).toContain('floodgate_retention_failures_total{table="orders.orders"} 1')

  await mkdir(directory)
  const [orders] = createOrderRetention({ pool: ledger.pool, days: DAYS })
  const seen: string[] = []
  const crash = orders?.deleteBatch(async (_, rows) => {
    seen.push(...rows)
    throw new Error('killed')
  })
  await expect(crash).rejects.toThrow('killed')
  expect([await idsLeft(), seen]).toMatchObject([[expect.any(String)], [expect.stringContaining('"confirmed"')]])
  await createSweep({ exportDir: directory }).round()
  expect(await idsLeft()).toEqual([])
  expect(await exported()).toMatchObject([{ units: 1 }, { units: 1 }, { status: 'confirmed' }])
})

it('two processes at once delete each order once', async () => {
  await Promise.all(Array.from({ length: 20 }, (_, n) => placeThrough(`b${n}`, 'payment-succeeded')))
  await age(DAYS + 1)
  const registries = [new Registry(), new Registry(), new Registry()]
  const [one, other, last] = registries.map((registry) => createSweep({ registry }))
  await Promise.all([one?.round(), other?.round()])
  await last?.round()
  const texts = await Promise.all(registries.map((registry) => registry.metrics()))
  const counts = texts.map((text) => Number(/deleted_rows_total\{table="orders.orders"\} (\d+)/.exec(text)?.[1] ?? 0))
  expect(counts.reduce((sum, n) => sum + n)).toBe(20)
})

it('a late payment for a deleted order writes nothing and is counted, and one for a lost order is refunded', async () => {
  const gone = await placeThrough('ann', 'payment-succeeded')
  await age(DAYS + 1)
  await createSweep().round()
  const registry = new Registry()
  const applied = transitions(registry)
  const kept = () => registry.getSingleMetricAsString('floodgate_deleted_orders_paid_total')
  const late = (sale: string, order: string) =>
    applied.apply([{ order, fact: 'payment-succeeded', payment: { sale, amountMinor: 200, currency: 'EUR' } }] as never)
  expect(await late(testSale, gone)).toMatchObject([{ kind: 'unknown' }])
  expect(await idsLeft()).toEqual([])
  expect(await kept()).toMatch(/ 1$/m)
  const lost = crypto.randomUUID()
  await late('another-sale', lost)
  expect(await kept()).toMatch(/ 1$/m)
  expect(await ledger.statuses()).toEqual({ 'refund_pending(abandoned)': 1 })
})

it('an order core deletes by itself what is past its retention', async () => {
  const redis = await ownRedis()
  const issuer = await createIssuer()
  await placeThrough('ann', 'payment-succeeded')
  await age(41)
  const start = (days: number) =>
    startCore({
      ...{ databaseUrl: ledger.url, redisUrl: redis.url, jwksUrl: issuer.jwksUrl },
      settings: { ORDER_RETENTION_DAYS: String(days), RETENTION_SWEEP_SECONDS: '0.1' },
    })
  const generous = await start(42)
  await eventually(async () =>
    expect(await metricsOf(generous)).toContain('floodgate_retention_oldest_seconds{table="orders.orders"'),
  )
  expect(await idsLeft()).toHaveLength(1)
  await generous.service.stop()
  const core = await start(40)
  await eventually(async () => expect([await idsLeft(), await rowsOf('buyer_units')]).toEqual([[], 0]))
  await core.service.stop()
  issuer.close()
  await redis.remove()
})
