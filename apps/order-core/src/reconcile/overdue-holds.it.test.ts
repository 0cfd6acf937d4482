import { orderCancelledEvent } from '@floodgate/contracts'
import { createMetrics } from '@floodgate/runtime'
import { eventually, fillRedis } from '@floodgate/testkit'
import { silentLogger } from '@floodgate/testkit/fixtures'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { commitBatch } from '../ledger/commit-batch.ts'
import { findOrders } from '../order/find-orders.ts'
import type { OrderDraft } from '../order/order.ts'
import { saleKeys } from '../stock/keys.ts'
import { markHoldCommitted } from '../stock/mark-committed.ts'
import { createWakeHold } from '../stock/move-deadlines.ts'
import { restoreHold } from '../stock/sync-hold.ts'
import { draft, line, newOrder } from '../testing/new-orders.ts'
import { createTestStock, type TestStock } from '../testing/stock.ts'
import { resolveOverdueHolds } from './overdue-holds.ts'
import { createReconciler } from './reconciler.ts'

let stock: TestStock
let sale: string
beforeAll(async () => {
  stock = await createTestStock()
})
afterAll(() => stock?.remove())
beforeEach(async () => {
  sale = await stock.createSale({ total: 2_000, perBuyerLimit: 2_000 })
})

const resolve = (options?: { mayAbandon: boolean }) =>
  resolveOverdueHolds({ pool: stock.pool, stockRedis: stock.stockRedis, log: silentLogger }, sale, options)
const overdue = async (slot: string, changes: Partial<OrderDraft> = {}) => {
  const order = crypto.randomUUID()
  await stock.hold({ sale, order, slot, commitWithinMs: 1, draft: { ...draft, ...changes } })
  await eventually(async () =>
    expect(Number(await stock.redis.zscore(saleKeys(sale).holds, order))).toBeLessThan(Date.now() - 5),
  )
  return order
}
const reasonOf = async (order: string) => (await findOrders(stock.pool, [order])).get(order)?.cancelReason
const commit = async (orders: ReturnType<typeof newOrder>[]) =>
  await commitBatch(
    { pool: stock.pool, times: { holdMs: 1, chargeMarginMs: 0 }, giveUpAfterMs: 2_000, onError: () => undefined },
    orders,
  )

it('an abandoned order leaves its slot free for the next one', async () => {
  const order = await overdue('one')
  expect(await resolve()).toEqual({ abandoned: 1, followed: 0 })
  expect(await reasonOf(order)).toBe('abandoned')
  expect(await stock.counters(sale)).toEqual({ available: 2_000, held: 0 })
  expect((await stock.hold({ sale, order: crypto.randomUUID(), slot: 'one' })).kind).toBe('held')
})

it('a hold taken by the previous version is released, and keeps the address and method of its buyer', async () => {
  const order = await overdue('one')
  const key = saleKeys(sale).hold(order)
  await stock.redis.hdel(key, 'draft')
  await stock.redis.hset(key, { method: 'sim_old', email: 'sealed by it', trace: '00-a-b-01' })
  expect(await resolve()).toEqual({ abandoned: 1, followed: 0 })
  expect((await findOrders(stock.pool, [order])).get(order)).toMatchObject({
    ...{ cancelReason: 'abandoned', paymentMethod: 'sim_old', sealedEmail: 'sealed by it', traceparent: '00-a-b-01' },
  })
  const { rows } = await stock.pool.query('select data, traceparent from orders.outbox where key = $1', [order])
  expect(rows).toMatchObject([{ data: expect.stringContaining('sealed by it'), traceparent: '00-a-b-01' }])
  expect((await stock.redis.hkeys(key)).toSorted()).toEqual(['buyer', 'epoch', 'hash', 'slot', 'state'])
})

it('a hold taken by the previous version loses what only its commit needed once it is committed', async () => {
  const order = crypto.randomUUID()
  await stock.hold({ sale, order, slot: 'one' })
  const key = saleKeys(sale).hold(order)
  await stock.redis.hdel(key, 'draft')
  await stock.redis.hset(key, { method: 'sim_old', email: 'sealed by it', trace: '' })
  const holdExpiresAt = new Date(Date.now() + 60_000)
  expect(await markHoldCommitted(stock.stockRedis, { sale, order, holdExpiresAt })).toBe('marked')
  expect(await stock.redis.hmget(key, 'state', 'method', 'email', 'trace', 'attempt')).toEqual([
    'pending',
    ...Array(4).fill(null),
  ])
})

it('a pending hold whose order Postgres lost is released after its deadline; no mail is sent for it', async () => {
  const order = crypto.randomUUID()
  const { hold } = await stock.hold({ sale, order, slot: 'one' })
  await commit([newOrder({ id: order, sale, buyer: 'ann', slot: 'one', epoch: hold.epoch, lines: hold.lines })])
  const deadline = Date.now() + 60_000
  await markHoldCommitted(stock.stockRedis, { sale, order, holdExpiresAt: new Date(deadline) })
  // A failover to a standby that did not have the commit.
  await stock.pool.query('delete from orders.orders where sale = $1', [sale])
  await stock.pool.query('delete from orders.order_lines')
  await stock.pool.query('delete from orders.outbox')
  await stock.pool.query('update orders.stock set held = 0 where sale = $1', [sale])
  await stock.pool.query('delete from orders.buyer_units where sale = $1', [sale])

  expect(await resolve(), 'before its deadline').toEqual({ abandoned: 0, followed: 0 })
  await stock.redis.zadd(saleKeys(sale).holds, 1, order)
  expect(await resolve()).toEqual({ abandoned: 1, followed: 0 })
  expect(await stock.counters(sale)).toEqual({ available: 2_000, held: 0 })
  expect(await stock.redis.zcard(saleKeys(sale).holds)).toBe(0)
  expect(await reasonOf(order)).toBe('abandoned')
  const { rows } = await stock.pool.query('select data from orders.outbox where key = $1', [order])
  expect(orderCancelledEvent.data.parse(JSON.parse(rows[0].data))).toMatchObject({
    reason: 'abandoned',
    sealedEmail: '',
  })
})

it('is not delayed by hundreds of older holds that stay overdue', async () => {
  const orders = Array.from({ length: 620 }, () => newOrder({ sale, buyer: 'ben', lines: [line('tea')] }))
  const epoch = (await stock.hold({ sale, order: crypto.randomUUID(), slot: 'probe' })).hold.epoch
  await commit(orders.map((order) => ({ ...order, epoch })))
  const stored = await findOrders(
    stock.pool,
    orders.map(({ id }) => id),
  )
  expect(stored.size).toBe(620)
  await Promise.all([...stored.values()].map((order) => restoreHold(stock.stockRedis, order)))
  const newer = await overdue('newer')
  await resolve()
  await resolve()
  expect(await reasonOf(newer)).toBe('abandoned')
})

it('a deadline without any other data is forgotten', async () => {
  await stock.redis.zadd(saleKeys(sale).holds, 1, crypto.randomUUID())
  expect(await resolve()).toEqual({ abandoned: 0, followed: 0 })
  expect(await stock.redis.zcard(saleKeys(sale).holds)).toBe(0)
})

it('a hold that Postgres cannot store does not keep others from being released', async () => {
  const orders = await Promise.all(['one', 'two', 'three'].map((slot) => overdue(slot)))
  const poisonous = await overdue('four', { paymentMethod: 'a\0b' })
  expect(await resolve()).toEqual({ abandoned: 3, followed: 0 })
  expect(await Promise.all(orders.map(reasonOf))).toEqual(['abandoned', 'abandoned', 'abandoned'])
  expect(await reasonOf(poisonous)).toBeUndefined()
})

it('while Redis is full holds that cannot be processed stay behind, and the others are released', async () => {
  const stays = newOrder({ sale, buyer: 'ben', lines: [line('tea')] })
  const epoch = (await stock.hold({ sale, order: crypto.randomUUID(), slot: 'probe' })).hold.epoch
  await commit([{ ...stays, epoch }])
  for (const stored of (await findOrders(stock.pool, [stays.id])).values()) await restoreHold(stock.stockRedis, stored)
  await stock.redis.zadd(saleKeys(sale).holds, 'XX', 1, stays.id)
  const [order, poisonous] = [await overdue('one'), await overdue('two', { paymentMethod: 'a\0b' })]
  const full = await fillRedis(stock.server.url)
  try {
    expect(await resolve()).toEqual({ abandoned: 1, followed: 0 })
    expect(await reasonOf(order)).toBe('abandoned')
    const deadlines = await stock.redis.zmscore(saleKeys(sale).holds, [stays.id, poisonous])
    for (const deadline of deadlines) expect(Number(deadline)).toBeGreaterThan(Date.now())
    await createWakeHold(stock.redis)({ sale, order: poisonous })
    expect(await stock.redis.zscore(saleKeys(sale).holds, poisonous)).toBe('0')
    // Neither call adds a deadline for a hold that is over.
    await createWakeHold(stock.redis)({ sale, order })
    expect(await stock.redis.zscore(saleKeys(sale).holds, order)).toBeNull()
  } finally {
    await full.free()
  }
})

it('holds have a grace period after a start: their buyers could not reach the process that was down', async () => {
  const order = await overdue('one')
  const reconcilerWith = (graceMs: number) =>
    createReconciler({
      ...{ pool: stock.pool, stockRedis: stock.stockRedis, log: silentLogger, graceMs },
      metrics: createMetrics('test'),
      wakeRelay: () => undefined,
    })
  const waiting = reconcilerWith(600_000)
  waiting.start()
  await waiting.reconcile(sale)
  await waiting.stop()
  expect(await reasonOf(order)).toBeUndefined()
  expect((await stock.hold({ sale, order, slot: 'one' })).kind).toBe('adopted')

  await stock.redis.zadd(saleKeys(sale).holds, 1, order)
  const ready = reconcilerWith(0)
  ready.start()
  await ready.reconcile(sale)
  await ready.stop()
  expect(await reasonOf(order)).toBe('abandoned')
})
