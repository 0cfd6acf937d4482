import { randomUUID } from 'node:crypto'
import { createPool } from '@floodgate/database'
import { eventually } from '@floodgate/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { placeOrders } from '../../ledger/place-orders.ts'
import type { OrderFact } from '../../order/decide.ts'
import { testSale, testSkus } from '../../testing/ledger.ts'
import { draft, line, newOrder } from '../../testing/new-orders.ts'
import { createTestRebuilds, type TestRebuilds } from '../../testing/rebuilds.ts'
import { createTestTransitions } from '../../testing/transitions.ts'
import { createEndHolds } from '../end-holds.ts'
import { createTakeHold } from '../hold.ts'
import { saleKeys } from '../keys.ts'
import { createLoadBuyer } from '../load-buyers.ts'
import type { StockRedis } from '../stock-redis.ts'

const keys = saleKeys(testSale)
const [sku] = testSkus
let test: TestRebuilds
let stockRedis: StockRedis
beforeEach(async () => {
  test = await createTestRebuilds()
  stockRedis = test.createStockRedis()
})
afterEach(() => test.remove())

const apply = (order: string, ...facts: OrderFact[]) =>
  createTestTransitions(test.ledger.pool, { endHolds: createEndHolds(stockRedis) }).apply(
    facts.map((fact) => ({ order, fact })),
  )

const hold = (changes: { order?: string; buyer?: string; slot?: string } = {}) =>
  createTakeHold(
    stockRedis,
    createLoadBuyer({ pool: test.ledger.pool, redis: test.redis }),
  )({
    sale: testSale,
    order: randomUUID(),
    buyer: randomUUID(),
    slot: randomUUID(),
    ...changes,
    requestHash: 'hash',
    mayStart: true,
    commitWithinMs: 60_000,
    draft,
    lines: [{ sku, quantity: 1 }],
  })
/** Places an order with names that contain our separators. */
const place = async (buyer: string): Promise<string> =>
  String((await test.ledger.place([{ ...admitted(buyer), skus: testSkus }]))[0])
const admitted = (buyer: string) => ({ buyer: `${buyer} "|,\n[`, slot: `slot of ${buyer} "|,` })
const expectAgreement = async () => expect(await test.agree()).toBe(true)

describe('a rebuilt stock', () => {
  it('finds every order, whatever its state, and its slot unless that is free again', async () => {
    const orders = {
      pending: await place('pending'),
      confirmed: await place('confirmed'),
      declined: await place('declined'),
      expired: await place('expired'),
      late: await place('late'),
    }
    await apply(orders.confirmed, 'payment-succeeded')
    await apply(orders.declined, 'payment-declined')
    await apply(orders.expired, 'hold-expired')
    await apply(orders.late, 'hold-expired', 'payment-succeeded')
    await stockRedis.rebuild(testSale, { force: true })

    await expectAgreement()
    for (const [buyer, order] of Object.entries(orders))
      expect((await hold({ order, ...admitted(buyer) })).kind).toBe('known')
    const another = async (buyer: string) => (await hold(admitted(buyer))).kind
    for (const buyer of ['pending', 'confirmed', 'expired', 'late']) expect(await another(buyer)).toBe('order-exists')
    expect(await another('declined')).toBe('held')
    expect(await test.redis.zcard(keys.holds)).toBe(2)
  })

  it('gets the units of its pending orders back when they end, once, and their slots follow', async () => {
    const [paid, declined] = [await place('paid'), await place('declined')]
    await stockRedis.rebuild(testSale)
    for (let twice = 0; twice < 2; twice += 1) {
      await apply(paid, 'payment-succeeded')
      await apply(declined, 'payment-declined')
      const endHolds = createEndHolds(stockRedis)
      const ends = [
        { order: paid, sale: testSale, outcome: 'sold' as const },
        { order: declined, sale: testSale, outcome: 'released' as const, releaseSlot: true },
        { order: paid, sale: testSale, outcome: 'released' as const },
      ]
      expect(await endHolds(ends)).toEqual(['unchanged', 'unchanged', 'conflict'])
      await expectAgreement()
    }
    expect(await test.redis.hget(keys.sold, sku)).toBe('1')
    expect((await hold(admitted('declined'))).kind).toBe('held')
    expect((await hold(admitted('paid'))).kind).toBe('order-exists')
    const units = (buyer: string) => test.redis.hget(keys.units, `${sku}|${buyer} "|,\n[`)
    expect([await units('paid'), await units('declined')]).toEqual(['1', '1'])
  })

  it('counts orders that moved between its snapshot and its end', async () => {
    const orders = [await place('one'), await place('two'), await place('three')] as const
    let expired = ''
    stockRedis = test.createStockRedis(async (name) => {
      if (name !== 'rebuild-written') return
      await apply(orders[0], 'payment-succeeded')
      await apply(orders[1], 'payment-declined')
      expired = randomUUID()
      await test.ledger.pool.query(
        `with line as (insert into orders.order_lines (order_id, position, sku, quantity, price_minor) values ($1, 0, 'apple', 1, 1))
         insert into orders.orders (id, sale, buyer, slot, request_hash, status, cancel_reason, total_minor, currency,
           payment_method, sealed_email, hold_expires_at, charge_by)
         values ($1, $2, 'b', 'slot of the expired', '', 'cancelled', 'expired', 1, 'EUR', '', '', now(), now())`,
        [expired, testSale],
      )
    })
    await stockRedis.rebuild(testSale)
    await expectAgreement()
    expect(await test.redis.hget(keys.sold, sku)).toBe('1')
    expect((await hold(admitted('two'))).kind).toBe('held')
    expect((await hold({ buyer: 'b', slot: 'slot of the expired' })).kind).toBe('order-exists')
    expect(await test.redis.hexists(keys.meta, 'followFrom')).toBe(0)
  })
})

it('a rebuild is not starved by sixteen writers, and reads every order that they write in its epoch', async () => {
  const { url } = test.ledger
  const writers = createPool(url, { max: 16 })
  let over = false
  let placed = 0
  const write = async (): Promise<void> => {
    for (;;) {
      const orders = Array.from({ length: 20 }, () => newOrder({ sale: testSale, lines: [line(sku)] }))
      const times = { holdMs: 600_000, chargeMarginMs: 0 }
      const written = await placeOrders(writers, { sale: testSale, orders, times })
      if (written.length === 0 && over) return
      placed += written.length
    }
  }
  const writing = Array.from({ length: 16 }, write)
  await eventually(() => expect(placed).toBeGreaterThan(500))
  await stockRedis.rebuild(testSale)
  over = true
  await Promise.all(writing)
  await writers.end()
  expect(await test.redis.hlen(keys.ledger)).toBe(placed)
  await expectAgreement()
})

describe('rebuilds at once', () => {
  it('of one sale by many processes become one', async () => {
    await place('somebody')
    await Promise.all(Array.from({ length: 8 }, () => test.createStockRedis().rebuild(testSale)))
    const { rows } = await test.ledger.pool.query('select epoch from orders.fences where sale = $1', [testSale])
    expect(rows[0]?.epoch).toBe(2)
    await expectAgreement()
  })

  it.each(['rebuild-begun', 'rebuild-epoch-raised', 'rebuild-half-written', 'rebuild-written'] as const)(
    'never mix: one that was stopped at %s and lost its connection writes nothing when it resumes',
    async (where) => {
      const pending = await place('somebody')
      const reached = Promise.withResolvers<void>()
      const goesOn = Promise.withResolvers<void>()
      const stopped = test
        .createStockRedis(async (name) => {
          if (name !== where) return
          reached.resolve()
          await goesOn.promise
        })
        .rebuild(testSale)
        .then(
          () => 'resolved',
          () => 'rejected',
        )
      await reached.promise
      const { pool } = test.ledger
      await pool.query(
        `select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and pid <> pg_backend_pid()
           and database = (select oid from pg_database where datname = current_database())`,
      )
      await stockRedis.rebuild(testSale)
      expect((await hold()).kind).toBe('held')
      goesOn.resolve()
      expect(await stopped).toBe('rejected')
      expect((await hold()).kind).toBe('held')
      await apply(pending, 'payment-succeeded')
      const epoch = (await test.redis.hget(keys.meta, 'epoch'))?.split(':')[0]
      const { rows } = await pool.query('select epoch from orders.fences where sale = $1', [testSale])
      expect(epoch).toBe(String(rows[0]?.epoch))
      expect(await test.redis.hget(keys.sold, sku)).toBe('1')
    },
  )

  it('of many sales take two connections, and every other query finds one', async () => {
    const { pool } = test.ledger
    const sales = Array.from({ length: 24 }, (_, index) => `many-${index}`)
    await pool.query(
      `insert into orders.catalogues (sale, currency) select sale, 'EUR' from unnest($1::text[]) as s (sale)`,
      [sales],
    )
    await pool.query('insert into orders.fences (sale) select unnest($1::text[])', [sales])
    let underWay = 0
    let most = 0
    const busy = test.createStockRedis(async (name) => {
      if (name === 'rebuild-begun') most = Math.max(most, ++underWay)
      if (name === 'rebuild-begun') await pool.query('select 1')
      if (name === 'rebuild-followed') underWay -= 1
    })
    await Promise.all(sales.map((sale) => busy.rebuild(sale)))
    expect(most).toBe(2)
  })
})

it('a new sale is not delayed by two hanging rebuilds', async () => {
  const { pool } = test.ledger
  const goesOn = Promise.withResolvers<void>()
  const sales = ['one', 'two']
  await pool.query(`insert into orders.fences (sale) select unnest($1::text[])`, [sales])
  let stands = 0
  const busy = test.createStockRedis(async (name) => {
    if (name === 'rebuild-begun' && stands < 2) {
      stands += 1
      await goesOn.promise
    }
  })
  const standing = sales.map((sale) => busy.rebuild(sale))
  await eventually(() => expect(stands).toBe(2))
  await busy.rebuild('new')
  goesOn.resolve()
  await Promise.all(standing)
})

it('an epoch that a rebuild published and Postgres lost is never reused', async () => {
  await place('somebody')
  await stockRedis.rebuild(testSale)
  const published = Number((await test.redis.hget(keys.meta, 'epoch'))?.split(':')[0])
  const { pool } = test.ledger
  const epochNow = async () =>
    (await pool.query('select epoch from orders.fences where sale = $1', [testSale])).rows[0]?.epoch
  const loseCommit = () => pool.query('update orders.fences set epoch = $2 where sale = $1', [testSale, published - 1])
  await loseCommit()
  const dies = test.createStockRedis(async (name) => {
    if (name === 'rebuild-begun') throw new Error('died')
  })
  await expect(dies.rebuild(testSale)).rejects.toThrow('died')
  await stockRedis.rebuild(testSale)
  expect(await epochNow()).toBeGreaterThan(published)
})

it('a stop interrupts a rebuild, and the next process starts over', async () => {
  await place('somebody')
  const reached = Promise.withResolvers<void>()
  const stopping = test.createStockRedis(async (name) => {
    if (name === 'rebuild-half-written') reached.resolve()
    if (name === 'rebuild-half-written') await eventually(() => expect(stopped).toBe(true))
  })
  let stopped = false
  const rebuilding = stopping.rebuild(testSale)
  await reached.promise
  const stop = stopping.stop()
  stopped = true
  await Promise.allSettled([rebuilding, stop])
  await expect(stopping.rebuild(testSale)).rejects.toThrow()
  await stockRedis.rebuild(testSale)
  await expectAgreement()
})
