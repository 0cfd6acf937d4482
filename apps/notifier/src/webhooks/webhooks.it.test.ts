import { readiness, webhookPayload } from '@floodgate/contracts'
import { eventually } from '@floodgate/testkit'
import { Webhook } from 'standardwebhooks'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { eraseNotices } from '../erasure/erase-orders.ts'
import { createOrder, type Fixture, startFixture } from '../testing/fixture.ts'
import { respondWith, type ShopServer, startShopServer } from '../testing/shop-server.ts'

const [OLD_SECRET = '', NEW_SECRET = ''] = [1, 2].map((n) => `whsec_${Buffer.alloc(24, n).toString('base64')}`)

let fixture: Fixture
let shop: ShopServer
let erp: ShopServer
let notifier: Awaited<ReturnType<Fixture['startNotifier']>>

beforeAll(async () => {
  ;[fixture, shop, erp] = await Promise.all([startFixture(), startShopServer(), startShopServer()])
})
afterAll(async () => {
  await Promise.all([fixture.stop(), shop.stop(), erp.stop()])
})
beforeEach(async () => {
  for (const server of [shop, erp]) server.behave(respondWith(204))
  await fixture.pool.query('delete from notices.webhooks')
  notifier = await fixture.startNotifier({
    WEBHOOKS: `shop=${shop.url}/hooks, erp=${erp.url}/hooks`,
    WEBHOOK_SECRETS: `${NEW_SECRET},${OLD_SECRET}`,
    WEBHOOK_TIMEOUT_MS: '1000',
  })
})
afterEach(() => notifier.stop())

const rowsOf = async (order: string) => {
  const { rows } = await fixture.pool.query<{ endpoint: string; status: string; attempts: number; error: string }>(
    `select endpoint, status, attempts, last_error as error, last_status as "lastStatus" from notices.webhooks
     where order_id = $1 order by endpoint`,
    [order],
  )
  return rows
}
const untilSent = (order: string) =>
  eventually(async () =>
    expect(await rowsOf(order)).toMatchObject([
      { endpoint: 'erp', status: 'sent' },
      { endpoint: 'shop', status: 'sent' },
    ]),
  )

/** Returns the distinct webhooks about an order: on a busy machine one may be late, and come again under its id. */
const idsAt = (server: ShopServer, order: string) =>
  [...new Set(server.about(order).map(({ headers }) => headers['webhook-id']))].sort()

test('each endpoint gets every end of an order under one id, signed by each secret, however often its event is delivered', async () => {
  const order = await createOrder()
  const events = [order.confirmed(), order.cancelled('by-operator'), order.refunded()]
  await fixture.publish(...events, ...events)
  await eventually(async () => {
    const rows = await rowsOf(order.id)
    expect(rows.map(({ status }) => status)).toEqual(Array.from({ length: 6 }, () => 'sent'))
  })
  for (const { headers, body, path } of shop.about(order.id)) {
    expect(path).toBe('/hooks')
    for (const secret of [OLD_SECRET, NEW_SECRET])
      webhookPayload.parse(new Webhook(secret).verify(body, headers as Record<string, string>))
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'user-agent': 'Floodgate' })
  }
  const ids = events.map(({ id }) => id).sort()
  for (const server of [shop, erp]) expect(idsAt(server, order.id)).toEqual(ids)
})

test('a mute endpoint delays no other, and gets everything when it responds again, under the same ids', async () => {
  shop.behave(() => undefined)
  const orders = await Promise.all(Array.from({ length: 25 }, () => createOrder()))
  await fixture.publish(...orders.map((order) => order.confirmed()))
  await eventually(() => {
    for (const { id } of orders) expect(idsAt(erp, id)).toHaveLength(1)
  })
  await eventually(async () => {
    const { degraded } = readiness.parse(await (await fetch(`${notifier.opsUrl()}/readyz`)).json())
    expect(degraded).toContain('webhooks')
  })
  const metrics = await (await fetch(`${notifier.opsUrl()}/metrics`)).text()
  expect(metrics).toMatch(/floodgate_webhook_endpoint_paused\{[^}]*endpoint="shop"[^}]*\} 1/)
  shop.behave(respondWith(200))
  for (const { id } of orders) await untilSent(id)
  for (const { id } of orders) expect(idsAt(shop, id)).toEqual(idsAt(erp, id))
})

test.each([
  ['an error of the shop', 500, {}],
  ['too many requests', 429, {}],
  ['a bug of the shop', 404, {}],
  ['a redirect, which is not followed', 307, { location: '/elsewhere' }],
])('%s is retried until the shop has it', async (_, status, headers) => {
  shop.behave(respondWith(status, headers))
  const order = await createOrder()
  await fixture.publish(order.confirmed())
  await eventually(async () =>
    expect((await rowsOf(order.id)).find(({ endpoint }) => endpoint === 'shop')).toMatchObject({
      ...{ status: 'queued', error: `HTTP ${status}`, lastStatus: status },
    }),
  )
  shop.behave(respondWith(201))
  await untilSent(order.id)
  expect(shop.about(order.id).every(({ path }) => path === '/hooks')).toBe(true)
})

test('410 gives a webhook up at once', async () => {
  shop.behave(respondWith(410))
  const order = await createOrder()
  await fixture.publish(order.confirmed())
  await eventually(async () =>
    expect(await rowsOf(order.id)).toMatchObject([
      { endpoint: 'erp', status: 'sent' },
      { endpoint: 'shop', status: 'dead', error: 'HTTP 410' },
    ]),
  )
})

test('a webhook that failed for a day is given up', async () => {
  shop.behave(respondWith(503))
  const order = await createOrder()
  await fixture.publish(order.confirmed())
  await eventually(async () => expect((await rowsOf(order.id))[1]).toMatchObject({ error: 'HTTP 503' }))
  await fixture.pool.query(
    `update notices.webhooks set trouble_since = now() - interval '25 hours', due_at = now() where status = 'queued'`,
  )
  await eventually(async () => expect((await rowsOf(order.id))[1]).toMatchObject({ status: 'dead' }))
})

test('an endless response is cut off, and its status counts', async () => {
  shop.behave((response) => {
    response.writeHead(200)
    const more = () => {
      while (!response.destroyed && response.write('x'.repeat(16_384)));
    }
    response.on('drain', more)
    more()
  })
  const order = await createOrder()
  await fixture.publish(order.confirmed())
  await untilSent(order.id)
})

test('an event older than the retention is not sent, and one of yesterday is: the notifiers may have been down', async () => {
  const [old, fresh] = [await createOrder(), await createOrder()]
  const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString()
  await fixture.publish({ ...old.confirmed(), time: hoursAgo(31 * 24) })
  await fixture.publish({ ...fresh.confirmed(), time: hoursAgo(30) })
  await untilSent(fresh.id)
  expect(await rowsOf(old.id)).toEqual([])
})

test('an erased buyer stands in no webhook, waiting, sent or late', async () => {
  shop.behave(respondWith(503))
  const [known, late] = [await createOrder({ buyer: 'erased-buyer' }), await createOrder({ buyer: 'erased-buyer' })]
  await fixture.publish(known.confirmed())
  await eventually(async () => expect((await rowsOf(known.id))[1]).toMatchObject({ error: 'HTTP 503' }))
  const { erased } = await eraseNotices(fixture.pool, { orders: [known.id, late.id] })
  expect(erased['notices.webhooks']).toBe(2)
  const before = shop.received.length
  await fixture.publish(late.refunded())
  shop.behave(respondWith(204))
  for (const { id } of [known, late]) await untilSent(id)
  const bodies = shop.received.slice(before).map(({ body }) => webhookPayload.parse(JSON.parse(body)))
  expect(bodies.find(({ type }) => type === 'order.refunded')?.data).toMatchObject({ buyer: null, order: late.id })
  expect(bodies.at(-1)?.data.buyer).toBeNull()
})
