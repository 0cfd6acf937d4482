import { aofSize, truncateAof } from '@floodgate/local-servers'
import { createMetrics } from '@floodgate/runtime'
import { eventually } from '@floodgate/testkit'
import { silentLogger } from '@floodgate/testkit/fixtures'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { projectCatalogue } from '../catalogue/project.ts'
import { saveCatalogue } from '../catalogue/store.ts'
import { findOrders } from '../order/find-orders.ts'
import { listParked } from '../parked/parked-orders.ts'
import { saleKeys } from '../stock/keys.ts'
import { markHoldCommitted } from '../stock/mark-committed.ts'
import { createWakeHold } from '../stock/move-deadlines.ts'
import { rebuildSale } from '../stock/rebuild/rebuild-sale.ts'
import { createTestStock, type TestStock } from '../testing/stock.ts'
import { auditStock } from './audit.ts'
import { resolveOverdueHolds } from './overdue-holds.ts'
import { createReconciler } from './reconciler.ts'

let stock: TestStock
let sale: string

beforeEach(async () => {
  stock = await createTestStock()
  sale = await stock.createSale({ perBuyerLimit: 3 })
})
afterEach(() => stock.remove())

const keys = () => saleKeys(sale)

const hold = async (options: { order?: string; commitWithinMs?: number; sale?: string } = {}) => {
  const order = options.order ?? crypto.randomUUID()
  const asked = { sale, ...options, order, buyer: `buyer-of-${order}`, slot: `slot-of-${order}` }
  return { outcome: await stock.tryHold(asked), asked }
}
const commit = ({ outcome, asked }: Awaited<ReturnType<typeof hold>>) => stock.commit(asked, outcome)
const place = async () => {
  const held = await hold()
  const outcome = await commit(held)
  if (outcome?.kind !== 'placed') throw new Error(`not placed: ${outcome?.kind}`)
  await markHoldCommitted(stock.stockRedis, { sale, order: held.asked.order, holdExpiresAt: outcome.holdExpiresAt })
  return held.asked.order
}
const end = (order: string, status: 'confirmed' | 'cancelled') =>
  stock.pool.query(
    `with ended as (update orders.orders set status = $2, version = version + 1, updated_at = now() - interval '6 seconds',
        cancel_reason = case when $2 = 'cancelled' then 'declined' end where id = $1 returning sale),
      units as (update orders.buyer_units set units = 0 where $2 = 'cancelled' and buyer = 'buyer-of-' || $1::text)
     update orders.stock set held = held - 1, sold = sold + case when $2 = 'confirmed' then 1 else 0 end
     where sale = (select sale from ended)`,
    [order, status],
  )
const audit = () => auditStock(stock, sale)
const redisIsBack = () => eventually(() => expect(stock.stockRedis.runId(sale)).toBeTypeOf('string'))
const reconciler = () =>
  createReconciler({ ...stock, log: silentLogger, metrics: createMetrics('test'), wakeRelay: () => undefined })

describe('a Redis that was restarted', () => {
  it('takes no holds until it is rebuilt, and then counts what the ledger counts', async () => {
    const pending = await place()
    const confirmed = await place()
    await end(confirmed, 'confirmed')
    await stock.server.kill()
    await stock.server.restart()
    await redisIsBack()

    expect((await hold()).outcome).toEqual({ kind: 'rebuild' })
    await Promise.all([
      stock.stockRedis.rebuild(sale),
      rebuildSale(
        { ...stock, log: silentLogger },
        {
          sale,
          runId: stock.stockRedis.runId(sale),
          force: false,
          signal: new AbortController().signal,
          inTurn: (work) => work(),
        },
      ),
    ])

    expect(await audit()).toMatchObject({ agree: true, skus: [{ redis: { available: 8, held: 1, sold: 1 } }] })
    expect((await hold({ order: pending })).outcome).toEqual({ kind: 'known' })
    expect((await hold({ order: confirmed })).outcome).toEqual({ kind: 'known' })
    const { rows } = await stock.pool.query('select epoch from orders.fences where sale = $1', [sale])
    expect(rows[0]?.epoch).toBe(2)
  })

  it('and lost its last second is rebuilt with what it lost; an old hold can no longer be committed', async () => {
    await place()
    const size = await eventually(async () => {
      const before = await aofSize(stock.server.aofDir)
      expect(before).toBeGreaterThan(0)
      return before
    })
    await place()
    const underWay = await hold()
    await stock.server.kill()
    await truncateAof(stock.server.aofDir, size)
    await stock.server.restart()
    await redisIsBack()
    await stock.stockRedis.rebuild(sale)

    expect(await commit(underWay)).toEqual({ kind: 'stale' })
    expect(await audit()).toMatchObject({ agree: true, skus: [{ redis: { available: 8, held: 2, sold: 0 } }] })
  })
})

describe('a hold past its commit deadline', () => {
  const overdue = async () => {
    const held = await hold({ commitWithinMs: 1 })
    await eventually(async () =>
      expect(Number(await stock.redis.zscore(keys().holds, held.asked.order))).toBeLessThan(Date.now() - 5),
    )
    return held
  }

  it('without an order is released, and a late commit meets the abandoned order', async () => {
    const held = await overdue()
    expect(
      await resolveOverdueHolds({ pool: stock.pool, stockRedis: stock.stockRedis, log: silentLogger }, sale),
    ).toEqual({
      abandoned: 1,
      followed: 0,
    })
    expect(await audit()).toMatchObject({ agree: true, skus: [{ redis: { available: 10, held: 0 } }] })
    expect(await commit(held)).toMatchObject({
      kind: 'existing',
      order: { status: 'cancelled', cancelReason: 'abandoned' },
    })
    const { rows } = await stock.pool.query('select type, data from orders.outbox')
    expect(rows.map((row) => row.type)).toEqual(['order.cancelled.v1'])
    const { orderCancelledEvent } = await import('@floodgate/contracts')
    expect(orderCancelledEvent.data.parse(JSON.parse(rows[0].data)).reason).toBe('abandoned')
  })

  it('whose order was written becomes pending', async () => {
    const held = await overdue()
    await commit(held)
    expect(
      await resolveOverdueHolds({ pool: stock.pool, stockRedis: stock.stockRedis, log: silentLogger }, sale),
    ).toEqual({
      abandoned: 0,
      followed: 1,
    })
    expect(await audit()).toMatchObject({ agree: true, skus: [{ redis: { available: 9, held: 1 } }] })
  })

  it('that another request has adopted is left to that request', async () => {
    const held = await overdue()
    const adopted = await hold({ order: held.asked.order })
    expect(adopted.outcome).toMatchObject({ kind: 'adopted', hold: { attempt: 2 } })
    expect(
      await resolveOverdueHolds({ pool: stock.pool, stockRedis: stock.stockRedis, log: silentLogger }, sale),
    ).toEqual({
      abandoned: 0,
      followed: 0,
    })
    expect(await commit(adopted)).toMatchObject({ kind: 'placed' })
  })
})

describe('the reconciler', () => {
  it('moves holds to the states of their orders when no message did', async () => {
    const confirmed = await place()
    const declined = await place()
    await end(confirmed, 'confirmed')
    await end(declined, 'cancelled')
    await reconciler().reconcile(sale)
    expect(await audit()).toMatchObject({ agree: true, skus: [{ redis: { available: 9, held: 0, sold: 1 } }] })
    expect(await stock.redis.hget(keys().slots, `slot-of-${declined}`)).toBeNull()
  })

  it('restores a lost record, and heals counters only when the sale is quiet', async () => {
    const order = await place()
    await stock.redis.del(keys().hold(order))
    await stock.redis.hincrby(keys().stock, 'tea', 3)
    const rounds = reconciler()
    await rounds.reconcile(sale)
    await rounds.reconcile(sale)
    expect(await audit()).toMatchObject({ agree: false })
    await stock.pool.query(`update orders.orders set updated_at = now() - interval '6 seconds'`)
    await rounds.reconcile(sale)
    await rounds.reconcile(sale)
    expect(await audit()).toMatchObject({ agree: true })
    expect((await hold({ order })).outcome).toEqual({ kind: 'known' })
    expect((await findOrders(stock.pool, [order])).get(order)?.status).toBe('pending')
  })
})

it('a sale that closed more than a day ago leaves Redis once nothing is held', async () => {
  const order = await place()
  const close = (age: string) =>
    stock.pool.query(
      `insert into orders.sales (id, state, version, closed_at) values ($1, 'closed', 1, now() - $2::interval)
       on conflict (id) do update set closed_at = excluded.closed_at`,
      [sale, age],
    )
  await close('25 hours')
  const rounds = reconciler()
  await rounds.round()
  expect(await stock.redis.exists(keys().meta)).toBe(1)
  await end(order, 'confirmed')
  await rounds.round()
  expect(await stock.redis.keys('oc:*')).toEqual([])
  // A late event brings it back, and the next round retires it again.
  await stock.stockRedis.rebuild(sale)
  expect(await stock.redis.exists(keys().meta)).toBe(1)
  await rounds.round()
  expect(await stock.redis.keys('oc:*')).toEqual([])
})

describe('bulkheads', () => {
  const second = 'second'
  const addSecond = async () => {
    const item = { name: 'Tea', listPriceMinor: 10, salePriceMinor: 5, total: 10, perBuyerLimit: 3 }
    const saved = await saveCatalogue(stock.pool, {
      sale: second,
      body: { currency: 'EUR', items: [{ sku: 'tea', ...item }] },
    })
    if (saved.kind === 'saved') await projectCatalogue(stock.stockRedis, saved.catalogue)
  }
  const overdueHold = async (of = sale) => {
    const { asked } = await hold({ commitWithinMs: 1, sale: of })
    await eventually(async () =>
      expect(Number(await stock.redis.zscore(saleKeys(of).holds, asked.order))).toBeLessThan(Date.now() - 5),
    )
    return asked.order
  }

  it('a sale whose stock is broken does not affect other sales', async () => {
    await addSecond()
    await overdueHold(second)
    await stock.redis.del(keys().holds)
    await stock.redis.set(keys().holds, 'not a sorted set')
    await reconciler().round()
    expect(await auditStock(stock, second)).toMatchObject({
      agree: true,
      skus: [{ redis: { available: 10, held: 0 } }],
    })
  })

  it('a hold that cannot be written is parked, and the others are released', async () => {
    const bad = await overdueHold()
    await stock.redis.hset(keys().hold(bad), 'lines', 'nonsense')
    await overdueHold()
    await overdueHold()
    expect(
      await resolveOverdueHolds({ pool: stock.pool, stockRedis: stock.stockRedis, log: silentLogger }, sale),
    ).toEqual({
      abandoned: 2,
      followed: 0,
    })
    expect(await listParked(stock.pool)).toMatchObject([{ order: bad, sale, fact: 'hold-abandoned' }])
    expect(Number(await stock.redis.zscore(keys().holds, bad))).toBeGreaterThan(Date.now() + 60_000)
    await stock.redis.hset(keys().hold(bad), 'lines', 'tea|1|5')
    await createWakeHold(stock.redis)({ sale, order: bad })
    expect(
      await resolveOverdueHolds({ pool: stock.pool, stockRedis: stock.stockRedis, log: silentLogger }, sale),
    ).toEqual({
      abandoned: 1,
      followed: 0,
    })
    expect(await listParked(stock.pool)).toEqual([])
    expect(await audit()).toMatchObject({ agree: true, skus: [{ redis: { available: 10, held: 0 } }] })
  })

  it('holds that stay overdue do not block the others', async () => {
    const stale = Array.from({ length: 500 }, () => crypto.randomUUID())
    await stock.redis.zadd(keys().holds, ...stale.flatMap((order) => [1, order]))
    const order = await overdueHold()
    await resolveOverdueHolds({ pool: stock.pool, stockRedis: stock.stockRedis, log: silentLogger }, sale)
    expect(
      await resolveOverdueHolds({ pool: stock.pool, stockRedis: stock.stockRedis, log: silentLogger }, sale),
    ).toEqual({
      abandoned: 1,
      followed: 0,
    })
    expect((await findOrders(stock.pool, [order])).get(order)?.cancelReason).toBe('abandoned')
  })
})
