import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type SimulatorControl, simulatedCharges } from '@floodgate/contracts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startPaymentSimulator } from '../start.ts'

let directory: string
let simulator: Awaited<ReturnType<typeof startPaymentSimulator>>

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'payment-simulator-'))
  simulator = await startPaymentSimulator({ dataFile: join(directory, 'charges.jsonl') })
})
afterEach(async () => {
  await simulator.stop()
  await rm(directory, { recursive: true })
})

const body = { orderId: 'order-1', amountMinor: 1_250, currency: 'EUR', paymentMethod: 'sim_ok' }

const post = async (path: string, options: { key?: string; body?: object; signal?: AbortSignal } = {}) => {
  const response = await fetch(`${simulator.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(options.key ? { 'idempotency-key': options.key } : {}) },
    body: JSON.stringify(options.body ?? {}),
    signal: options.signal ?? null,
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}
const get = async (path: string) => {
  const response = await fetch(`${simulator.url}${path}`)
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}
const control = (behaviour: Partial<SimulatorControl>) => post('/control', { body: { mode: 'ok', ...behaviour } })
const charges = async () => simulatedCharges.parse((await get('/charges')).body).charges

test('a key is charged once and returns the same charge again', async () => {
  const first = await post('/charges', { key: 'k', body })
  const again = await post('/charges', { key: 'k', body })
  expect(first).toMatchObject({ status: 201, body: { status: 'approved' } })
  expect(again).toEqual({ status: 200, body: first.body })
  expect(await charges()).toHaveLength(1)
})

test('a key with another body is rejected', async () => {
  await post('/charges', { key: 'k', body })
  expect(await post('/charges', { key: 'k', body: { ...body, amountMinor: 1 } })).toMatchObject({ status: 422 })
  expect(await post('/charges', { body })).toMatchObject({ status: 400, body: { code: 'key-missing' } })
})

test('every payment method but sim_ok is declined, with a reason', async () => {
  for (const paymentMethod of ['sim_declined', 'other'])
    expect(await post('/charges', { key: paymentMethod, body: { ...body, paymentMethod } })).toMatchObject({
      status: 201,
      body: { status: 'declined', reason: expect.any(String) },
    })
})

test('a hanging charge is made although the client gets no response', async () => {
  await control({ mode: 'hang' })
  await expect(post('/charges', { key: 'k', body, signal: AbortSignal.timeout(1_000) })).rejects.toThrow('timeout')
  expect(await get('/charges/k')).toMatchObject({ status: 200, body: { status: 'approved' } })
  await control({ mode: 'ok' })
  expect(await post('/charges', { key: 'k', body })).toMatchObject({ status: 200 })
  expect(await charges()).toHaveLength(1)
})

test('a look-up waits for a late charge of that key instead of reporting nothing', async () => {
  await control({ delayMs: 600_000 })
  const late = post('/charges', { key: 'k', body, signal: AbortSignal.timeout(1_000) })
  await expect(late).rejects.toThrow('timeout')
  const looked = get('/charges/k')
  await control({ mode: 'ok' })
  expect(await looked).toMatchObject({ status: 200, body: { status: 'approved' } })
})

test('a failing call charges nothing and returns 5xx, look-ups included', async () => {
  await control({ mode: 'fail' })
  expect(await post('/charges', { key: 'k', body })).toMatchObject({ status: 503 })
  expect(await get('/charges/k')).toMatchObject({ status: 503 })
  await control({ mode: 'ok' })
  expect(await get('/charges/k')).toMatchObject({ status: 404 })
})

test('a behaviour comes back in each period; a period that is not longer than it is refused', async () => {
  const inForce = await control({ mode: 'fail', forSeconds: 10, everySeconds: 60 })
  expect(inForce).toMatchObject({ status: 200, body: { mode: 'fail', everySeconds: 60 } })
  for (const wrong of [{ everySeconds: 60 }, { forSeconds: 60, everySeconds: 60 }, { forSeconds: 0, everySeconds: 0 }])
    expect(await control({ mode: 'ok', ...wrong })).toMatchObject({ status: 400 })
  expect(await post('/charges', { key: 'k', body })).toMatchObject({ status: 503 })
})

test('a closed key is never charged, and closing a charged one returns the charge', async () => {
  expect(await post('/charges/k/close')).toEqual({ status: 200, body: { status: 'closed' } })
  expect(await post('/charges', { key: 'k', body })).toEqual({ status: 410, body: { status: 'closed' } })
  await post('/charges', { key: 'order:2', body })
  expect(await post('/charges/order%3A2/close')).toMatchObject({ status: 200, body: { status: 'approved' } })
})

const decide = (redirectUrl: unknown, agree: boolean) =>
  fetch(`${redirectUrl}/decision?agree=${agree}`, { method: 'POST', redirect: 'manual' })

test('sim_3ds waits for the decision on the page of the bank, which counts once and leads back to the shop', async () => {
  const request = { ...body, paymentMethod: 'sim_3ds', returnUrl: 'http://shop.example/sale?payment=order-1' }
  const { body: charge } = await post('/charges', { key: 'k', body: request })
  expect(charge).toMatchObject({ status: 'needs-buyer', redirectUrl: expect.stringMatching(/\/bank\/ch_/) })
  expect(await get('/charges/k')).toEqual({ status: 200, body: charge })
  expect(await (await fetch(String(charge.redirectUrl))).text()).toContain('Agree')
  const back = await decide(charge.redirectUrl, true)
  expect(back.headers.get('location')).toBe(`http://shop.example/sale?payment=order-1&charge=${charge.id}`)
  expect((await decide(charge.redirectUrl, false)).status).toBe(303)
  expect(await get('/charges/k')).toMatchObject({ body: { status: 'approved' } })
  const { body: refused } = await post('/charges', { key: 'k2', body: request })
  await decide(refused.redirectUrl, false)
  expect(await get('/charges/k2')).toMatchObject({ body: { status: 'declined', reason: 'the buyer did not agree' } })
})

test('a charge that waits for its buyer can be closed, and no later decision charges it', async () => {
  const { body: charge } = await post('/charges', { key: 'k', body: { ...body, paymentMethod: 'sim_3ds' } })
  expect(await post('/charges/k/close')).toEqual({ status: 200, body: { status: 'closed' } })
  await decide(charge.redirectUrl, true)
  expect(await get('/charges/k')).toMatchObject({ body: { status: 'closed' } })
  expect(await (await fetch(String(charge.redirectUrl))).text()).toContain('no longer waits')
  expect(await charges()).toMatchObject([{ status: 'needs-buyer' }])
})

test('a refund is made once per key and never exceeds the charge', async () => {
  const { body: charge } = await post('/charges', { key: 'k', body })
  const first = await post(`/charges/${charge.id}/refunds`, { key: 'r' })
  expect(first).toMatchObject({ status: 201, body: { status: 'refunded', refundedMinor: 1_250 } })
  expect(await post(`/charges/${charge.id}/refunds`, { key: 'r' })).toEqual({ status: 200, body: first.body })
  expect(await post(`/charges/${charge.id}/refunds`, { key: 'r2' })).toMatchObject({ status: 409 })
  expect(await charges()).toMatchObject([{ refundedMinor: 1_250 }])
  expect(await post('/charges/none/refunds', { key: 'r3' })).toMatchObject({ status: 404 })
})

test('charges, refunds and closed keys survive a restart', async () => {
  const { body: charge } = await post('/charges', { key: 'k', body })
  await post(`/charges/${charge.id}/refunds`, { key: 'r', body: { amountMinor: 50 } })
  await post('/charges/c/close')
  const before = await charges()
  await simulator.stop()
  simulator = await startPaymentSimulator({ dataFile: join(directory, 'charges.jsonl') })
  expect(await charges()).toEqual(before)
  expect(await post('/charges', { key: 'k', body })).toEqual({ status: 200, body: charge })
  expect(await post('/charges', { key: 'c', body })).toMatchObject({ status: 410 })
})
