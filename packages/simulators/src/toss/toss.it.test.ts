import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { simulatedCharges } from '@floodgate/contracts'
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import { startPaymentSimulator } from '../start.ts'

const BASIC = `Basic ${Buffer.from('test_sk_simulator0001:').toString('base64')}`

let directory: string
let simulator: Awaited<ReturnType<typeof startPaymentSimulator>>
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'toss-face-'))
  simulator = await startPaymentSimulator({ dataFile: join(directory, 'charges.jsonl') })
})
afterEach(async () => {
  await simulator.stop()
  await rm(directory, { recursive: true })
})

interface Answer {
  readonly status: number
  readonly body: Record<string, unknown>
}
const call = async (path: string, init: RequestInit): Promise<Answer> => {
  const response = await fetch(`${simulator.url}${path}`, init)
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}
const post = (path: string, body: object, options: { key?: string; authorization?: string } = {}) =>
  call(path, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: options.authorization ?? BASIC,
      ...(options.key === undefined ? {} : { 'idempotency-key': options.key }),
    },
    body: JSON.stringify(body),
  })
const get = (path: string) => call(path, { headers: { authorization: BASIC } })
const control = (changes: object) => post('/toss/control', changes)
const behave = (mode: string, delayMs = 0) => post('/control', { mode, delayMs })

const creation = (orderId: string) => ({
  ...{ method: 'CARD', amount: 39_000, currency: 'KRW', orderId, orderName: 'Lamp' },
  successUrl: 'http://shop.example/paid?from=toss',
  failUrl: 'http://shop.example/failed',
})
const create = async (orderId = 'order-1'): Promise<string> =>
  String((await post('/v1/payments', creation(orderId), { key: `create-${orderId}` })).body.paymentKey)

/** Leaves the page of the payment as a buyer does. Returns the URL to which the browser goes back. */
const choose = async (paymentKey: string, choice: string): Promise<URL> => {
  const response = await fetch(`${simulator.url}/v1/payments/${paymentKey}/checkout`, {
    method: 'POST',
    body: new URLSearchParams({ choice }),
    redirect: 'manual',
  })
  expect(response.status).toBe(303)
  return new URL(response.headers.get('location') ?? '')
}
const confirm = (paymentKey: string, options: { key?: string; amount?: number; orderId?: string } = {}) => {
  const { key, amount = 39_000, orderId = 'order-1' } = options
  return post('/v1/payments/confirm', { paymentKey, orderId, amount }, key === undefined ? {} : { key })
}
const authenticated = async (orderId = 'order-1'): Promise<string> => {
  const paymentKey = await create(orderId)
  await choose(paymentKey, 'pay')
  return paymentKey
}
const failed = (status: number, code: string) => ({ status, body: { code, message: expect.any(String) } })

test('a payment is created, authenticated by the buyer and approved by the shop, once', async () => {
  const created = await post('/v1/payments', creation('order-1'))
  expect(created).toMatchObject({ status: 200, body: { status: 'READY', totalAmount: 39_000, currency: 'KRW' } })
  const paymentKey = String(created.body.paymentKey)
  expect(created.body.checkout).toEqual({ url: `${simulator.url}/v1/payments/${paymentKey}/checkout` })
  expect(await confirm(paymentKey)).toEqual(failed(404, 'NOT_FOUND_PAYMENT_SESSION'))

  const back = await choose(paymentKey, 'pay')
  expect(back.origin + back.pathname).toBe('http://shop.example/paid')
  expect(Object.fromEntries(back.searchParams)).toEqual({
    ...{ from: 'toss', paymentType: 'NORMAL', paymentKey, orderId: 'order-1', amount: '39000' },
  })
  expect(await get(`/v1/payments/${paymentKey}`)).toMatchObject({ body: { status: 'IN_PROGRESS', approvedAt: null } })

  expect(await confirm(paymentKey, { amount: 1 })).toEqual(failed(403, 'FORBIDDEN_REQUEST'))
  expect(await confirm(paymentKey, { orderId: 'order-2' })).toEqual(failed(403, 'FORBIDDEN_REQUEST'))
  expect(await confirm(paymentKey)).toMatchObject({ status: 200, body: { status: 'DONE', balanceAmount: 39_000 } })
  expect(await confirm(paymentKey)).toEqual(failed(400, 'ALREADY_PROCESSED_PAYMENT'))
  expect(await get('/v1/payments/orders/order-1')).toMatchObject({ body: { paymentKey, status: 'DONE' } })
})

test('a buyer who cancels comes back without the order, and a refused one with it', async () => {
  const cancelled = await create('order-1')
  expect(Object.fromEntries((await choose(cancelled, 'cancel')).searchParams)).toEqual({
    code: 'PAY_PROCESS_CANCELED',
    message: expect.any(String),
  })
  expect(await get(`/v1/payments/${cancelled}`)).toMatchObject({ body: { status: 'READY' } })
  const refused = await create('order-2')
  expect((await choose(refused, 'be-refused')).searchParams.get('orderId')).toBe('order-2')
  expect(await get(`/v1/payments/${refused}`)).toMatchObject({
    body: { status: 'ABORTED', failure: { code: 'REJECT_CARD_COMPANY' } },
  })
})

test('a card without money is rejected at the approval', async () => {
  const paymentKey = await create()
  await choose(paymentKey, 'pay-without-money')
  expect(await confirm(paymentKey)).toEqual(failed(403, 'REJECT_CARD_PAYMENT'))
  expect(await get(`/v1/payments/${paymentKey}`)).toMatchObject({ body: { status: 'ABORTED' } })
})

test('the buyer has 30 minutes, and the shop 10 minutes from then', async () => {
  const late = await create('order-1')
  await control({ advanceSeconds: 29 * 60 })
  await choose(late, 'pay')
  const abandoned = await create('order-2')
  await control({ advanceSeconds: 10 * 60 })
  expect(await confirm(late)).toEqual(failed(404, 'NOT_FOUND_PAYMENT_SESSION'))
  expect(await get(`/v1/payments/${late}`)).toMatchObject({ body: { status: 'EXPIRED' } })
  await control({ advanceSeconds: 20 * 60 })
  expect(await get(`/v1/payments/${abandoned}`)).toMatchObject({ body: { status: 'EXPIRED' } })
})

test('a key returns its first response for 15 days, errors included', async () => {
  const paymentKey = await authenticated()
  await behave('fail')
  const error = await confirm(paymentKey, { key: 'k' })
  expect(error).toEqual(failed(500, 'FAILED_INTERNAL_SYSTEM_PROCESSING'))
  await behave('ok')
  expect(await confirm(paymentKey, { key: 'k', amount: 1 })).toEqual(error)
  const approved = await confirm(paymentKey, { key: 'k2' })
  expect(approved.status).toBe(200)
  expect(await confirm(paymentKey, { key: 'k2' })).toEqual(approved)
  // The same key counts anew for another path.
  const cancelPath = `/v1/payments/${paymentKey}/cancel`
  expect(await post(cancelPath, { cancelReason: 'r', cancelAmount: 1_000 }, { key: 'k2' })).toMatchObject({
    status: 200,
  })
  expect(await confirm(paymentKey, { key: 'x'.repeat(301) })).toEqual(failed(400, 'INVALID_IDEMPOTENCY_KEY'))
  await control({ advanceSeconds: 15 * 86_400 })
  expect(await confirm(paymentKey, { key: 'k2' })).toEqual(failed(400, 'ALREADY_PROCESSED_PAYMENT'))
})

test('a key whose first request is in progress is refused until that ends', async () => {
  const paymentKey = await authenticated()
  await behave('ok', 600_000)
  const first = confirm(paymentKey, { key: 'k' })
  await expect
    .poll(async () => (await confirm(paymentKey, { key: 'k' })).body.code)
    .toBe('IDEMPOTENT_REQUEST_PROCESSING')
  expect(await get(`/v1/payments/${paymentKey}`)).toMatchObject({ body: { status: 'IN_PROGRESS' } })
  await behave('ok')
  expect(await first).toMatchObject({ status: 200 })
})

test('an error may be told although the payment was approved', async () => {
  const paymentKey = await authenticated()
  await control({ fails: { code: 'FAILED_PAYMENT_INTERNAL_SYSTEM_PROCESSING', acts: true, times: 1 } })
  expect((await confirm(paymentKey)).status).toBe(500)
  expect(await get(`/v1/payments/${paymentKey}`)).toMatchObject({ body: { status: 'DONE' } })
})

test('cancellations never exceed the balance, and are transactions of their own', async () => {
  const paymentKey = await authenticated()
  const path = `/v1/payments/${paymentKey}/cancel`
  expect(await post(path, { cancelReason: 'early' })).toEqual(failed(403, 'NOT_CANCELABLE_PAYMENT'))
  await confirm(paymentKey)
  expect(await post(path, { cancelReason: 'a', cancelAmount: 9_000 })).toMatchObject({
    body: { status: 'PARTIAL_CANCELED', balanceAmount: 30_000, cancels: [{ cancelAmount: 9_000, cancelReason: 'a' }] },
  })
  expect(await post(path, { cancelReason: 'b', cancelAmount: 30_001 })).toEqual(failed(403, 'NOT_CANCELABLE_AMOUNT'))
  expect(await post(path, { cancelReason: 'b', cancelAmount: 1, refundableAmount: 39_000 })).toEqual(
    failed(400, 'NOT_MATCHES_REFUNDABLE_AMOUNT'),
  )
  expect(await post(path, { cancelReason: 'c' })).toMatchObject({ body: { status: 'CANCELED', balanceAmount: 0 } })
  expect(await post(path, { cancelReason: 'd' })).toEqual(failed(400, 'ALREADY_CANCELED_PAYMENT'))

  const year = new Date().getUTCFullYear()
  const query = `startDate=${year - 1}-01-01T00:00:00&endDate=${year + 1}-01-01T00:00:00`
  const all = (await get(`/v1/transactions?${query}`)).body as unknown as { status: string; transactionKey: string }[]
  expect(all.map(({ status }) => status).sort()).toEqual(['CANCELED', 'DONE', 'PARTIAL_CANCELED'])
  expect((await get(`/v1/transactions?${query}&limit=1&startingAfter=${all[0]?.transactionKey}`)).body).toEqual([
    all[1],
  ])
  expect((await get(`/v1/transactions?${query}&startingAfter=none`)).body).toMatchObject({
    code: 'INVALID_TRANSACTION_KEY',
  })
  expect((await get('/v1/transactions')).body).toMatchObject({ code: 'INVALID_REQUEST' })
  const { charges } = simulatedCharges.parse((await get('/charges')).body)
  expect(charges).toMatchObject([{ id: paymentKey, orderId: 'order-1', status: 'approved', refundedMinor: 39_000 }])
})

test('an order is approved once, whichever of its payments comes first', async () => {
  const one = await authenticated('order-1')
  const other = String((await post('/v1/payments', creation('order-1'))).body.paymentKey)
  await choose(other, 'pay')
  expect(await confirm(one)).toMatchObject({ status: 200 })
  expect(await confirm(other)).toEqual(failed(400, 'DUPLICATED_ORDER_ID'))
  expect(await post('/v1/payments', creation('order-1'))).toEqual(failed(400, 'DUPLICATED_ORDER_ID'))
})

test('what a shop must not send is refused', async () => {
  const basic = (credentials: string) => `Basic ${Buffer.from(credentials).toString('base64')}`
  const body = creation('order-1')
  for (const authorization of ['', 'Bearer x', basic('live_sk_simulator0001:'), basic('sk:')])
    expect(await post('/v1/payments', body, { authorization })).toEqual(failed(401, 'UNAUTHORIZED_KEY'))
  expect(await post('/v1/payments', body, { authorization: basic('test_sk_simulator0001') })).toEqual(
    failed(403, 'INCORRECT_BASIC_AUTH_FORMAT'),
  )
  for (const wrong of [{ amount: 0.5 }, { orderId: 'order:1' }, { orderId: 'short' }, { method: 'VIRTUAL_ACCOUNT' }])
    expect(await post('/v1/payments', { ...body, ...wrong })).toEqual(failed(400, 'INVALID_REQUEST'))
  expect(await post('/v1/payments', { ...body, amount: 99 })).toEqual(failed(400, 'BELOW_MINIMUM_AMOUNT'))
  expect(await post('/v1/payments', { ...body, currency: 'EUR' })).toEqual(failed(400, 'NOT_SUPPORTED_CURRENCY'))
  expect(await confirm('none')).toEqual(failed(404, 'NOT_FOUND_PAYMENT'))
  const noChoice = await fetch(`${simulator.url}/v1/payments/${await create()}/checkout`, { method: 'POST' })
  expect(noChoice.status).toBe(400)
})

test('more writes than a second allows are refused, and look-ups are not', async () => {
  const paymentKey = await authenticated()
  await control({ writesPerSecondMax: 1 })
  const statuses = await Promise.all(Array.from({ length: 20 }, async () => (await confirm(paymentKey)).body.code))
  expect(statuses).toContain('FORBIDDEN_CONSECUTIVE_REQUEST')
  expect(await get(`/v1/payments/${paymentKey}`)).toMatchObject({ status: 200 })
})

test('webhooks come in copies, again until they are answered with 200, and out of order', async () => {
  const received: { eventType: string; data: { orderId: string; status: string } }[] = []
  let status = 500
  const shop = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    received.push(JSON.parse(text))
    response.writeHead(status).end()
  })
  await new Promise<void>((resolve) => shop.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void shop.close())
  const webhookUrl = `http://127.0.0.1:${(shop.address() as AddressInfo).port}/hook`
  await control({ webhookUrl, webhookCopies: 2 })

  await confirm(await authenticated())
  await expect.poll(async () => (await control({})).body.deliveries).toEqual([500, 500])
  expect(received[0]).toMatchObject({
    eventType: 'PAYMENT_STATUS_CHANGED',
    data: { orderId: 'order-1', status: 'DONE' },
  })
  await control({ advanceSeconds: 59 })
  expect(received).toHaveLength(2)
  status = 200
  await control({ advanceSeconds: 1 })
  expect(received).toHaveLength(4)
  await control({ advanceSeconds: 4 * 86_400, webhookCopies: 1 })
  expect(received).toHaveLength(4)

  await confirm(await authenticated('order-2'), { orderId: 'order-2' })
  await expect.poll(() => received.length).toBe(5)
  expect((await post('/toss/webhooks/replay', {})).body).toEqual({ statuses: [200, 200] })
  expect(
    received
      .slice(5)
      .map(({ data }) => data.orderId)
      .sort(),
  ).toEqual(['order-1', 'order-2'])
})

test('payments survive a restart', async () => {
  const paymentKey = await authenticated()
  await simulator.stop()
  simulator = await startPaymentSimulator({ dataFile: join(directory, 'charges.jsonl') })
  expect(await confirm(paymentKey)).toMatchObject({ status: 200, body: { status: 'DONE' } })
})
