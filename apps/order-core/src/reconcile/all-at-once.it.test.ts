import { retry } from '@floodgate/async'
import { isRetriableDatabaseError } from '@floodgate/database'
import { createTestDatabase, seededRandom, type TestDatabase } from '@floodgate/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { commitBatch } from '../ledger/commit-batch.ts'
import type { NewOrder } from '../order/order.ts'
import { createRequestRefund } from '../refunds/request-refund.ts'
import { createSale, line, newOrder } from '../testing/new-orders.ts'
import { createTestRefundDeps } from '../testing/refunds.ts'
import { createTestTransitions } from '../testing/transitions.ts'
import { claimId, issueVouchers } from '../vouchers/issue-vouchers.ts'
import { checkLedger } from './check-ledger.ts'

const sale = 'busy'
const PROCESSES = [1, 2, 3]
const BUYERS = 40
const VOUCHERS = 25
const BATCH = 16
const GIVE_UP_MS = 60_000
/** Most orders are paid. */
const FACTS = [
  'payment-succeeded',
  'payment-declined',
  'payment-succeeded',
  'cancelled-by-buyer',
  'hold-expired',
] as const

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase({ connectionsMax: 10 })
  const { pool } = database
  const items = [
    { sku: 'cup', total: 45 },
    { sku: 'tea', total: 60, limit: 2 },
  ]
  await createSale(pool, { sale, items })
  await pool.query(
    `insert into orders.voucher_campaigns (sale, id, name, kind, amount_minor, total)
     values ($1, 'spring', 'Spring', 'fixed', 3, $2)`,
    [sale, VOUCHERS],
  )
})
afterAll(() => database?.remove())

const buyers = Array.from({ length: BUYERS }, (_, number) => `buyer-${number}`)

/** Two slots of each buyer, one order with its voucher: other keys in each process. */
const cartsOf = (buyer: string): NewOrder[] =>
  ['first', 'second'].map((slot) => {
    const hasVoucher = slot === 'first'
    return newOrder({
      ...{ sale, buyer, slot: `${buyer} ${slot}`, voucher: hasVoucher ? 'spring' : null },
      discountMinor: hasVoucher ? 3 : 0,
      lines: [line('cup'), line('tea')],
    })
  })

/** What one process does: claims, orders, and what becomes of its orders, all under way at the same time. */
async function runProcess(number: number): Promise<void> {
  const { pool } = database
  const random = seededRandom(number)
  const shuffled = <Item>(items: readonly Item[]): Item[] =>
    items
      .map((item) => ({ item, at: random() }))
      .toSorted((one, other) => one.at - other.at)
      .map(({ item }) => item)
  const batchesOf = <Item>(items: readonly Item[]): Item[][] =>
    Array.from({ length: Math.ceil(items.length / BATCH) }, (_, n) => items.slice(n * BATCH, (n + 1) * BATCH))
  const limits = { pool, giveUpAfterMs: GIVE_UP_MS, onError: () => undefined }
  const transitions = createTestTransitions(pool)
  const requestRefund = createRequestRefund(createTestRefundDeps(pool))

  async function claimAll(): Promise<void> {
    for (const batch of batchesOf(shuffled(buyers))) {
      const keys = batch.map((buyer) => ({ sale, campaign: 'spring', buyer }))
      const claims = keys.map((key) => ({ ...key, id: claimId(key), epoch: 1 }))
      const outcomes = await issueVouchers(limits, claims)
      expect(outcomes.size).toBe(batch.length)
    }
  }

  async function refund(order: string): Promise<void> {
    const items = random() < 0.5 ? [{ sku: 'tea', quantity: 1 }] : undefined
    const request = { id: crypto.randomUUID(), order, requestHash: 'hash', items, restock: random() < 0.5 }
    await retry(() => requestRefund({ ...request, reason: 'test', by: 'operator' }), {
      ...{ backOff: { minMs: 10, maxMs: 100 }, attemptsMax: 20, isRetriable: isRetriableDatabaseError },
    })
  }

  async function follow(orders: readonly string[]): Promise<void> {
    const requests = orders.map((order, at) => ({ order, fact: FACTS[at % FACTS.length] ?? 'hold-expired' }))
    await transitions.apply(shuffled([...requests, ...requests]))
    await Promise.all(requests.filter(({ fact }) => fact === 'payment-succeeded').map(({ order }) => refund(order)))
  }

  async function orderAll(): Promise<void> {
    const following: Promise<void>[] = []
    for (const batch of batchesOf(shuffled(buyers.flatMap(cartsOf)))) {
      const outcomes = await commitBatch({ ...limits, times: { holdMs: 600_000, chargeMarginMs: 0 } }, batch)
      following.push(follow(batch.map(({ id }) => id).filter((id) => outcomes.get(id)?.kind === 'placed')))
    }
    await Promise.all(following)
  }

  await Promise.all([claimAll(), orderAll()])
}

it('claims, orders, payments, cancellations and refunds of one sale at once, in several processes, leave a ledger that adds up', async () => {
  const { pool } = database
  await Promise.all(PROCESSES.map(runProcess))
  expect(await checkLedger(pool, sale)).toEqual({ ok: true, ordersDeleted: false, findings: [] })
  const { rows } = await pool.query('select issued from orders.voucher_campaigns')
  expect(rows).toEqual([{ issued: VOUCHERS }])
  const { rows: ends } = await pool.query<{ status: string }>('select distinct status from orders.orders order by 1')
  expect(ends.map(({ status }) => status)).toEqual(['cancelled', 'confirmed'])
})
