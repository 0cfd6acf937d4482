import { eventually } from '@floodgate/testkit'
import { silentLogger } from '@floodgate/testkit/fixtures'
import { NO_TRACING } from '@floodgate/tracing'
import { Registry } from 'prom-client'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { placeOrders } from '../../ledger/place-orders.ts'
import { createReconciler } from '../../reconcile/reconciler.ts'
import { createSagaMetrics } from '../../saga/saga-metrics.ts'
import { createTransitions } from '../../saga/transitions.ts'
import { endHoldsOfOrders } from '../../saga/try-end-holds.ts'
import { testSale } from '../../testing/ledger.ts'
import { createSale, line, newOrder } from '../../testing/new-orders.ts'
import { createTestRebuilds, type TestRebuilds } from '../../testing/rebuilds.ts'
import { createEndHolds } from '../end-holds.ts'
import { saleKeys } from '../keys.ts'
import type { StockRedis } from '../stock-redis.ts'

const other = 'another-sale'
let test: TestRebuilds
let stockRedis: StockRedis
/** Rebuilds stop at their beginning until it is resolved. */
let goOn: PromiseWithResolvers<void>
beforeEach(async () => {
  test = await createTestRebuilds()
  goOn = Promise.withResolvers()
  await createSale(test.ledger.pool, { sale: other, items: [{ sku: 'a', total: 10 }] })
  await test.createStockRedis().rebuild(other)
  stockRedis = test.createStockRedis(async (name) => {
    if (name === 'rebuild-begun') await goOn.promise
  })
})
afterEach(() => test.remove())

const reconciler = () =>
  createReconciler({
    pool: test.ledger.pool,
    stockRedis,
    log: silentLogger,
    metrics: new Registry(),
    wakeRelay: () => undefined,
  })
const epochOf = async (sale: string) => {
  const { rows } = await test.ledger.pool.query('select epoch from orders.fences where sale = $1', [sale])
  return String(rows[0]?.epoch)
}
const epochInRedis = async (sale: string) => (await test.redis.hget(saleKeys(sale).meta, 'epoch'))?.split(':')[0]

it('while a sale is rebuilt, batches with its orders, its events and the rounds continue, and its ends are not lost', async () => {
  const { pool } = test.ledger
  const [rebuilt] = await test.ledger.place([{ buyer: 'ann', skus: ['apple'] }])
  const bought = newOrder({ sale: other, lines: [line('a')], epoch: Number(await epochOf(other)) })
  await placeOrders(pool, { sale: other, orders: [bought], times: { holdMs: 60_000, chargeMarginMs: 0 } })
  await test.createStockRedis().rebuild(other, { force: true })

  const endHolds = createEndHolds(stockRedis)
  const metrics = createSagaMetrics(new Registry())
  const options = {
    pool,
    declinedMax: 0,
    log: silentLogger,
    tracing: NO_TRACING,
    metrics,
    wakeRelay: () => undefined,
    endHolds,
    correctStock: async () => [],
  }
  const paid = [String(rebuilt), bought.id]
  await createTransitions(options).apply(paid.map((order) => ({ order, fact: 'payment-succeeded' as const })))
  expect(await test.redis.hget(saleKeys(other).sold, 'a')).toBe('1')
  const ends = [
    { order: String(rebuilt), sale: testSale, outcome: 'sold' as const },
    { order: bought.id, sale: other, outcome: 'sold' as const },
  ]
  await endHoldsOfOrders({ endHolds, metrics, log: silentLogger }, ends)
  for (const sale of [testSale, other]) await reconciler().reconcile(sale)

  goOn.resolve()
  await stockRedis.rebuild(testSale)
  expect(await test.agree()).toBe(true)
  expect(await test.redis.hget(saleKeys(testSale).sold, 'apple')).toBe('1')
})

it('the reconciler detects differing epochs without any order', async () => {
  goOn.resolve()
  await stockRedis.rebuild(testSale)
  await test.ledger.pool.query('update orders.fences set epoch = epoch - 1 where sale = $1', [testSale])
  expect(await epochInRedis(testSale)).not.toBe(await epochOf(testSale))
  await reconciler().reconcile(testSale)
  await eventually(async () => expect(await epochInRedis(testSale)).toBe(await epochOf(testSale)))
})

it('the reconciler follows the orders that a killed rebuild did not', async () => {
  goOn.resolve()
  const [order] = await test.ledger.place([{ buyer: 'ann', skus: ['apple'] }])
  const dies = test.createStockRedis(async (name) => {
    if (name === 'rebuild-written')
      await test.ledger.pool.query(
        `with ended as (update orders.orders set status = 'confirmed', version = 2, updated_at = now() where id = $1)
         update orders.stock set held = held - 1, sold = sold + 1 where sale = $2 and sku = 'apple'`,
        [order, testSale],
      )
    if (name === 'rebuild-published') throw new Error('died')
  })
  await expect(dies.rebuild(testSale)).rejects.toThrow('died')
  expect(await test.agree()).toBe(false)
  await reconciler().reconcile(testSale)
  await eventually(async () => expect(await test.agree()).toBe(true))
  expect(await test.redis.hexists(saleKeys(testSale).meta, 'followFrom')).toBe(0)
})
