import type { FloodgateEvent } from '@floodgate/contracts'
import { createPool } from '@floodgate/database'
import { createMetrics } from '@floodgate/runtime'
import { recordStatements, type StatementPlans } from '@floodgate/testkit'
import { silentLogger } from '@floodgate/testkit/fixtures'
import type { Pool } from 'pg'
import { Registry } from 'prom-client'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readCatalogue, saveCatalogue } from '../catalogue/store.ts'
import { createRevocations } from '../checkout/revocations.ts'
import { createSaleWindowCache } from '../checkout/sale-window-cache.ts'
import { followPayments } from '../delays/follow-payments.ts'
import { createNotePayments } from '../delays/note-payments.ts'
import { stretchHolds } from '../delays/stretch-holds.ts'
import { eraseBuyer, listErasable } from '../erasure/erase-buyer.ts'
import { commitBatch } from '../ledger/commit-batch.ts'
import { findOrders } from '../order/find-orders.ts'
import { readOrderPage } from '../orders/list-orders.ts'
import { readOrderHistory } from '../orders/order-history.ts'
import { createReadBuyerOrder, readAnnouncements, readOrder, readOrdersOfBuyer } from '../orders/read-orders.ts'
import { createParkedCount, dropParked, listParked, parkOrder, readParked } from '../parked/parked-orders.ts'
import { auditStock } from '../reconcile/audit.ts'
import { createOversoldCount } from '../reconcile/count-oversold.ts'
import { createReconciler } from '../reconcile/reconciler.ts'
import { createVoucherRounds } from '../reconcile/voucher-rounds.ts'
import { createRefunds } from '../refunds/create-refunds.ts'
import { createOrderRetention } from '../retention/delete-orders.ts'
import { rememberSales } from '../saga/sale-events.ts'
import { createLoadBuyer } from '../stock/load-buyers.ts'
import { countApplied, readCampaigns, saveCampaign } from '../vouchers/campaign-store.ts'
import { claimId, issueVouchers } from '../vouchers/issue-vouchers.ts'
import { testSale } from './ledger.ts'
import { newOrder } from './new-orders.ts'
import { createTestRebuilds, type TestRebuilds } from './rebuilds.ts'
import { createTestRefundDeps } from './refunds.ts'
import { createTestTransitions } from './transitions.ts'

const ORDERS = 1_000_000
const PAST_SALES = 2_000

/**
 * Creates the data of a shop after a hundred sales: a million orders, nearly all of them over. Unlogged tables fill
 * faster.
 */
const FILL = `
  set synchronous_commit = off;
  alter table orders.orders set unlogged; alter table orders.order_lines set unlogged;
  alter table orders.buyer_units set unlogged; alter table orders.outbox set unlogged;
  insert into orders.sales (id, state, version, closed_at)
    select 'past-' || n, 'closed', 3, now() - interval '20 days' from generate_series(1, ${PAST_SALES}) n;
  insert into orders.fences (sale, epoch) select 'past-' || n, 1 from generate_series(1, ${PAST_SALES}) n;
  insert into orders.catalogues (sale, currency, retired_at)
    select 'past-' || n, 'EUR', case when n > 20 then now() end from generate_series(1, ${PAST_SALES}) n;
  insert into orders.stock (sale, sku, position, name, list_price_minor, sale_price_minor, per_buyer_limit, total, sold)
    select 'past-' || n % ${PAST_SALES} + 1, 'sku-' || n, n, 'Tea', 200, 100, 10, 100, 100 from generate_series(1, 50000) n;
  insert into orders.orders (id, sale, buyer, slot, request_hash, status, cancel_reason, total_minor, currency,
      payment_method, sealed_email, hold_expires_at, charge_by, updated_at)
    select ('00000000-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'past-' || n % ${PAST_SALES} + 1, 'b' || n % 300000, 's' || n, 'hash',
      case n % 100 when 0 then 'cancelled' when 1 then 'refunded' else 'confirmed' end,
      case n % 100 when 0 then 'expired' when 1 then 'by-buyer' end, 100, 'EUR', 'sim_ok', 'sealed',
      now() - interval '20 days', now() - interval '20 days', now() - interval '20 days'
    from generate_series(1, ${ORDERS}) n;
  insert into orders.order_lines (order_id, position, sku, quantity, price_minor)
    select ('00000000-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 0, 'sku-1', 1, 100 from generate_series(1, ${ORDERS}) n;
  insert into orders.refunds (id, order_id, sale, request_hash, amount_minor, restock, status, requested_by, reason)
    select ('00000000-0000-4001-8000-' || lpad(to_hex(n), 12, '0'))::uuid, ('00000000-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
      'past-' || n % ${PAST_SALES} + 1, 'hash', 100, n % 2 = 0, 'refunded', 'operator', '' from generate_series(1, 50000) n;
  insert into orders.refund_lines (refund_id, position, sku, quantity, amount_minor)
    select ('00000000-0000-4001-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 0, 'sku-1', 1, 100 from generate_series(1, 50000) n;
  insert into orders.buyer_units (sale, buyer, sku, units, units_max)
    select 'past-' || n % ${PAST_SALES} + 1, 'b' || n, 'sku-1', 1, 10 from generate_series(1, 200000) n;
  insert into orders.outbox (type, key, version, data, occurred_at, sent_at)
    select 'order.confirmed.v1', 'k' || n, 1, '{}', now() - n * interval '1 ms', now() - n * interval '1 ms' from generate_series(1, 200000) n;
  insert into orders.revocations (sale, slot, pass_expires_at, voided_at)
    select 'past-' || n % ${PAST_SALES} + 1, 's' || n, now() - interval '5 minutes', now() from generate_series(1, 100000) n;
  insert into orders.voucher_campaigns (sale, id, name, kind, amount_minor, total, issued)
    select 'past-7', 'c' || n, 'Spring', 'fixed', 100, 100000, 40000 from generate_series(1, 5) n;
  insert into orders.vouchers (sale, buyer, campaign, state, order_id)
    select 'past-' || case when n % 2 = 0 then 7 else n % ${PAST_SALES} + 1 end, 'b' || n, 'c' || n % 5 + 1,
      case when n % 21 = 0 then 'used' else 'issued' end,
      case when n % 21 = 0 then ('00000000-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid end
    from generate_series(1, 200000) n;
  analyze`

let core: TestRebuilds
let pool: Pool
let plans: StatementPlans
beforeAll(async () => {
  core = await createTestRebuilds()
  const filling = createPool(core.ledger.url, { max: 1, statementTimeoutMs: 0 })
  await filling.query(FILL)
  await filling.end()
  await core.ledger.pool.query('update orders.fences set epoch = 0 where sale = $1', [testSale])
  pool = createPool(core.ledger.url, { max: 4 })
  plans = recordStatements(pool)
}, 300_000)
afterAll(async () => {
  await pool.end()
  await core.remove()
})

const transitions = () => createTestTransitions(pool, { declinedMax: 3 })
const place = async (holdMs: number) => {
  const order = newOrder({ sale: testSale, epoch: 1, lines: [{ sku: 'apple', quantity: 1, priceMinor: 100 }] })
  const times = { holdMs, chargeMarginMs: 0 }
  const outcomes = await commitBatch({ pool, times, giveUpAfterMs: 60_000, onError: () => undefined }, [order])
  expect(outcomes.get(order.id)?.kind).toBe('placed')
  return order
}

const envelope = { id: 'event', source: '/test', time: new Date().toISOString(), aggregateVersion: 1 }
function answerTo(order: string): FloodgateEvent {
  const data = { order, sale: testSale, amountMinor: 100, currency: 'EUR', charge: 'ch' }
  return { type: 'payment.succeeded.v1', ...envelope, data }
}
const failingProvider: FloodgateEvent = {
  ...{ type: 'payment.provider-failing.v1', ...envelope },
  data: { worker: 'w', at: envelope.time },
}

it('no statement of a request, an event or a round scans a table from end to end, however many orders are over', async () => {
  const stockRedis = core.createStockRedis()
  await stockRedis.rebuild(testSale)
  const { apply, expire, confirmFree, repeatRefunds } = transitions()

  const [paid, declined, cancelled] = [await place(600_000), await place(600_000), await place(600_000)]
  await place(0)
  await apply([
    { order: paid.id, fact: 'payment-succeeded' },
    { order: declined.id, fact: 'payment-declined' },
    { order: cancelled.id, fact: 'cancelled-by-buyer' },
    { order: cancelled.id, fact: 'payment-succeeded' },
  ])
  expect(await expire(500)).toBe(1)
  expect(await confirmFree(500)).toBe(0)
  await repeatRefunds({ olderThanMs: 1_000, max: 200 })
  const waiting = await place(30_000)
  const silence = { silenceMs: 1, calmMs: 1_000 }
  expect(await followPayments(pool, silence, { mayBeSilent: true })).toMatchObject({ cause: 'worker-silent' })
  expect(await stretchHolds({ pool, redis: core.redis, log: silentLogger, stretchMsMax: 60_000 })).toBe(1)
  await createNotePayments({ pool, silenceMs: 1 })([answerTo(waiting.id), failingProvider])

  await findOrders(pool, [paid.id])
  await createLoadBuyer({ pool, redis: core.redis })({ sale: testSale, buyer: paid.buyer, epoch: 'another' })
  await readOrder(pool, paid.id)
  await createReadBuyerOrder(pool)(paid.id)
  await readOrdersOfBuyer(pool, { sale: testSale, buyer: paid.buyer })
  await readAnnouncements(pool, paid.id)
  await readOrderPage(pool, undefined)

  const refunds = createRefunds(createTestRefundDeps(pool))
  const refund = { id: crypto.randomUUID(), order: paid.id, requestHash: 'hash', restock: true, reason: 'test' }
  expect(await refunds.request({ ...refund, by: 'buyer' })).toEqual({ kind: 'too-late' })
  expect(await refunds.request({ ...refund, by: 'operator' })).toEqual({ kind: 'requested' })
  expect(await refunds.changes.repeatStale({ olderThanMs: -1_000, max: 200 })).toBe(1)

  await createSaleWindowCache(pool).closedAt(testSale)
  await readCatalogue(pool, testSale)
  await saveCatalogue(pool, { sale: 'another', body: { currency: 'EUR', items: [] } })
  await auditStock({ pool, redis: core.redis }, testSale)
  const opened = { id: testSale, state: 'open', opensAt: new Date(), closesAt: null, version: 1, closedAt: null }
  await rememberSales(pool, [{ ...opened, openVersion: 1 }] as never)

  const campaign = { sale: testSale, campaign: 'spring', buyer: paid.buyer }
  const discount = { kind: 'fixed' as const, amountMinor: 1 }
  const terms = { name: 'Spring', discount, minimumMinor: 0, total: 1, validFrom: null, validUntil: null }
  expect(await saveCampaign(pool, { ...campaign, body: terms })).toMatchObject({ kind: 'saved' })
  expect((await readCampaigns(pool, testSale))?.campaigns).toHaveLength(1)
  expect(await countApplied(pool, 'past-7')).toHaveProperty('size', 5)
  await issueVouchers({ pool, giveUpAfterMs: 60_000, onError: () => undefined }, [
    { ...campaign, id: claimId(campaign), epoch: 1 },
  ])
  await createVoucherRounds({ pool, stockRedis, log: silentLogger, metrics: new Registry() }).round()

  await parkOrder({ pool, log: silentLogger }, { order: paid.id, sale: testSale, fact: 'hold-expired', error: 'test' })
  await Promise.all([listParked(pool), readParked(pool, paid.id), dropParked(pool, paid.id)])
  await createParkedCount({ pool, metrics: new Registry() })()
  await createOversoldCount({ pool, metrics: new Registry() }).count()

  const revocations = createRevocations({ pool, stockRedis, log: silentLogger, wakeRelay: () => undefined })
  revocations.start()
  const metrics = createMetrics('test')
  const reconciler = createReconciler({ pool, stockRedis, log: silentLogger, metrics, wakeRelay: () => undefined })
  await core.ledger.pool.query(`update orders.orders set updated_at = now() - interval '6 seconds' where sale = $1`, [
    testSale,
  ])
  for (let round = 0; round < 4; round += 1) await reconciler.round()
  await revocations.stop()
  const deleting = createOrderRetention({ pool, days: 30 })
  const nothing = async () => undefined
  await core.ledger.pool.query(`update orders.sales set closed_at = now() - interval '31 days' where id like 'past-%'`)
  await core.ledger.pool.query(
    `update orders.orders set updated_at = now() - interval '31 days' where sale = 'past-100'`,
  )
  await core.ledger.pool.query(
    `delete from orders.sales where id between 'past-10' and 'past-1000' and id <> 'past-100'`,
  )
  for (const task of deleting) {
    await task.deleteBatch(nothing)
    await task.oldest()
  }

  expect(plans.texts().length).toBeGreaterThan(35)
  expect(await plans.sequentialScans({ rowsMin: 1_000 })).toEqual([])
})

it('the history of an account, and its erasure, scan the sales, but only the buyer’s orders and units', async () => {
  const erasing = createPool(core.ledger.url, { max: 1 })
  const statements = recordStatements(erasing)
  expect((await readOrderHistory(erasing, { buyer: 'b77', limit: 2 })).orders).toHaveLength(2)
  const { orders } = await listErasable(erasing, { buyer: 'b77' })
  const { erased } = await eraseBuyer(erasing, { buyer: 'b77', orders: orders.map(({ order }) => order) })
  expect(erased['orders.orders']).toBe(orders.length)
  const scans = await statements.sequentialScans({ rowsMin: 1_000 })
  expect(scans.filter((scan) => !/^orders\.(catalogues|sales):/.test(scan))).toEqual([])
  await erasing.end()
})
