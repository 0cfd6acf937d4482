import { randomUUID } from 'node:crypto'
import { encodeEvent, type FloodgateEvent } from '@floodgate/contracts'
import { createEventBus, type EventBus } from '@floodgate/event-bus'
import { closeRedis, createRedis, type Redis, trackRunId, waitUntilReady } from '@floodgate/redis'
import { eventually, ownRedis } from '@floodgate/testkit'
import { silentLogger } from '@floodgate/testkit/fixtures'
import { NO_TRACING } from '@floodgate/tracing'
import { Registry } from 'prom-client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createCorrectStock } from '../stock/correct-stock.ts'
import { createEndHolds } from '../stock/end-holds.ts'
import { saleKeys } from '../stock/keys.ts'
import { rebuildSale } from '../stock/rebuild/rebuild-sale.ts'
import { createStockRedis, type StockRedis } from '../stock/stock-redis.ts'
import { createTestLedger, type TestLedger, testSale } from '../testing/ledger.ts'
import { createSaga, type Saga } from './create-saga.ts'
import { createSagaMetrics } from './saga-metrics.ts'

const log = silentLogger
let ledger: TestLedger
let server: Awaited<ReturnType<typeof ownRedis>>
let redis: Redis
let stockRedis: StockRedis
let bus: EventBus
let saga: Saga
/** Attempts of the batch of payments that failed most often. */
let attempts = 0
const countAttempts = (fields: { attempt?: number }) => {
  attempts = Math.max(attempts, fields.attempt ?? 0)
}
/** An event that fails this often becomes a dead letter. */
const TRIES_OF_A_FAULT = 5
beforeEach(async () => {
  ;[ledger, server] = await Promise.all([createTestLedger(), ownRedis()])
  redis = createRedis({ url: server.url, name: 'scripts', role: 'scripts', log })
  await waitUntilReady(redis, AbortSignal.timeout(60_000))
  const runIdGuard = trackRunId(redis)
  await runIdGuard.known(AbortSignal.timeout(60_000))
  stockRedis = createStockRedis({
    redis,
    runIdGuard,
    rebuildSale: (request) => rebuildSale({ pool: ledger.pool, redis, log }, request),
  })
  attempts = 0
  bus = createEventBus({ kind: 'redis', redisUrl: server.url, clientId: 'test', log: { ...log, warn: countAttempts } })
  saga = createSaga({
    notePayments: async () => undefined,
    namesInEvents: true,
    declinedMax: 3,
    refundRepeatMs: 300_000,
    pool: ledger.pool,
    bus,
    stock: { endHolds: createEndHolds(stockRedis), correctStock: createCorrectStock(stockRedis) },
    refunds: { settle: async () => undefined, repeatStale: async () => 0 },
    sagaMetrics: createSagaMetrics(new Registry()),
    rememberRevocations: async () => undefined,
    wakeRelay: () => undefined,
    reachFailPoint: async () => undefined,
    log,
    tracing: NO_TRACING,
    metrics: new Registry(),
  })
})
afterEach(async () => {
  await saga.stop()
  await bus.close()
  await closeRedis(redis)
  await Promise.all([ledger.remove(), server.remove()])
})

const publish = async (events: readonly FloodgateEvent[]) => {
  await eventually(() => bus.publish(events.map(encodeEvent)))
}

const envelope = (aggregateVersion: number) => ({
  id: randomUUID(),
  source: '/test',
  time: new Date().toISOString(),
  aggregateVersion,
})

const payment = (order: string, type: 'payment.succeeded.v1' | 'payment.declined.v1'): FloodgateEvent => {
  const data = { order, sale: testSale, amountMinor: 100, currency: 'EUR' }
  return type === 'payment.declined.v1'
    ? { type, ...envelope(1), data: { ...data, reason: 'card' } }
    : { type, ...envelope(1), data: { ...data, charge: 'charge-1' } }
}

const stockInRedis = async () => {
  const keys = saleKeys(testSale)
  const [available, held, sold] = await Promise.all([
    redis.hget(keys.stock, 'apple'),
    redis.hget(keys.held, 'apple'),
    redis.hget(keys.sold, 'apple'),
  ])
  return { available: Number(available), held: Number(held), sold: Number(sold) }
}

const cart = { buyer: 'ann', skus: ['apple'] }

describe('the saga on a real bus', () => {
  it('carries payments into Postgres and Redis, however often they are delivered', async () => {
    const orders = await ledger.place(Array.from({ length: 10 }, () => cart))
    await stockRedis.rebuild(testSale)
    expect(await stockInRedis()).toEqual({ available: 9_990, held: 10, sold: 0 })
    await saga.start()
    await eventually(() => expect(saga.health()).toEqual({ ready: true }))
    const payments = orders.map((order, n) => payment(order, n < 6 ? 'payment.succeeded.v1' : 'payment.declined.v1'))
    await publish([...payments, ...payments])
    await eventually(async () => {
      expect(await ledger.statuses()).toEqual({ 'cancelled(declined)': 4, confirmed: 6 })
      expect(await stockInRedis()).toEqual({ available: 9_994, held: 0, sold: 6 })
    })
  })

  it('releases an overdue hold by itself, and sells its units to its late payment, if they are still there', async () => {
    await saga.start()
    const [order, late] = await ledger.place([cart, { buyer: 'bob', skus: ['apple'] }], { holdMs: 300 })
    await stockRedis.rebuild(testSale)
    await eventually(async () => expect(await ledger.statuses()).toEqual({ 'cancelled(expired)': 2 }))
    await publish([payment(String(order), 'payment.succeeded.v1')])
    await eventually(async () => expect(await stockInRedis()).toEqual({ available: 9_999, held: 0, sold: 1 }))
    await ledger.pool.query('update orders.stock set total = sold')
    await publish([payment(String(late), 'payment.succeeded.v1')])
    await eventually(async () =>
      expect(await ledger.statuses()).toEqual({ 'confirmed(expired)': 1, 'refund_pending(expired)': 1 }),
    )
  })

  it('confirms a free order and whose process died after its commit, also at its deadline', async () => {
    await ledger.place([cart, cart], { holdMs: 1 })
    await ledger.pool.query('update orders.orders set total_minor = 0')
    await stockRedis.rebuild(testSale)
    await saga.start()
    await eventually(async () => expect(await ledger.statuses()).toEqual({ confirmed: 2 }))
    await eventually(async () => expect(await stockInRedis()).toEqual({ available: 9_998, held: 0, sold: 2 }))
  })

  it('updates Redis by the event when the process died right after its commit', async () => {
    const [order] = await ledger.place([cart])
    await stockRedis.rebuild(testSale)
    await ledger.pool.query(`update orders.orders set status = 'confirmed', version = 2`)
    await ledger.pool.query(`update orders.stock set held = 0, sold = 1 where sku = 'apple'`)
    await saga.start()
    const data = {
      order: String(order),
      sale: testSale,
      buyer: 'ann',
      slot: 'slot-1',
      items: [{ sku: 'apple', quantity: 1, priceMinor: 100 }],
      totalMinor: 100,
      currency: 'EUR',
      createdAt: new Date().toISOString(),
      holdExpiresAt: new Date().toISOString(),
      sealedEmail: 'sealed',
    }
    await publish([{ type: 'order.confirmed.v1', ...envelope(2), data }])
    await eventually(async () => expect(await stockInRedis()).toEqual({ available: 9_999, held: 0, sold: 1 }))
  })

  // One error of each class; packages/database/src/errors.test.ts has all of them.
  it.each(['25006', '53100', '57014', '58030'])(
    'a Postgres that returns %s makes no dead letter: everything is finished afterwards',
    async (state) => {
      const [paid] = await ledger.place([cart])
      await ledger.place([cart], { holdMs: 1 })
      await ledger.pool.query(`create table public.problems (state text)`)
      await ledger.pool.query(`create function public.refuse() returns trigger language plpgsql as $$
      declare problem text := (select state from public.problems limit 1);
      begin
        if problem is not null then raise exception 'not now' using errcode = problem; end if;
        return new;
      end $$`)
      await ledger.pool.query('create trigger refuse before update on orders.orders execute function public.refuse()')
      await ledger.pool.query('insert into public.problems values ($1)', [state])
      await saga.start()
      await publish([payment(String(paid), 'payment.succeeded.v1')])
      await eventually(() => expect(attempts).toBeGreaterThan(TRIES_OF_A_FAULT))
      expect(await ledger.statuses()).toEqual({ pending: 2 })
      await ledger.pool.query('delete from public.problems')
      await eventually(async () => expect(await ledger.statuses()).toEqual({ 'cancelled(expired)': 1, confirmed: 1 }))
      expect(await redis.keys('*dead*')).toEqual([])
    },
  )

  it('stores sales by version: a stale event changes nothing, and the first close counts', async () => {
    await saga.start()
    const word = (version: number, state: 'open' | 'closed', second: number): FloodgateEvent => ({
      type: state === 'open' ? 'sale.opened.v1' : 'sale.closed.v1',
      ...envelope(version),
      data: {
        sale: testSale,
        name: 'Demo',
        state,
        opensAt: null,
        closesAt: null,
        at: `2026-01-01T00:00:0${second}.000Z`,
      },
    })
    const known = async () => (await ledger.pool.query('select state, version, closed_at from orders.sales')).rows
    const closedAt = new Date('2026-01-01T00:00:03.000Z')
    await publish([word(3, 'closed', 3)])
    await eventually(async () => expect(await known()).toEqual([{ state: 'closed', version: 3, closed_at: closedAt }]))
    await publish([word(2, 'open', 2), word(4, 'closed', 4)])
    await eventually(async () => expect(await known()).toEqual([{ state: 'closed', version: 4, closed_at: closedAt }]))
  })

  it('a reopened sale is no longer closed, and its next close counts from then, also when both arrive at once', async () => {
    await saga.start()
    const word = (version: number, type: 'sale.closed.v1' | 'sale.reopened.v1'): FloodgateEvent => ({
      type,
      ...envelope(version),
      data: {
        sale: testSale,
        name: 'Demo',
        state: type === 'sale.closed.v1' ? 'closed' : 'paused',
        opensAt: null,
        closesAt: null,
        at: `2026-01-01T00:00:0${version}.000Z`,
      },
    })
    const closedAt = async () => (await ledger.pool.query('select closed_at from orders.sales')).rows[0]?.closed_at
    await publish([word(3, 'sale.closed.v1')])
    await eventually(async () => expect(await closedAt()).toEqual(new Date('2026-01-01T00:00:03.000Z')))
    await publish([word(4, 'sale.reopened.v1')])
    await eventually(async () => expect(await closedAt()).toBeNull())
    await publish([word(5, 'sale.closed.v1')])
    await eventually(async () => expect(await closedAt()).toEqual(new Date('2026-01-01T00:00:05.000Z')))
    await publish([word(6, 'sale.reopened.v1'), word(7, 'sale.closed.v1')])
    await eventually(async () => expect(await closedAt()).toEqual(new Date('2026-01-01T00:00:07.000Z')))
  })
})
