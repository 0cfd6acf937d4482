import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { eventually } from '@floodgate/testkit'
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { createOrder, type Fixture, startFixture } from './testing/fixture.ts'

let fixture: Fixture
let worker: Awaited<ReturnType<Fixture['startWorker']>>
let toss: Record<string, string>
beforeAll(async () => {
  fixture = await startFixture()
  toss = {
    PAYMENT_PROVIDER: 'toss',
    TOSS_SECRET_KEY: 'test_sk_simulator0001',
    TOSS_URL: fixture.settings.GATEWAY_URL ?? '',
    GATEWAY_TIMEOUT_MS: '2000',
  }
})
afterAll(() => fixture.stop())
beforeEach(async () => {
  await fixture.control({ mode: 'ok' })
  worker = await fixture.startWorker(toss)
})
afterEach(() => worker.stop())

const eventsOf = async (order: string) =>
  (await fixture.paymentEvents()).filter(({ key }) => key === order).map(({ type }) => type)
const chargesOf = async (order: string) => (await fixture.charges()).filter(({ orderId }) => orderId === order)
const settled = (order: string, status: string) =>
  eventually(async () => expect(await fixture.chargeStatus(order)).toBe(status))
const dueNow = (order: string) =>
  fixture.pool.query('update payments.charges set due_at = now() where order_id = $1', [order])
const faceControl = (changes: object) =>
  fetch(`${toss.TOSS_URL}/toss/control`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(changes),
  })

/** Places an order and sends its buyer through the page of the provider. */
async function authenticated(choice = 'pay') {
  const order = createOrder({ currency: 'KRW', totalMinor: 39_000 })
  await fixture.publish(order.placed())
  await settled(order.id, 'awaiting-buyer')
  const { rows } = await fixture.pool.query<{ url: string }>(
    'select redirect_url as url from payments.charges where order_id = $1',
    [order.id],
  )
  const body = new URLSearchParams({ choice })
  const response = await fetch(rows[0]?.url ?? '', { method: 'POST', body, redirect: 'manual' })
  const back = new URL(response.headers.get('location') ?? '')
  expect(back.searchParams.get('payment')).toBe(order.id)
  return { order, returned: (key?: Buffer) => order.buyerReturned(Object.fromEntries(back.searchParams), key) }
}

test('the return of the buyer leads to the approval, however often it is delivered', async () => {
  const { order, returned } = await authenticated()
  expect(await chargesOf(order.id)).toEqual([])
  await fixture.publish(returned(), returned())
  await settled(order.id, 'approved')
  await fixture.publish(returned())
  expect(await chargesOf(order.id)).toMatchObject([{ status: 'approved', amountMinor: 39_000 }])
  expect(await eventsOf(order.id)).toEqual(['payment.awaiting-buyer.v1', 'payment.succeeded.v1'])
})

test('what a buyer brought back waits for a worker that has its key', async () => {
  const { order, returned } = await authenticated()
  const otherKey = Buffer.alloc(32, 6)
  await fixture.publish(returned(otherKey))
  await eventually(async () => {
    const { rows } = await fixture.pool.query(
      'select status, reason, buyer_proof is not null as kept from payments.charges where order_id = $1',
      [order.id],
    )
    expect(rows).toEqual([{ status: 'awaiting-buyer', reason: expect.stringContaining('PAYMENT_KEY'), kept: true }])
  })
  expect(await chargesOf(order.id)).toEqual([])
  await worker.stop()
  const ring = `${fixture.settings.PAYMENT_KEY},${otherKey.toString('base64url')}`
  worker = await fixture.startWorker({ ...toss, PAYMENT_KEY: ring })
  await settled(order.id, 'approved')
  expect(await chargesOf(order.id)).toHaveLength(1)
})

test('a card that is rejected at the approval declines the order', async () => {
  const { order, returned } = await authenticated('pay-without-money')
  await fixture.publish(returned())
  await settled(order.id, 'declined')
  expect(await eventsOf(order.id)).toEqual(['payment.awaiting-buyer.v1', 'payment.declined.v1'])
})

test('an order whose hold ends between the authentication and the approval is not charged', async () => {
  const { order, returned } = await authenticated()
  await fixture.publish(order.cancelled(), returned())
  await settled(order.id, 'unknown')
  await faceControl({ advanceSeconds: 600 })
  await dueNow(order.id)
  await settled(order.id, 'not-charged')
  expect(await chargesOf(order.id)).toEqual([])
  expect(await eventsOf(order.id)).toEqual(['payment.awaiting-buyer.v1'])
})

test('an approval that is under way when the order ends is found, and refunded', async () => {
  const { order, returned } = await authenticated()
  await fixture.control({ mode: 'ok', delayMs: 600_000 })
  await fixture.publish(returned())
  await eventually(async () => {
    const { rows } = await fixture.pool.query('select reason from payments.charges where order_id = $1', [order.id])
    expect(rows).toEqual([{ reason: expect.any(String) }])
  })
  await fixture.publish(order.cancelled(), order.refundRequested())
  await settled(order.id, 'unknown')
  await fixture.control({ mode: 'ok' })
  await settled(order.id, 'approved')
  await eventually(async () => expect(await chargesOf(order.id)).toMatchObject([{ refundedMinor: 39_000 }]))
  await eventually(async () =>
    expect(await eventsOf(order.id)).toEqual([
      'payment.awaiting-buyer.v1',
      'payment.succeeded.v1',
      'payment.refunded.v1',
    ]),
  )
})

test('an approval with an error for a response is tried again with another key', async () => {
  const { order, returned } = await authenticated()
  await faceControl({ fails: { code: 'COMMON_ERROR', times: 1 } })
  await fixture.publish(returned())
  await settled(order.id, 'approved')
  expect(await chargesOf(order.id)).toHaveLength(1)
})

test('a currency that Toss Payments does not take declines the order with the reason', async () => {
  const order = createOrder({ currency: 'EUR' })
  await fixture.publish(order.placed())
  await settled(order.id, 'declined')
  const { rows } = await fixture.pool.query('select reason from payments.charges where order_id = $1', [order.id])
  expect(rows).toEqual([{ reason: 'Toss Payments takes KRW only, not EUR' }])
})

test('a worker killed between the approval and its record approves once, and announces it after its restart', async () => {
  const { order, returned } = await authenticated()
  await worker.stop()
  const main = fileURLToPath(new URL('./main.ts', import.meta.url))
  const doomed = spawn(process.execPath, [main], {
    env: {
      ...{ ...process.env, ...fixture.settings, ...toss, GATEWAY_TIMEOUT_MS: '8000' },
      FAIL_POINTS: 'after-charge-before-record=kill',
    },
    stdio: 'ignore',
  })
  onTestFinished(() => void doomed.kill('SIGKILL'))
  const died = once(doomed, 'exit')
  await fixture.publish(returned())
  expect(await died).toEqual([null, 'SIGKILL'])
  expect(await chargesOf(order.id)).toHaveLength(1)
  expect(await fixture.chargeStatus(order.id)).toBe('awaiting-buyer')

  worker = await fixture.startWorker(toss)
  await dueNow(order.id)
  await settled(order.id, 'approved')
  expect(await chargesOf(order.id)).toHaveLength(1)
  expect(await eventsOf(order.id)).toEqual(['payment.awaiting-buyer.v1', 'payment.succeeded.v1'])
})

test('webhooks that come in copies and again only lead to look-ups, and are answered with 200', async () => {
  const { order, returned } = await authenticated()
  await faceControl({ webhookUrl: `${worker.url()}/payments/webhooks/toss`, webhookCopies: 5 })
  await fixture.publish(returned())
  await settled(order.id, 'approved')
  await eventually(async () => expect(await (await faceControl({})).json()).toEqual({ deliveries: Array(5).fill(200) }))
  const replay = await fetch(`${toss.TOSS_URL}/toss/webhooks/replay`, { method: 'POST' })
  expect(new Set(((await replay.json()) as { statuses: number[] }).statuses)).toEqual(new Set([200]))
  await faceControl({ webhookUrl: null, webhookCopies: 1 })
  expect(await chargesOf(order.id)).toHaveLength(1)
  expect(await eventsOf(order.id)).toEqual(['payment.awaiting-buyer.v1', 'payment.succeeded.v1'])
})

test('a forged webhook settles nothing', async () => {
  const { order } = await authenticated()
  const data = { orderId: order.id, paymentKey: 'forged', status: 'DONE', totalAmount: 1 }
  const send = (body: object, provider = 'toss') =>
    fetch(`${worker.url()}/payments/webhooks/${provider}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  const { rows: before } = await fixture.pool.query('select tries from payments.charges where order_id = $1', [
    order.id,
  ])
  expect((await send({ eventType: 'PAYMENT_STATUS_CHANGED', data })).status).toBe(200)
  await eventually(async () => {
    const { rows } = await fixture.pool.query('select tries from payments.charges where order_id = $1', [order.id])
    expect(rows[0].tries).toBeGreaterThan(before[0].tries)
  })
  expect(await fixture.chargeStatus(order.id)).toBe('awaiting-buyer')
  expect(await chargesOf(order.id)).toEqual([])
  expect((await send({ eventType: 'PAYMENT_STATUS_CHANGED' })).status).toBe(400)
  expect((await send({ eventType: 'PAYMENT_STATUS_CHANGED', data }, 'simulator')).status).toBe(404)
})
