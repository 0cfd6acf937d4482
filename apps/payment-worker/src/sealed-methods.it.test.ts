import { eventually } from '@floodgate/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createOrder, type Fixture, startFixture } from './testing/fixture.ts'

let fixture: Fixture
beforeAll(async () => {
  fixture = await startFixture()
})
afterAll(() => fixture.stop())

const otherKey = Buffer.alloc(32, 6)
const metricsOf = async (worker: { opsUrl(): string }) => (await fetch(`${worker.opsUrl()}/metrics`)).text()
const keyMissing = /floodgate_payment_methods_unopened_total\{cause="key-missing"[^}]*\} [1-9]/
const chargesOf = async (order: string) => (await fixture.charges()).filter(({ orderId }) => orderId === order)
const eventTypesOf = async (order: string) =>
  (await fixture.paymentEvents()).flatMap(({ type, key }) => (key === order ? [type] : []))
const settled = (order: string, status: string) =>
  eventually(async () => expect(await fixture.chargeStatus(order)).toBe(status))

test('orders are charged whichever version of the event announces them', async () => {
  const worker = await fixture.startWorker()
  const [sealed, clear, declined] = [createOrder(), createOrder(), createOrder({ paymentMethod: 'sim_declined' })]
  await fixture.publish(sealed.placed(), clear.placedInClear(), declined.placed(), sealed.placed())
  await settled(sealed.id, 'approved')
  await settled(clear.id, 'approved')
  await settled(declined.id, 'declined')
  await worker.stop()
})

test('orders sealed with a missing key wait for a worker with the key, without delaying those behind them', async () => {
  const waiting = createOrder()
  const worker = await fixture.startWorker()
  await fixture.publish(waiting.placed(otherKey))
  await eventually(async () => expect(await metricsOf(worker)).toMatch(keyMissing))
  // Enough of them for every partition.
  const others = Array.from({ length: 60 }, () => createOrder())
  await fixture.publish(...others.map((order) => order.placed()))
  for (const { id } of others) await settled(id, 'approved')
  const [ended] = others
  if (ended === undefined) throw new Error('no order')
  await fixture.publish(ended.cancelled(), ended.refundRequested())
  await eventually(async () => expect(await eventTypesOf(ended.id)).toContain('payment.refunded.v1'))
  expect(await fixture.chargeStatus(waiting.id)).toBe('started')
  await worker.stop()

  const ring = `${fixture.settings.PAYMENT_KEY},${otherKey.toString('base64url')}`
  const newWorker = await fixture.startWorker({ PAYMENT_KEY: ring })
  await settled(waiting.id, 'approved')
  expect(await metricsOf(newWorker)).not.toContain('floodgate_dead_letters_total{')
  await newWorker.stop()
})

test('without the key an order waits only until its deadline, and then expires uncharged', async () => {
  const worker = await fixture.startWorker()
  const order = createOrder()
  await fixture.publish(order.placed(otherKey))
  await settled(order.id, 'started')
  await eventually(async () => expect(await metricsOf(worker)).toMatch(keyMissing))
  expect(await fixture.chargeStatus(order.id)).toBe('started')
  await fixture.pool.query(`update payments.charges set charge_by = now() - interval '1 s' where order_id = $1`, [
    order.id,
  ])
  await settled(order.id, 'not-charged')
  const late = createOrder({ chargeBy: new Date(Date.now() - 1_000) })
  const damaged = createOrder({ chargeBy: new Date(Date.now() - 1_000) })
  await fixture.publish(late.placed(otherKey), damaged.placedDamaged())
  for (const { id } of [late, damaged]) await settled(id, 'not-charged')
  for (const { id } of [order, late, damaged]) expect([await chargesOf(id), await eventTypesOf(id)]).toEqual([[], []])
  expect(await metricsOf(worker)).not.toContain('floodgate_dead_letters_total{')
  await worker.stop()
})

test('an order that is charged, or over, needs no payment method', async () => {
  const worker = await fixture.startWorker()
  const [charged, early, later, broken] = [createOrder(), createOrder(), createOrder(), createOrder()]
  await fixture.publish(charged.placed(), early.cancelled(), broken.cancelled())
  await settled(charged.id, 'approved')
  for (const { id } of [early, broken]) await settled(id, 'not-charged')
  await fixture.publish(
    charged.placed(otherKey),
    charged.placedDamaged(),
    early.placed(otherKey),
    broken.placedDamaged(),
  )
  await fixture.publish(later.placed(otherKey), later.cancelled())
  await settled(later.id, 'not-charged')
  const behind = Array.from({ length: 60 }, () => createOrder())
  await fixture.publish(...behind.map((order) => order.placed()))
  for (const { id } of behind) await settled(id, 'approved')
  expect(await chargesOf(charged.id)).toHaveLength(1)
  expect(await eventTypesOf(charged.id)).toEqual(['payment.succeeded.v1'])
  for (const { id } of [early, later, broken]) expect(await chargesOf(id)).toEqual([])
  expect(await metricsOf(worker)).not.toContain('floodgate_dead_letters_total{')
  await worker.stop()
})

test('a charge made before its key and record were lost is found at the deadline', async () => {
  const worker = await fixture.startWorker()
  const order = createOrder()
  await fixture.publish(order.placed())
  await settled(order.id, 'approved')
  await fixture.pool.query('delete from payments.charges where order_id = $1', [order.id])
  const late = createOrder({ order: order.id, chargeBy: new Date(Date.now() - 1_000) })
  await fixture.publish(late.placed(otherKey))
  await settled(order.id, 'approved')
  expect(await chargesOf(order.id)).toHaveLength(1)
  expect(await eventTypesOf(order.id)).toEqual(['payment.succeeded.v1', 'payment.succeeded.v1'])
  await worker.stop()
})

test('an event that no key opens becomes a dead letter, and the other orders are charged', async () => {
  const broken = createOrder()
  const good = Array.from({ length: 5 }, () => createOrder())
  const worker = await fixture.startWorker()
  await fixture.publish(broken.placedDamaged(), ...good.map((order) => order.placed()))
  for (const order of good) await settled(order.id, 'approved')
  await eventually(async () =>
    expect(await metricsOf(worker)).toMatch(/floodgate_dead_letters_total\{group="payment-worker.charges"[^}]*\} 1\n/),
  )
  expect(await fixture.chargeStatus(broken.id)).toBeUndefined()
  await worker.stop()
})
