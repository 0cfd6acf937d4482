import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import { eventually } from '@floodgate/testkit'
import { ADMIN_TOKEN } from '@floodgate/testkit/fixtures'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { call, createTestCore, type TestCore } from '../testing/running-core.ts'

let core: TestCore

beforeAll(async () => {
  const settings = { ALLOWED_ORIGINS: 'https://shop.example' }
  core = await createTestCore({ settings })
  const total = 1_000
  await core.saveCatalogue([{ total }, { sku: 'rare', total: 0 }, { sku: 'gift', total, salePriceMinor: 0 }])
})
afterAll(() => core?.remove())

const order = { items: [{ sku: 'tea', quantity: 1 }], email: 'a@example.org', paymentMethod: 'Überweisung' }
const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

interface Ask {
  readonly token?: string
  readonly key?: string
  readonly type?: string
  readonly body?: unknown
  readonly headers?: readonly string[]
}

/** Uses Node's own client, which sends exactly the given headers. */
const post = ({ token, key = crypto.randomUUID(), type = 'application/json', body = order, headers = [] }: Ask) =>
  new Promise<{ status: number; headers: Record<string, unknown>; text: string }>((resolve, reject) => {
    const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
    const given = ['host', new URL(core.url).host, 'content-type', type, 'traceparent', traceparent]
    const length = headers.includes('transfer-encoding') ? [] : ['content-length', String(bytes.length)]
    const own = [...(token ? ['authorization', `Bearer ${token}`] : []), ...(key ? ['idempotency-key', key] : [])]
    const options = { method: 'POST', headers: [...given, ...length, ...own, ...headers] }
    const sent = request(`${core.url}/orders`, options, async (response) => {
      const chunks: Buffer[] = []
      for await (const chunk of response) chunks.push(chunk as Buffer)
      const { date: _, ...others } = response.headers
      resolve({ status: response.statusCode ?? 0, headers: others, text: Buffer.concat(chunks).toString() })
    })
    sent.on('error', reject)
    sent.end(bytes)
  })

it.each<[string, () => Promise<Ask>, number]>([
  ['no admission', async () => ({}), 401],
  ['a forged admission', async () => ({ token: `${await core.issuer.sign()}x` }), 401],
  ['an admission that ended', async () => ({ token: await core.issuer.sign({ exp: 1_700_000_000 }) }), 401],
  ['no key', async () => ({ token: await core.issuer.sign(), key: '' }), 400],
  ['a key of two words', async () => ({ token: await core.issuer.sign(), key: 'a b' }), 400],
  ['a key twice', async () => ({ token: await core.issuer.sign(), headers: ['idempotency-key', 'b'] }), 400],
  ['a body that is no JSON', async () => ({ token: await core.issuer.sign(), body: '{' }), 400],
  ['a field that is too much', async () => ({ token: await core.issuer.sign(), body: { ...order, more: 1 } }), 400],
  [
    'an unknown item',
    async () => ({ token: await core.issuer.sign(), body: { ...order, items: [{ sku: 'x', quantity: 1 }] } }),
    422,
  ],
  [
    'a sold-out item',
    async () => ({ token: await core.issuer.sign(), body: { ...order, items: [{ sku: 'rare', quantity: 1 }] } }),
    409,
  ],
  [
    'more than the limit',
    async () => ({ token: await core.issuer.sign(), body: { ...order, items: [{ sku: 'tea', quantity: 3 }] } }),
    409,
  ],
  [
    'a sold-out item, to a listed origin',
    async () => ({
      token: await core.issuer.sign(),
      body: { ...order, items: [{ sku: 'rare', quantity: 1 }] },
      headers: ['origin', 'https://shop.example'],
    }),
    409,
  ],
  ['no admission, to another origin', async () => ({ headers: ['origin', 'https://other.example'] }), 401],
  ['a body that is too large', async () => ({ token: await core.issuer.sign(), body: ' '.repeat(17_000) }), 413],
  ['a body of nothing', async () => ({ token: await core.issuer.sign(), body: '' }), 400],
  ['another media type', async () => ({ token: await core.issuer.sign(), type: 'text/plain' }), 415],
])('is rejected with %s', async (_, make, status) => {
  const response = await post(await make())
  expect(response.status).toBe(status)
  expect(JSON.parse(response.text).traceId).toBe(traceparent.slice(3, 35))
})

it('an order is repeated byte for byte, also for a request that does not take the fast path', async () => {
  const ask = { token: await core.issuer.sign(), key: crypto.randomUUID() }
  const [placed, again] = [await post(ask), await post({ ...ask, type: 'application/json; charset=utf-8' })]
  expect(placed.status).toBe(201)
  expect(again.text).toBe(placed.text)
  expect(again.headers).toEqual({ ...placed.headers, 'idempotent-replayed': 'true' })
})

it('a listed origin may read the Location of its order', async () => {
  const headers = ['origin', 'https://shop.example']
  const placed = await post({ token: await core.issuer.sign(), key: crypto.randomUUID(), headers })
  expect(placed.status).toBe(201)
  expect(placed.headers['access-control-allow-origin']).toBe('https://shop.example')
  expect(placed.headers['access-control-expose-headers']).toContain('location')
})

it('a body of unknown length, and one with a byte order mark, are read', async () => {
  const chunked = await post({ token: await core.issuer.sign(), headers: ['transfer-encoding', 'chunked'] })
  expect(chunked.status).toBe(201)
  expect((await post({ token: await core.issuer.sign(), body: `\ufeff${JSON.stringify(order)}` })).status).toBe(201)
})

it('a client that disconnects during its body is harmless', async () => {
  const { host, hostname, port } = new URL(core.url)
  const socket = connect(Number(port), hostname)
  socket.write(
    `POST /orders HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{`,
  )
  await once(socket, 'connect')
  socket.destroy()
  await once(socket, 'close')
  expect((await post({ token: await core.issuer.sign() })).status).toBe(201)
})

it('keeps the language of its first request, which a repetition is not compared by', async () => {
  const ask = { token: await core.issuer.sign(), key: crypto.randomUUID() }
  const placed = await post({ ...ask, headers: ['accept-language', 'ko-KR,ko;q=0.9,en;q=0.8'] })
  const again = await post({ ...ask, headers: ['accept-language', 'en'] })
  expect([placed.status, again.status, again.text]).toEqual([201, 201, placed.text])
  const silent = await post({ token: await core.issuer.sign() })
  const { rows } = await core.pool.query('select id, language from orders.orders where id = any ($1::uuid[])', [
    [placed, silent].map(({ text }) => JSON.parse(text).id),
  ])
  expect(new Map(rows.map(({ id, language }) => [id, language]))).toEqual(
    new Map([
      [JSON.parse(placed.text).id, 'ko'],
      [JSON.parse(silent.text).id, null],
    ]),
  )
})

it('is rejected in the language of its request', async () => {
  const rejected = await post({
    token: await core.issuer.sign(),
    body: { ...order, items: [{ sku: 'rare', quantity: 1 }] },
    headers: ['accept-language', 'ko'],
  })
  expect(rejected.headers['content-language']).toBe('ko')
  expect(JSON.parse(rejected.text)).toMatchObject({ code: 'sold-out', title: '재고가 부족합니다' })
})

const errorsOf = (text: string) => (JSON.parse(text) as { errors: { pointer: string; message: string }[] }).errors
const of = (...skus: string[]) => ({ items: skus.map((sku) => ({ sku, quantity: 1 })), email: order.email })

it.each([
  ['without a payment method', undefined],
  ['with one that nobody knows', 'with an unknown method'],
])('a free order is confirmed %s', async (_, paymentMethod) => {
  const token = await core.issuer.sign()
  const placed = await post({ token, body: { ...of('gift'), paymentMethod } })
  expect(placed.status).toBe(201)
  const { id, totalMinor } = JSON.parse(placed.text) as { id: string; totalMinor: number }
  expect(totalMinor).toBe(0)
  await eventually(async () =>
    expect((await call(`${core.url}/orders/${id}`, { token })).body).toMatchObject({ status: 'confirmed', version: 2 }),
  )
  const trace = await call(`${core.url}/admin/traces/${id}`, { token: ADMIN_TOKEN })
  expect(trace.body).toMatchObject({
    steps: expect.arrayContaining([expect.objectContaining({ step: 'order.confirmed', detail: 'nothing to pay' })]),
  })
  const again = await call(`${core.url}/orders/${id}`, { method: 'DELETE', token })
  expect(again.body).toMatchObject({ code: 'order-not-cancellable' })
})

it('an order that costs something waits for its payment, whatever else is in it, and names a payment method', async () => {
  const token = await core.issuer.sign()
  const rejected = await post({ token, body: of('gift', 'tea') })
  expect(rejected.status).toBe(400)
  expect(errorsOf(rejected.text)).toEqual([
    { pointer: '/paymentMethod', message: 'must be given: the order costs something' },
  ])
  const placed = await post({ token, body: { ...of('gift', 'tea'), paymentMethod: 'sim_ok' } })
  expect(placed.status).toBe(201)
  expect(JSON.parse(placed.text)).toMatchObject({ totalMinor: 10, status: 'pending' })
})

it('the same address, however its domain is typed, is the same order', async () => {
  const [token, key] = [await core.issuer.sign(), crypto.randomUUID()]
  const responses = []
  for (const email of ['r&d@müller.example', 'r&d@xn--mller-kva.example', 'r&d@MÜLLER.Example'])
    responses.push(await post({ token, key, body: { ...order, email } }))
  expect(responses.map(({ status }) => status)).toEqual([201, 201, 201])
  expect(new Set(responses.map(({ text }) => text)).size).toBe(1)
  const another = await post({ token, key, body: { ...order, email: 'R&D@müller.example' } })
  expect(JSON.parse(another.text)).toMatchObject({ code: 'key-reused' })
})

it.each([
  ['ann@example.com\r\nBcc: all@example.com', /one @/],
  ['müller@example.com', /must be ASCII/],
  ['"a b"@example.com', /before the @/],
  ['ann@localhost', /whole domain name/],
])('%j is rejected with its reason', async (email, why) => {
  const { status, text } = await post({ token: await core.issuer.sign(), body: { ...order, email } })
  expect(status).toBe(400)
  expect(errorsOf(text)).toEqual([{ pointer: '/email', message: expect.stringMatching(why) }])
})
