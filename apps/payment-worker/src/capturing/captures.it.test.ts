import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { captureAtProvider, moneyCheck, refusedCaptures } from '@floodgate/contracts'
import { eventually } from '@floodgate/testkit'
import { expectProblem } from '@floodgate/testkit/fixtures'
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { createOrder, type Fixture, startFixture } from '../testing/fixture.ts'

const DAY_SECONDS = 86_400

let fixture: Fixture
let worker: Awaited<ReturnType<Fixture['startWorker']>>
let manual: Record<string, string>
beforeAll(async () => {
  fixture = await startFixture()
  manual = {
    PAYMENT_PROVIDER: 'stripe',
    STRIPE_CAPTURE: 'manual',
    STRIPE_SECRET_KEY: 'sk_test_0123456789abcdef',
    STRIPE_URL: fixture.settings.GATEWAY_URL ?? '',
    GATEWAY_TIMEOUT_MS: '2000',
  }
})
afterAll(() => fixture.stop())
beforeEach(async () => {
  await fixture.control({ mode: 'ok' })
  Object.assign(fixture.core, { mode: 'yes', status: undefined, orders: [] })
  worker = await fixture.startWorker(manual)
})
afterEach(() => worker.stop())

type Order = ReturnType<typeof createOrder>

const payment = z.object({
  id: z.string(),
  status: z.string(),
  amount_received: z.int(),
  metadata: z.object({ floodgate_order: z.string() }),
})
const paymentCharge = z.object({ payment_intent: z.string(), captured: z.boolean(), amount_refunded: z.int() })

async function stripe(path: string, method = 'GET'): Promise<unknown> {
  const headers = { authorization: `Bearer ${manual.STRIPE_SECRET_KEY}` }
  return await (await fetch(`${manual.STRIPE_URL}${path}`, { method, headers })).json()
}
const advance = (seconds: number) =>
  fetch(`${manual.STRIPE_URL}/stripe/control`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ advanceSeconds: seconds }),
  })
/** Returns the payments of the order at the provider. */
async function paymentsOf({ id }: Order) {
  const { data } = z.object({ data: z.array(payment) }).parse(await stripe('/v1/payment_intents?limit=100'))
  return data.filter(({ metadata }) => metadata.floodgate_order === id)
}
const atProvider = (order: Order, status: string) =>
  eventually(async () => expect(await paymentsOf(order)).toMatchObject([{ status }]))
const captureOf = async ({ id }: Order) => {
  const { rows } = await fixture.pool.query('select status, reason from payments.captures where order_id = $1', [id])
  return rows[0]
}
const captureIs = (order: Order, status: string) =>
  eventually(async () => expect(await captureOf(order)).toMatchObject({ status }))
const eventsOf = async ({ id }: Order) =>
  (await fixture.paymentEvents()).filter(({ key }) => key === id).map(({ type }) => type)
const announced = (order: Order, types: readonly string[]) =>
  eventually(async () => expect(await eventsOf(order)).toEqual(types))
const dueNow = ({ id }: Order) =>
  fixture.pool.query('update payments.captures set due_at = now() where order_id = $1', [id])

async function authorized(): Promise<Order> {
  const order = createOrder({ paymentMethod: 'pm_card_visa' })
  await fixture.publish(order.placed())
  await captureIs(order, 'authorized')
  return order
}

test('money is only authorized until the order is confirmed, and then taken once, however often that is delivered', async () => {
  const order = await authorized()
  await atProvider(order, 'requires_capture')
  expect(await eventsOf(order)).toEqual(['payment.succeeded.v1'])
  const confirmed = order.confirmed()
  await fixture.publish(confirmed, confirmed, order.confirmed())
  await captureIs(order, 'captured')
  await fixture.publish(confirmed)
  expect(await paymentsOf(order)).toMatchObject([{ status: 'succeeded', amount_received: 1_250 }])
  expect(await eventsOf(order)).toEqual(['payment.succeeded.v1'])
})

test('the authorization of an order that is over is given up, and a late confirmation takes nothing', async () => {
  const order = await authorized()
  await fixture.publish(order.cancelled(), order.refundRequested(), order.refundRequested())
  await announced(order, ['payment.succeeded.v1', 'payment.succeeded.v1', 'payment.refunded.v1'])
  await fixture.publish(order.confirmed())
  await dueNow(order)
  expect(await captureOf(order)).toMatchObject({ status: 'released' })
  expect(await paymentsOf(order)).toMatchObject([{ status: 'canceled', amount_received: 0 }])
})

test('a refund of a part waits until the money is taken', async () => {
  const order = await authorized()
  await fixture.control({ mode: 'fail' })
  await fixture.publish(order.confirmed(), order.partRefundRequested({ id: randomUUID(), amountMinor: 250 }))
  await captureIs(order, 'requested')
  expect(await eventsOf(order)).toEqual(['payment.succeeded.v1'])
  await fixture.control({ mode: 'ok' })
  await announced(order, ['payment.succeeded.v1', 'payment.refunded.v1'])
  expect(await captureOf(order)).toMatchObject({ status: 'captured' })
  const { data } = z.object({ data: z.array(paymentCharge) }).parse(await stripe('/v1/charges?limit=100'))
  const [paid] = await paymentsOf(order)
  expect(data.filter((charge) => charge.payment_intent === paid?.id)).toMatchObject([
    { captured: true, amount_refunded: 250 },
  ])
})

test('an authorization that has ended is counted until all of its order is refunded, which moves no money', async () => {
  const overdue = async () => {
    const metrics = await (await fetch(`${worker.opsUrl()}/metrics`)).text()
    return /floodgate_payments_overdue\{what="refused-capture"[^}]*\} (\d+)/.exec(metrics)?.[1]
  }
  const order = await authorized()
  await advance(7 * DAY_SECONDS)
  await fixture.publish(order.confirmed())
  await captureIs(order, 'refused')
  expect(await captureOf(order)).toMatchObject({ reason: 'the authorization has ended: automatic' })
  await eventually(async () => expect(await overdue()).toBe('1'))
  const [part, rest] = [
    { id: randomUUID(), amountMinor: 250 },
    { id: randomUUID(), amountMinor: 1_000 },
  ]
  await fixture.publish(order.partRefundRequested(part))
  const first = ['payment.succeeded.v1', 'payment.refund-refused.v1']
  await announced(order, first)
  await fixture.publish(order.partRefundRequested(rest, 4))
  await announced(order, [...first, 'payment.refunded.v1'])
  await fixture.publish(order.partRefundRequested(part, 5))
  await announced(order, [...first, 'payment.refunded.v1', 'payment.refunded.v1'])
  await captureIs(order, 'released')
  await eventually(async () => expect(await overdue()).toBe('0'))
})

async function operate(path: string, method = 'GET', body?: string): Promise<Response> {
  const headers = { authorization: `Bearer ${fixture.adminToken}`, 'content-type': 'application/json' }
  return await fetch(`${worker.url()}${path}`, { method, headers, ...(body !== undefined && { body }) })
}
const listed = async () =>
  refusedCaptures.parse(await (await operate('/admin/captures')).json()).captures.map(({ order }) => order)
const repeat = async ({ id }: { readonly id: string }) =>
  captureAtProvider.parse(await (await operate(`/admin/captures/${id}/repeat`, 'POST')).json())

test('a refused capture is listed, and noticed as taken by hand once an operator has it repeated', async () => {
  const [order, other] = [await authorized(), await authorized()]
  const [authorization] = await paymentsOf(order)
  const refused = "status = 'refused', reason = 'no reason', due_at = now() + interval '1 hour'"
  await fixture.pool.query(`update payments.captures set ${refused} where order_id = $1`, [order.id])
  expect(await listed()).toEqual([order.id])
  await stripe(`/v1/payment_intents/${authorization?.id}/capture`, 'POST')
  expect(await repeat(order)).toMatchObject({ order: order.id, charge: authorization?.id, reason: 'no reason' })
  await captureIs(order, 'captured')
  expect(await listed()).toEqual([])
  expect(await repeat(order), 'one that is taken').toMatchObject({ status: 'captured', reason: null })
  expect(await repeat(other), 'one of an order without a confirmation').toMatchObject({ status: 'authorized' })
  await expectProblem(await operate(`/admin/captures/${randomUUID()}/repeat`, 'POST'), 'not-found')
  await expectProblem(await operate(`/admin/captures/${order.id}/repeat`, 'POST', '{"amount":1}'), 'invalid-request')
})

test('a confirmation that never arrives is asked about at the order core, and an open order waits', async () => {
  const [lost, pending] = [await authorized(), await authorized()]
  await dueNow(pending)
  await eventually(async () => {
    const { rows } = await fixture.pool.query('select tries from payments.captures where order_id = $1', [pending.id])
    expect(rows).toEqual([{ tries: 1 }])
  })
  fixture.core.status = 'confirmed'
  await dueNow(lost)
  await captureIs(lost, 'captured')
  expect(await captureOf(pending)).toMatchObject({ status: 'authorized' })
})

test('an authorization is no finding of the money check while it is recent, nor once its money is taken', async () => {
  const order = await authorized()
  const check = async () => {
    const found = moneyCheck.parse(await (await operate('/admin/money-check')).json())
    return found.findings.filter((finding) => finding.order === order.id)
  }
  fixture.core.orders = [{ id: order.id, status: 'confirmed', totalMinor: 1_250, currency: 'EUR' }]
  expect(await check(), 'it has just been authorized').toEqual([])
  await fixture.publish(order.confirmed())
  await captureIs(order, 'captured')
  expect(await check()).toEqual([])
})

test('a worker killed between the capture and its record takes the money once', async () => {
  const order = await authorized()
  await worker.stop()
  const main = fileURLToPath(new URL('../main.ts', import.meta.url))
  const doomed = spawn(process.execPath, [main], {
    env: {
      ...{ ...process.env, ...fixture.settings, ...manual, GATEWAY_TIMEOUT_MS: '8000' },
      FAIL_POINTS: 'after-capture-before-record=kill',
    },
    stdio: 'ignore',
  })
  onTestFinished(() => void doomed.kill('SIGKILL'))
  const died = once(doomed, 'exit')
  await fixture.publish(order.confirmed())
  expect(await died).toEqual([null, 'SIGKILL'])
  expect(await captureOf(order)).toMatchObject({ status: 'requested' })
  worker = await fixture.startWorker(manual)
  await captureIs(order, 'captured')
  expect(await paymentsOf(order)).toMatchObject([{ status: 'succeeded', amount_received: 1_250 }])
})
