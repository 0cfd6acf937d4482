import { eventually } from '@floodgate/testkit'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { createOrder, type Fixture, startFixture } from './testing/fixture.ts'

let fixture: Fixture
let worker: Awaited<ReturnType<Fixture['startWorker']>>

beforeAll(async () => {
  fixture = await startFixture()
})
afterAll(() => fixture.stop())
beforeEach(async () => {
  await fixture.control({ mode: 'ok' })
  fixture.core.mode = 'yes'
  worker = await fixture.startWorker()
})
afterEach(() => worker.stop())

const eventsOf = async (order: string) => (await fixture.paymentEvents()).filter((event) => event.key === order)
/** Returns the number of reports that the breaker is not closed. */
const reports = async () =>
  (await fixture.paymentEvents()).filter(({ type }) => type === 'payment.provider-failing.v1').length
const chargesOf = async (order: string) => (await fixture.charges()).filter((charge) => charge.orderId === order)
const settled = (order: string, status: string) =>
  eventually(async () => expect(await fixture.chargeStatus(order)).toBe(status))

test('a placed order is charged and announced once, however often its event is delivered', async () => {
  const order = createOrder()
  await fixture.publish(order.placed(), order.placed())
  await settled(order.id, 'approved')
  await fixture.publish(order.placed())
  const next = createOrder()
  await fixture.publish(next.placed())
  await settled(next.id, 'approved')
  expect(await chargesOf(order.id)).toMatchObject([
    { status: 'approved', idempotencyKey: order.id, amountMinor: 1_250 },
  ])
  expect(await eventsOf(order.id)).toEqual([{ type: 'payment.succeeded.v1', key: order.id, version: 1 }])
})

test('a declined card is recorded as a decline', async () => {
  const order = createOrder({ paymentMethod: 'sim_declined' })
  await fixture.publish(order.placed())
  await settled(order.id, 'declined')
  expect(await eventsOf(order.id)).toMatchObject([{ type: 'payment.declined.v1' }])
})

test('a time-out is never a decline: the charge is looked up, and made once', async () => {
  await fixture.control({ mode: 'hang' })
  const order = createOrder()
  await fixture.publish(order.placed())
  await settled(order.id, 'approved')
  expect(await chargesOf(order.id)).toHaveLength(1)
  expect(await eventsOf(order.id)).toMatchObject([{ type: 'payment.succeeded.v1' }])
})

test('a provider that recovers charges every order once; until then the worker does not call it', async () => {
  await fixture.control({ mode: 'fail' })
  const orders = Array.from({ length: 40 }, () => createOrder())
  await fixture.publish(...orders.slice(0, 20).map((order) => order.placed()))
  await eventually(async () => {
    const metrics = await (await fetch(`${worker.opsUrl()}/metrics`)).text()
    expect(metrics).toMatch(/floodgate_payment_breaker_state\{[^}]*\} [12]/)
  })
  await eventually(async () => expect(await reports()).toBeGreaterThan(0))
  await fixture.publish(...orders.slice(20).map((order) => order.placed()))
  await fixture.control({ mode: 'ok' })
  for (const order of orders) await settled(order.id, 'approved')
  const charged = (await fixture.charges()).filter((charge) => orders.some((order) => order.id === charge.orderId))
  expect(charged).toHaveLength(40)
  for (const order of orders) expect(await eventsOf(order.id)).toMatchObject([{ type: 'payment.succeeded.v1' }])
})

test('a provider that rejects more than twenty writes a second charges every order once, and its breaker stays closed', async () => {
  await worker.stop()
  // A time-out would count for the breaker, as no rejection does.
  worker = await fixture.startWorker({ GATEWAY_TIMEOUT_MS: '8000' })
  await fixture.control({ mode: 'limit', writesPerSecond: 20 })
  const orders = Array.from({ length: 50 }, () => createOrder())
  await fixture.publish(...orders.map((order) => order.placed()))
  for (const order of orders) await settled(order.id, 'approved')
  const charged = (await fixture.charges()).filter((charge) => orders.some((order) => order.id === charge.orderId))
  expect(charged).toHaveLength(50)
  const metrics = await (await fetch(`${worker.opsUrl()}/metrics`)).text()
  expect(metrics).toMatch(/floodgate_provider_limited_total\{[^}]*\} [1-9]/)
  expect(metrics).toMatch(/floodgate_payment_breaker_state\{[^}]*\} 0/)
})

test('two workers with a rate for the provider charge every order once, at that rate', async () => {
  await worker.stop()
  const paced = { PROVIDER_WRITES_PER_SECOND_MAX: '20' }
  worker = await fixture.startWorker(paced)
  const other = await fixture.startWorker(paced)
  const orders = Array.from({ length: 50 }, () => createOrder())
  await fixture.publish(...orders.map((order) => order.placed()))
  for (const order of orders) await settled(order.id, 'approved')
  const charged = (await fixture.charges()).filter((charge) => orders.some((order) => order.id === charge.orderId))
  expect(charged).toHaveLength(50)
  const times = charged.map(({ at }) => Date.parse(at)).sort((a, b) => a - b)
  expect(Number(times.at(-1)) - Number(times[0]), '49 steps of 50 ms, whatever else the machine does').toBeGreaterThan(
    2_300,
  )
  await other.stop()
})

test('the payment of an order that was cancelled meanwhile is announced, and refunded once', async () => {
  await worker.stop()
  worker = await fixture.startWorker({ GATEWAY_TIMEOUT_MS: '8000' })
  await fixture.control({ mode: 'hang', delayMs: 600_000 })
  const order = createOrder()
  await fixture.publish(order.placed())
  await eventually(async () => expect(await chargesOf(order.id)).toHaveLength(1))
  expect(await fixture.chargeStatus(order.id)).toBe('started')
  await fixture.publish(order.cancelled())
  // Its response arrives now.
  await fixture.control({ mode: 'ok' })
  await settled(order.id, 'approved')
  await fixture.publish(order.refundRequested(), order.refundRequested())
  await eventually(async () =>
    expect((await eventsOf(order.id)).map((event) => event.type)).toContain('payment.refunded.v1'),
  )
  expect((await eventsOf(order.id))[0]).toMatchObject({ type: 'payment.succeeded.v1', version: 1 })
  expect(await chargesOf(order.id)).toMatchObject([{ refundedMinor: 1_250 }])
})

test('a charged order that is cancelled is announced again, and refunded once for any number of requests', async () => {
  const order = createOrder()
  await fixture.publish(order.placed())
  await settled(order.id, 'approved')
  await fixture.publish(order.cancelled(), order.refundRequested(), order.refundRequested())
  await eventually(async () =>
    expect(await eventsOf(order.id)).toEqual([
      { type: 'payment.succeeded.v1', key: order.id, version: 1 },
      { type: 'payment.succeeded.v1', key: order.id, version: 2 },
      { type: 'payment.refunded.v1', key: order.id, version: 3 },
    ]),
  )
  expect(await chargesOf(order.id)).toMatchObject([{ refundedMinor: 1_250 }])
})

test('a refund requested again after it was made is announced again, and the money is returned once', async () => {
  const order = createOrder()
  await fixture.publish(order.placed())
  await settled(order.id, 'approved')
  const refunds = async () => (await eventsOf(order.id)).filter(({ type }) => type === 'payment.refunded.v1')
  await fixture.publish(order.cancelled(), order.refundRequested(3))
  await eventually(async () => expect(await refunds()).toHaveLength(1))
  await fixture.publish(order.refundRequested(3), order.refundRequested(4))
  await eventually(async () => expect((await refunds()).map(({ version }) => version)).toEqual([3, 4]))
  expect(await chargesOf(order.id)).toMatchObject([{ refundedMinor: 1_250 }])
})

test('an order that was over before it was received is never charged', async () => {
  const order = createOrder()
  await fixture.publish(order.cancelled())
  await settled(order.id, 'not-charged')
  await fixture.publish(order.placed())
  const next = createOrder()
  await fixture.publish(next.placed())
  await settled(next.id, 'approved')
  expect(await chargesOf(order.id)).toEqual([])
  expect(await eventsOf(order.id)).toEqual([])
})

test('a decline of an order that is cancelled afterwards is not announced again', async () => {
  const order = createOrder({ paymentMethod: 'sim_declined' })
  await fixture.publish(order.placed())
  await settled(order.id, 'declined')
  await fixture.publish(order.cancelled(), order.refundRequested())
  await eventually(async () =>
    expect((await eventsOf(order.id)).map((event) => event.type)).toEqual([
      'payment.declined.v1',
      'payment.refund-refused.v1',
    ]),
  )
})

test('past its deadline an order is charged only after the order core confirms it, and no response is not a confirmation', async () => {
  const chargeBy = new Date(Date.now() - 1_000)
  const late = createOrder({ chargeBy })
  await fixture.publish(late.placed())
  await settled(late.id, 'approved')

  fixture.core.mode = 'no'
  const over = createOrder({ chargeBy })
  await fixture.publish(over.placed())
  await settled(over.id, 'not-charged')
  expect(await chargesOf(over.id)).toEqual([])
  const { rows } = await fixture.pool.query(
    'select payment_method as method from payments.charges where order_id = $1',
    [over.id],
  )
  expect(rows, 'nothing of what nothing is charged to').toEqual([{ method: '' }])

  fixture.core.mode = 'down'
  const asked = fixture.core.asked
  const waiting = createOrder({ chargeBy })
  await fixture.publish(waiting.placed())
  await eventually(() => expect(fixture.core.asked).toBeGreaterThan(asked + 1))
  expect(await chargesOf(waiting.id)).toEqual([])
  fixture.core.mode = 'yes'
  await settled(waiting.id, 'approved')
})

test('a charge with an unknown outcome is checked while new orders keep every slot busy', async () => {
  await worker.stop()
  worker = await fixture.startWorker({ CHARGES_IN_FLIGHT: '1', GATEWAY_TIMEOUT_MS: '8000' })
  // The crowd takes so long that a machine that stalls for seconds still finds most of it open.
  await fixture.control({ mode: 'ok', delayMs: 500 })
  const crowd = Array.from({ length: 80 }, () => createOrder())
  await fixture.publish(...crowd.map((order) => order.placed()))
  const open = async () => {
    const { rows } = await fixture.pool.query<{ open: number }>(
      `select count(*)::int as open from payments.charges where status = 'started' and order_id = any ($1::uuid[])`,
      [crowd.map(({ id }) => id)],
    )
    return rows[0]?.open ?? 0
  }
  await eventually(async () => expect(await open()).toBeGreaterThan(60))
  const { id } = createOrder()
  await fixture.pool.query(
    `insert into payments.charges (order_id, key, sale, amount_minor, currency, payment_method, status, charge_by, due_at)
     values ($1::uuid, $1::text, 'demo', 1250, 'EUR', 'sim_ok', 'unknown', now() + interval '1 hour', now() - interval '1 hour')`,
    [id],
  )
  await settled(id, 'approved')
  expect(await open(), 'before the crowd is done').toBeGreaterThan(0)
  await fixture.control({ mode: 'ok' })
  await eventually(async () => expect(await open()).toBe(0))
})

test('only the operator sees what was done with an order', async () => {
  const order = createOrder()
  await fixture.publish(order.placed())
  await settled(order.id, 'approved')
  const path = `${worker.url()}/admin/traces/${order.id}`
  expect((await fetch(path)).status).toBe(401)
  const response = await fetch(path, { headers: { authorization: `Bearer ${fixture.adminToken}` } })
  expect(await response.json()).toMatchObject({
    order: order.id,
    steps: [{ step: 'charge recorded' }, { step: 'charge approved' }],
  })
})

test('a free order is never charged, whatever its payment method, nor refunded', async () => {
  const free = createOrder({ totalMinor: 0, paymentMethod: 'sim_declined' })
  const damaged = createOrder({ totalMinor: 0 })
  const cancelled = createOrder({ totalMinor: 0 })
  const paid = createOrder()
  await fixture.publish(free.placed(), free.placedInClear(), damaged.placedDamaged(), cancelled.placed())
  await fixture.publish(cancelled.cancelled(), paid.placed())
  await settled(paid.id, 'approved')
  for (const { id } of [free, damaged, cancelled]) {
    expect(await fixture.chargeStatus(id)).toBeUndefined()
    expect(await eventsOf(id)).toEqual([])
    expect(await chargesOf(id)).toEqual([])
  }
})

test('a charge or refund of a free order, begun by an older worker or order core, ends without the provider', async () => {
  const charged = createOrder({ totalMinor: 0 })
  await fixture.pool.query(
    `insert into payments.charges (order_id, key, sale, amount_minor, currency, payment_method, status, charge_by)
     values ($1::uuid, $1::uuid::text, 'demo', 0, 'EUR', 'sim_ok', 'unknown', now() + interval '1 hour')`,
    [charged.id],
  )
  const toRefund = createOrder({ totalMinor: 0 })
  await fixture.publish(toRefund.refundRequested())
  await settled(charged.id, 'not-charged')
  await eventually(async () => expect(await eventsOf(toRefund.id)).toMatchObject([{ type: 'payment.refunded.v1' }]))
  expect(await eventsOf(charged.id)).toEqual([])
  expect([...(await chargesOf(charged.id)), ...(await chargesOf(toRefund.id))]).toEqual([])
})
