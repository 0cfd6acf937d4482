import { readTimeline } from '@floodgate/database'
import { createMetrics } from '@floodgate/runtime'
import { eventually } from '@floodgate/testkit'
import { silentLogger } from '@floodgate/testkit/fixtures'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { createTestStock, type TestStock } from '../testing/stock.ts'
import { auditStock } from './audit.ts'
import { readLiveSale } from './live-sales.ts'
import { createReconciler } from './reconciler.ts'
import { readWrittenVersion } from './written-stock.ts'

let stock: TestStock
let sale: string
beforeAll(async () => {
  stock = await createTestStock()
})
afterAll(() => stock?.remove())
beforeEach(async () => {
  sale = await stock.createSale()
})

const reconcile = () =>
  createReconciler({
    ...stock,
    log: silentLogger,
    metrics: createMetrics('test'),
    wakeRelay: () => undefined,
  }).reconcile(sale)
const fence = async () => (await stock.pool.query('select * from orders.fences where sale = $1', [sale])).rows[0]
/** Leaves a hold whose order is lost, as after the promotion of a standby that lacks it. */
const loseOrder = () => stock.hold({ sale, order: crypto.randomUUID(), slot: 'one' })
const setTimeline = (timeline: number | null) =>
  stock.pool.query('update orders.fences set timeline = $2 where sale = $1', [sale, timeline])

it('stock from before a promotion of Postgres is rebuilt: what the standby lacked counts no more', async () => {
  const now = await readTimeline(stock.pool)
  expect(now).toBeGreaterThan(0)
  const { epoch } = await fence()
  await loseOrder()
  await setTimeline((now ?? 0) + 1)
  await reconcile()
  await eventually(async () => expect(await auditStock(stock, sale)).toMatchObject({ agree: true }))
  expect(await stock.counters(sale)).toEqual({ available: 10, held: 0 })
  expect(await fence()).toMatchObject({ epoch: epoch + 1, timeline: now })
  await reconcile()
  expect(await fence(), 'once').toMatchObject({ epoch: epoch + 1 })
})

it('stock of an older release, which knew no timeline, is not rebuilt, and gets the present one', async () => {
  const before = await fence()
  await loseOrder()
  await setTimeline(null)
  await reconcile()
  expect(await fence()).toEqual(before)
  expect(await stock.counters(sale)).toEqual({ available: 9, held: 1 })
})

it('stock stays as it is while Postgres does not tell its timeline', async () => {
  const live = await readLiveSale(stock.pool, sale)
  if (live === undefined) throw new Error('no sale')
  expect(await readWrittenVersion({ ...stock, log: silentLogger }, live, undefined)).toBe(1)
})
