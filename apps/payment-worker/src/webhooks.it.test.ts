import { randomUUID } from 'node:crypto'
import { moneyCheck } from '@floodgate/contracts'
import { eventually } from '@floodgate/testkit'
import { expectProblem } from '@floodgate/testkit/fixtures'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createOrder, type Fixture, startFixture } from './testing/fixture.ts'

const SECRET = 'whsec_of_the_tests_of_webhooks'
const STRIPE = {
  PAYMENT_PROVIDER: 'stripe',
  STRIPE_SECRET_KEY: 'sk_test_0123456789abcdef',
  STRIPE_WEBHOOK_SECRETS: `${SECRET},whsec_of_the_time_before_it`,
}

let fixture: Fixture
let worker: Awaited<ReturnType<Fixture['startWorker']>>
beforeAll(async () => {
  fixture = await startFixture()
  worker = await startWorker()
})
afterAll(async () => {
  await worker?.stop()
  await fixture?.stop()
})

async function startWorker() {
  const started = await fixture.startWorker({ ...STRIPE, STRIPE_URL: fixture.settings.GATEWAY_URL ?? '' })
  await face({ webhookUrl: `${started.url()}/payments/webhooks/stripe`, webhookSecret: SECRET, webhookCopies: 10 })
  return started
}

async function face(behaviour: object, path = '/stripe/control') {
  const response = await fetch(`${fixture.settings.GATEWAY_URL}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(behaviour),
  })
  return (await response.json()) as { deliveries?: number[]; statuses?: number[] }
}

const settled = (order: string, status: string) =>
  eventually(async () => expect(await fixture.chargeStatus(order)).toBe(status))
const typesOf = async (order: string) =>
  (await fixture.paymentEvents()).filter(({ key }) => key === order).map(({ type }) => type)

async function awaited() {
  const order = createOrder({ paymentMethod: 'pm_card_authenticationRequired' })
  await fixture.publish(order.placed())
  await settled(order.id, 'awaiting-buyer')
  const { rows } = await fixture.pool.query<{ url: string }>(
    'select redirect_url as url from payments.charges where order_id = $1',
    [order.id],
  )
  return { order, url: rows[0]?.url ?? '' }
}
const decide = (url: string, agree: boolean) =>
  fetch(`${url}/decision?agree=${agree}`, { method: 'POST', redirect: 'manual' })

test('a buyer who agrees has paid as soon as the webhook arrives, ten times at once, without coming back', async () => {
  const [agreed, refused] = [await awaited(), await awaited()]
  await decide(agreed.url, true)
  await decide(refused.url, false)
  await settled(agreed.order.id, 'approved')
  await settled(refused.order.id, 'declined')
  expect(await typesOf(agreed.order.id)).toEqual(['payment.awaiting-buyer.v1', 'payment.succeeded.v1'])
  expect(await typesOf(refused.order.id)).toEqual(['payment.awaiting-buyer.v1', 'payment.declined.v1'])
  const { deliveries } = await face({})
  expect(new Set(deliveries)).toEqual(new Set([200]))
})

const refundOf = async (order: string) => {
  const { rows } = await fixture.pool.query(
    'select status, provider_refund_id as reference, reason from payments.part_refunds where order_id = $1',
    [order],
  )
  return rows[0]
}

test.each([
  ['succeeded', 'payment.refunded.v1', { status: 'refunded', reason: null }],
  ['failed', 'payment.refund-refused.v1', { status: 'refused', reason: 'the refund failed: expired_or_canceled_card' }],
])('a refund that is pending at Stripe is announced once it has %s', async (refundsAre, type, recorded) => {
  const order = createOrder({ paymentMethod: 'pm_card_visa' })
  await fixture.publish(order.placed())
  await settled(order.id, 'approved')
  await face({ refundsAre: 'pending' })
  await fixture.publish(order.partRefundRequested({ id: randomUUID(), amountMinor: 250 }))
  await eventually(async () =>
    expect(await refundOf(order.id)).toMatchObject({ status: 'requested', reference: expect.stringMatching(/^re_/) }),
  )
  await fixture.publish(order.partRefundRequested({ id: randomUUID(), amountMinor: 100 }))
  expect(await typesOf(order.id)).toEqual(['payment.succeeded.v1'])
  await face({ refundsAre })
  await eventually(async () => expect(await typesOf(order.id)).toEqual(['payment.succeeded.v1', type, type]))
  expect(await refundOf(order.id)).toMatchObject(recorded)
  await face({ refundsAre: 'succeeded' })
})

test('a payment that Stripe is still processing is followed to its end, and charged once', async () => {
  const order = createOrder({ paymentMethod: 'pm_usBankAccount_success' })
  await fixture.publish(order.placed())
  await settled(order.id, 'unknown')
  await face({ advanceSeconds: 60 })
  await settled(order.id, 'approved')
  expect(await typesOf(order.id)).toEqual(['payment.succeeded.v1'])
  expect((await fixture.charges()).filter(({ orderId }) => orderId === order.id)).toHaveLength(1)
})

test('webhooks that come again, the newest first and all at once, change nothing', async () => {
  const { order, url } = await awaited()
  await decide(url, true)
  await settled(order.id, 'approved')
  const before = await fixture.paymentEvents()
  const { statuses } = await face({}, '/stripe/webhooks/replay')
  expect(new Set(statuses)).toEqual(new Set([200]))
  expect(await fixture.paymentEvents()).toEqual(before)
})

test('a webhook that no worker took comes again, and settles the payment', async () => {
  const { order, url } = await awaited()
  await worker.stop()
  await decide(url, true)
  await eventually(async () => expect((await face({})).deliveries).toContain(0))
  worker = await startWorker()
  expect(await fixture.chargeStatus(order.id)).toBe('awaiting-buyer')
  await face({ advanceSeconds: 120 })
  await settled(order.id, 'approved')
})

test('a webhook that the provider did not sign is refused, and no charge is looked at', async () => {
  const { order } = await awaited()
  const dueAt = async () =>
    (await fixture.pool.query('select due_at from payments.charges where order_id = $1', [order.id])).rows
  const before = await dueAt()
  const body = JSON.stringify({
    type: 'payment_intent.succeeded',
    data: { object: { metadata: { floodgate_order: order.id } } },
  })
  const send = (path: string, headers: Record<string, string>) =>
    fetch(`${worker.url()}/payments/webhooks/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    })
  for (const headers of [{}, { 'stripe-signature': 't=1,v1=00' }] as Record<string, string>[])
    await expectProblem(await send('stripe', headers), 'webhook-refused')
  await expectProblem(await send('simulator', {}), 'not-found')
  expect(await dueAt()).toEqual(before)
  const metrics = await (await fetch(`${worker.opsUrl()}/metrics`)).text()
  expect(metrics).toMatch(/floodgate_payment_webhooks_total\{[^}]*outcome="refused"[^}]*\} 2/)
})

test("the money check compares Stripe's charges with the orders", async () => {
  const order = createOrder({ paymentMethod: 'pm_card_visa' })
  await fixture.publish(order.placed())
  await settled(order.id, 'approved')
  fixture.core.orders = [{ id: order.id, status: 'confirmed', totalMinor: 1_250, currency: 'EUR' }]
  const response = await fetch(`${worker.url()}/admin/money-check`, {
    headers: { authorization: `Bearer ${fixture.adminToken}` },
  })
  const { findings } = moneyCheck.parse(await response.json())
  expect(findings.map((finding) => finding.order)).not.toContain(order.id)
  expect(new Set(findings.map(({ problem }) => problem))).toEqual(new Set(['charge-without-order']))
  await fixture.publish(order.cancelled(), order.refundRequested())
  await eventually(async () => expect(await typesOf(order.id)).toContain('payment.refunded.v1'))
})
