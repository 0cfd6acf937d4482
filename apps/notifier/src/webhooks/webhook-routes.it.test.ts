import {
  purchaseTrace,
  type WebhookDelivery,
  webhookDelivery,
  webhookPage,
  webhooksDropped,
  webhooksReplayed,
} from '@floodgate/contracts'
import { eventually } from '@floodgate/testkit'
import { expectProblem } from '@floodgate/testkit/fixtures'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createOrder, type Fixture, startFixture } from '../testing/fixture.ts'
import { respondWith, type ShopServer, startShopServer } from '../testing/shop-server.ts'
import { recordAttempt } from './webhook-store.ts'

let fixture: Fixture
let shop: ShopServer
let notifier: Awaited<ReturnType<Fixture['startNotifier']>>

beforeAll(async () => {
  ;[fixture, shop] = await Promise.all([startFixture(), startShopServer()])
  notifier = await fixture.startNotifier({
    WEBHOOKS: `shop=${shop.url}`,
    WEBHOOK_SECRETS: `whsec_${Buffer.alloc(24, 1).toString('base64')}`,
  })
})
afterAll(async () => {
  await notifier.stop()
  await Promise.all([fixture.stop(), shop.stop()])
})
beforeEach(async () => {
  shop.behave(respondWith(204))
  await fixture.pool.query('delete from notices.webhooks')
})

const ask = (path: string, { method = 'GET', token = fixture.adminToken, body = '' } = {}) =>
  fetch(`${notifier.url()}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body !== '' && { 'content-type': 'application/json' }) },
    ...(body !== '' && { body }),
  })
const post = (path: string, body = '') => ask(path, { method: 'POST', body })
const list = async (query = '') => webhookPage.parse(await (await ask(`/admin/webhooks${query}`)).json())

/** Creates webhooks that the shop gave up with 410. */
const deadWebhooks = async (count: number): Promise<readonly WebhookDelivery[]> => {
  shop.behave(respondWith(410))
  for (let n = 0; n < count; n += 1) await fixture.publish((await createOrder()).confirmed())
  const dead = await eventually(async () => {
    const { webhooks } = await list('?state=dead')
    expect(webhooks).toHaveLength(count)
    return webhooks
  })
  shop.behave(respondWith(204))
  return dead
}

test('the log has each webhook with its attempts, status and duration, newest first, page by page', async () => {
  const dead = await deadWebhooks(3)
  expect(dead[0]).toMatchObject({
    ...{ endpoint: 'shop', type: 'order.confirmed', state: 'dead', attempts: 1, status: 410, error: 'HTTP 410' },
    ...{ ms: expect.any(Number), triedAt: expect.any(String), dueAt: null, sentAt: null },
    recentAttempts: [{ at: expect.any(String), status: 410, ms: expect.any(Number) }],
  })
  const first = await list('?limit=2')
  const second = await list(`?limit=2&after=${first.next}`)
  expect([...first.webhooks, ...second.webhooks]).toEqual(dead)
  expect(second.next).toBeNull()
  const order = dead[1]?.order ?? ''
  expect((await list(`?order=${order}`)).webhooks).toEqual([dead[1]])
  for (const state of ['queued', 'deferred', 'sent']) expect((await list(`?state=${state}`)).webhooks).toEqual([])
})

test('dead webhooks are replayed at once, or one by one, and a sent one is sent again under its id', async () => {
  const dead = await deadWebhooks(3)
  const before = shop.received.length
  expect(webhooksReplayed.parse(await (await post('/admin/webhooks/replay')).json())).toEqual({ replayed: 3, dead: 0 })
  await eventually(async () => expect((await list('?state=sent')).webhooks).toHaveLength(3))
  expect(webhooksReplayed.parse(await (await post('/admin/webhooks/replay', '{}')).json())).toEqual({
    ...{ replayed: 0, dead: 0 },
  })
  const { id = '', event } = dead[0] ?? {}
  const again = webhookDelivery.parse(await (await post(`/admin/webhooks/${id}/replay`)).json())
  expect(again).toMatchObject({ id, event, state: 'queued' })
  await eventually(() => {
    const ids = shop.received.slice(before).map(({ headers }) => headers['webhook-id'])
    expect(ids.filter((each) => each === event)).toHaveLength(2)
  })
})

test('the log keeps the newest twenty attempts of a webhook, with date, status and duration', async () => {
  const [{ id = '' } = {}] = await deadWebhooks(1)
  for (let n = 1; n <= 24; n += 1)
    await recordAttempt(fixture.pool, id, { status: n % 2 === 0 ? 500 + n : null, ms: n })
  const [{ recentAttempts = [] } = {}] = (await list()).webhooks
  expect(recentAttempts.map(({ ms }) => ms)).toEqual(Array.from({ length: 20 }, (_, n) => n + 5))
  expect(recentAttempts.at(-1)).toEqual({ at: expect.any(String), status: 524, ms: 24 })
  expect(recentAttempts[0]?.status).toBeNull()
})

test('a dead webhook is dropped, stays in the log, is never sent by itself, and can still be replayed', async () => {
  const [{ id = '', order = '' } = {}] = await deadWebhooks(1)
  const before = shop.received.length
  const drop = () => ask(`/admin/webhooks/${id}/drop`, { method: 'POST' })
  expect(webhookDelivery.parse(await (await drop()).json())).toMatchObject({ id, state: 'dropped', sentAt: null })
  await expectProblem(await drop(), 'webhook-not-dead')
  expect((await list('?state=dropped')).webhooks).toMatchObject([{ id }])
  for (const state of ['dead', 'sent']) expect((await list(`?state=${state}`)).webhooks).toEqual([])
  const metrics = await (await fetch(`${notifier.opsUrl()}/metrics`)).text()
  expect(metrics).toMatch(/^floodgate_webhook_queue_length\{[^}]*state="dead"[^}]*\} 0$/m)
  expect(webhooksReplayed.parse(await (await post('/admin/webhooks/replay')).json())).toEqual({ replayed: 0, dead: 0 })
  const trace = purchaseTrace.parse(await (await ask(`/admin/traces/${order}`)).json())
  expect(trace.steps.map(({ detail }) => detail)).toContain('order.confirmed to shop, dropped: HTTP 410')
  expect(shop.received).toHaveLength(before)
  await post(`/admin/webhooks/${id}/replay`)
  await eventually(async () => expect((await list('?state=sent')).webhooks).toMatchObject([{ id }]))
})

test('all dead webhooks up to a time are dropped at once, also those of former endpoints; later ones stay', async () => {
  const dead = await deadWebhooks(3)
  const [newest] = dead
  await fixture.pool.query(`update notices.webhooks set endpoint = 'former' where id = $1`, [dead[2]?.id])
  await fixture.pool.query(`update notices.webhooks set tried_at = now() + interval '1 hour' where id = $1`, [
    newest?.id,
  ])
  const body = JSON.stringify({ before: new Date(Date.now() + 60_000).toISOString() })
  const drop = async () => webhooksDropped.parse(await (await post('/admin/webhooks/drop', body)).json())
  expect(await drop()).toEqual({ dropped: 2, dead: 1 })
  expect(await drop()).toEqual({ dropped: 0, dead: 1 })
  expect((await list('?state=dead')).webhooks.map(({ id }) => id)).toEqual([newest?.id])
})

test('a webhook of an endpoint that is no longer configured is not replayed', async () => {
  const [{ id = '' } = {}] = await deadWebhooks(1)
  await fixture.pool.query(`update notices.webhooks set endpoint = 'former'`)
  await expectProblem(await post(`/admin/webhooks/${id}/replay`), 'endpoint-gone')
  expect((await list('?state=dead')).webhooks).toMatchObject([{ id, endpoint: 'former' }])
})

test('bad requests change nothing', async () => {
  const [{ id = '' } = {}] = await deadWebhooks(1)
  const stranger = { token: 'another-token-of-somebody' }
  const problems = await Promise.all([
    ask('/admin/webhooks', stranger),
    ask('/admin/webhooks/replay', { ...stranger, method: 'POST' }),
    ask(`/admin/webhooks/${id}/replay`, { ...stranger, method: 'POST' }),
    ask('/admin/webhooks?state=gone'),
    ask('/admin/webhooks?limit=0'),
    ask('/admin/webhooks?order=1'),
    ask('/admin/webhooks?endpoint=shop'),
    post('/admin/webhooks/replay', '[]'),
    post(`/admin/webhooks/${id}/replay`, '{"state":"sent"}'),
    post('/admin/webhooks/unknown/replay'),
    ask(`/admin/webhooks/${id}/replay`),
    ask(`/admin/webhooks/${id}/drop`, { ...stranger, method: 'POST' }),
    ask('/admin/webhooks/unknown/drop', { method: 'POST' }),
    post(`/admin/webhooks/${id}/drop`, '{"state":"dropped"}'),
    post('/admin/webhooks/drop', '{}'),
    post('/admin/webhooks/drop', '{"before":"yesterday"}'),
  ])
  expect(problems.map(({ status }) => status)).toEqual([
    401, 401, 401, 400, 400, 400, 400, 400, 400, 404, 405, 401, 404, 400, 400, 400,
  ])
  expect((await list('?state=dead')).webhooks).toMatchObject([{ id, state: 'dead' }])
})
