import { randomUUID } from 'node:crypto'
import { createPool } from '@floodgate/database'
import { type FreshDatabase, migratedDatabase, recordStatements, type StatementPlans } from '@floodgate/testkit'
import { silentLogger } from '@floodgate/testkit/fixtures'
import type { Pool } from 'pg'
import { Registry } from 'prom-client'
import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  claimCaptures,
  giveBackCaptures,
  postponeCapture,
  releaseCaptures,
  requestCaptures,
  settleCapture,
} from './capturing/capture-store.ts'
import { listRefusedCaptures, repeatCapture } from './capturing/refused-captures.ts'
import { awaitBuyers } from './charging/await-buyers.ts'
import { claimOpenCharges, giveBackCharges } from './charging/charge-leases.ts'
import { openCharges, postponeCharges, settleCharges, startNextAttempt } from './charging/charge-store.ts'
import { endOrders } from './charging/end-orders.ts'
import { noteHints } from './charging/note-hints.ts'
import { createOverdueLook } from './overdue.ts'
import { noteRefundHints } from './refunding/note-refund-hints.ts'
import {
  claimRefunds,
  giveBackRefunds,
  postponeRefund,
  requestRefunds,
  settleRefund,
} from './refunding/refund-store.ts'
import { listRejectedRefunds, makeByHand } from './refunding/rejected-refunds.ts'
import { createChargeRetention } from './retention/delete-charges.ts'

const CHARGES = 1_000_000
/** Nearly all charges are over, one in fifty was captured and refunded. Unlogged tables fill faster. */
const FILL = `
  alter table payments.charges set unlogged; alter table payments.refunds set unlogged;
  insert into payments.charges (order_id, key, sale, amount_minor, currency, payment_method, status, provider_charge_id, charge_by)
    select ('00000000-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'k' || n, 'past', 100, 'EUR', 'sim_ok',
      case n % 20 when 0 then 'declined' else 'approved' end, 'c' || n, now()
    from generate_series(1, ${CHARGES}) n;
  insert into payments.refunds (order_id, request_version, key, status)
    select ('00000000-0000-4000-8000-' || lpad(to_hex(n * 50), 12, '0'))::uuid, 3, 'r' || n, 'refunded'
    from generate_series(1, ${CHARGES} / 50) n;
  insert into payments.part_refunds (id, order_id, amount_minor, request_version, key, status)
    select gen_random_uuid(), order_id, 100, 3, 'p' || key, 'refunded' from payments.refunds;
  insert into payments.captures (order_id, status) select order_id, 'captured' from payments.refunds;
  analyze`

const onLost = () => undefined

let database: FreshDatabase
let pool: Pool
let plans: StatementPlans
beforeAll(async () => {
  database = await migratedDatabase()
  const filling = createPool(database.url, { max: 1, statementTimeoutMs: 0 })
  await filling.query(FILL)
  await filling.end()
  pool = createPool(database.url, { max: 2 })
  plans = recordStatements(pool)
}, 300_000)
afterAll(async () => {
  await pool.end()
  await database.drop()
})

it('no statement of an event or a sweep scans a table from end to end at a million charges', async () => {
  const at = new Date().toISOString()
  const placed = () => ({
    order: randomUUID(),
    sale: 'demo',
    buyer: 'ann',
    slot: 's',
    items: [],
    totalMinor: 100,
    currency: 'EUR',
    createdAt: at,
    holdExpiresAt: at,
    chargeBy: at,
    paymentMethod: 'sim_ok',
    sealedEmail: 'sealed',
    traceparent: undefined,
  })
  const orders = [placed(), placed(), placed()]
  const [paid, waiting] = await openCharges(pool, orders)
  if (paid === undefined || waiting === undefined) throw new Error('no charges were opened')
  const settlement = { kind: 'approved', chargeId: 'c', isAuthorized: true } as const
  await settleCharges(pool, [{ orderId: paid.orderId, settlement, traceparent: null }])
  await postponeCharges(pool, [
    { orderId: waiting.orderId, status: 'unknown', detail: 'away', afterMs: 0, dueAt: waiting.dueAt },
  ])
  await startNextAttempt(pool, waiting)
  await giveBackCharges(pool, [waiting.orderId])
  expect(await claimOpenCharges(pool, { awaiting: 'provider', max: 10, all: true, onLost })).not.toEqual([])
  await claimOpenCharges(pool, { awaiting: 'provider', max: 10, all: false, onLost })
  const awaited = {
    reference: 'pi',
    redirectUrl: 'https://bank.example',
    traceparent: null,
    usedProof: null,
    afterMs: 0,
  }
  await awaitBuyers(pool, [{ ...awaited, orderId: waiting.orderId, dueAt: waiting.dueAt }])
  await noteHints(pool, [{ order: waiting.orderId }])
  expect(await claimOpenCharges(pool, { awaiting: 'buyer', max: 10, all: false, onLost })).toHaveLength(1)
  const authorized = [paid.orderId]
  await requestCaptures(pool, authorized)
  const [capture] = await claimCaptures(pool, { max: 10, all: true, onLost })
  await claimCaptures(pool, { max: 10, all: false, onLost })
  if (capture === undefined) throw new Error('no capture was requested')
  await postponeCapture(pool, capture, 0)
  await giveBackCaptures(pool, authorized)
  await settleCapture(pool, paid.orderId, { kind: 'refused', reason: 'ended' })
  expect(await listRefusedCaptures(pool, 1_000)).toMatchObject([{ order: paid.orderId, reason: 'ended' }])
  expect(await repeatCapture(pool, paid.orderId)).toMatchObject({ status: 'refused' })
  expect(await releaseCaptures(pool, authorized)).toEqual(authorized)
  const cancelled = orders.map((order) => ({ ...order, reason: 'by-buyer' as const, event: crypto.randomUUID() }))
  await endOrders(pool, cancelled, true)
  await endOrders(pool, cancelled, false)
  const parts = new Map<string, { id: string; amountMinor: number }>(
    cancelled.map(({ order }) => [order, { id: crypto.randomUUID(), amountMinor: 1 }]),
  )
  for (const partOf of [() => undefined, (order: string) => parts.get(order)]) {
    const request = (version: number) =>
      requestRefunds(
        pool,
        cancelled.map(({ order }) => {
          const part = partOf(order)
          return { order, ...(part === undefined ? {} : { part }), version, traceparent: undefined }
        }),
      )
    await request(3)
    const [refund, later] = await claimRefunds(pool, { max: 10, all: true, onLost })
    await claimRefunds(pool, { max: 10, all: false, onLost })
    if (refund === undefined || later === undefined) throw new Error('no refunds were requested')
    await settleRefund(pool, refund, { kind: 'refunded', refundId: 'r' })
    await postponeRefund(pool, later, { ...later, afterMs: 1_000, reference: 're_0' })
    expect(await noteRefundHints(pool, [later.orderId])).toBe(true)
    await request(5)
    await giveBackRefunds(pool, [later.id])
    await claimRefunds(pool, { max: 10, all: true, onLost })
    await settleRefund(pool, later, { kind: 'refused', reason: 'disputed' })
    expect(await listRejectedRefunds(pool, 1_000)).toMatchObject([{ id: later.id, reason: 'disputed' }])
    expect(await makeByHand(pool, { id: later.id, reference: 're_1' })).toMatchObject({ kind: 'made' })
  }
  await createOverdueLook({ pool, log: silentLogger, metrics: new Registry() })()
  for (const task of createChargeRetention({ pool, days: 30 })) {
    await task.deleteBatch(async () => undefined)
    await task.oldest()
  }
  expect(plans.texts().length).toBeGreaterThanOrEqual(12)
  expect(await plans.sequentialScans({ rowsMin: 1_000 })).toEqual([])
})
