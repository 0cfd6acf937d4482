import {
  catalogueResource,
  encodeEvent,
  orderPlaced,
  priceChangedProblem,
  publicCatalogue,
  soldOutProblem,
  stockAudit,
} from '@floodgate/contracts'
import { createEventBus } from '@floodgate/event-bus'
import { eventually } from '@floodgate/testkit'
import { ADMIN_TOKEN, expectProblem, silentLogger } from '@floodgate/testkit/fixtures'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Answer, call, createTestCore, type TestCore } from '../testing/running-core.ts'

let core: TestCore
let sales = 0
let sale = ''

const item = (sku: string, changes: object = {}) => ({
  sku,
  name: `Item ${sku}`,
  listPriceMinor: 2_000,
  salePriceMinor: 1_000,
  total: 5,
  perBuyerLimit: 2,
  ...changes,
})
const putCatalogue = (items: object[], currency = 'EUR') =>
  call(`${core.url}/admin/sales/${sale}/catalogue`, { method: 'PUT', token: ADMIN_TOKEN, body: { currency, items } })
const order = (items: object[] = [{ sku: 'tea', quantity: 1 }]) => ({
  items,
  email: 'buyer@example.org',
  paymentMethod: 'sim_ok',
})
const post = (token: string | undefined, body: unknown = order(), key: string | undefined = crypto.randomUUID()) =>
  call(`${core.url}/orders`, {
    method: 'POST',
    ...(token === undefined ? {} : { token }),
    ...(key === '' ? {} : { key }),
    body,
  })
const audit = async () =>
  stockAudit.parse((await call(`${core.url}/admin/sales/${sale}/stock`, { token: ADMIN_TOKEN })).body)
const expectShortage = (answer: Answer, status: number, code: string) =>
  expectProblem(new Response(answer.text, answer), code, status)

beforeAll(async () => {
  core = await createTestCore({ settings: { COMMIT_SECONDS: '1' } })
})
afterAll(() => core?.remove())
beforeEach(async () => {
  sales += 1
  sale = `sale-${sales}`
  expect((await putCatalogue([item('tea'), item('cup')])).status).toBe(201)
})

describe('an order', () => {
  it('is placed at the price of the catalogue, with a Location, and counted once on both sides', async () => {
    const answer = await post(await core.issuer.sign({ sale }), order([{ sku: 'tea', quantity: 2, priceMinor: 1_000 }]))
    expect(answer.status).toBe(201)
    const placed = orderPlaced.parse(answer.body)
    expect(placed).toMatchObject({ sale, status: 'pending', totalMinor: 2_000, currency: 'EUR' })
    expect(answer.headers.get('location')).toBe(`/orders/${placed.id}`)
    const figures = { available: 3, held: 2, sold: 0 }
    expect(await audit()).toMatchObject({ agree: true, skus: [{ sku: 'tea', redis: figures, postgres: figures }, {}] })
  })

  it('is answered with the same bytes when its key comes again, in any order of items and fields', async () => {
    const token = await core.issuer.sign({ sale })
    const items = [
      { sku: 'tea', quantity: 1 },
      { sku: 'cup', quantity: 1 },
    ]
    const first = await post(token, order(items), 'again')
    const second = await post(
      token,
      { paymentMethod: 'sim_ok', email: 'buyer@example.org', items: items.toReversed() },
      'again',
    )
    expect(first.headers.get('idempotent-replayed')).toBeNull()
    expect(second.status).toBe(201)
    expect(second.headers.get('idempotent-replayed')).toBe('true')
    expect(second.text).toBe(first.text)
  })

  it('sent many times at once is one order', async () => {
    const token = await core.issuer.sign({ sale })
    const answers = await Promise.all(Array.from({ length: 20 }, () => post(token, order(), 'burst')))
    expect(new Set(answers.map((answer) => `${answer.status} ${answer.text}`)).size).toBe(1)
    expect((await audit()).skus[0]?.postgres).toEqual({ available: 4, held: 1, sold: 0 })
  })

  it('is still known after it ended, after its admission ended, and when Redis has forgotten it', async () => {
    const claims = { sale, sub: 'buyer', jti: 'slot' }
    const first = await post(await core.issuer.sign(claims), order(), 'known')
    const id = orderPlaced.parse(first.body).id
    const late = await core.issuer.sign({ ...claims, iat: 1_700_000_000, exp: Math.floor(Date.now() / 1_000) - 5 })
    expect((await post(late, order(), 'known')).text).toBe(first.text)

    await call(`${core.url}/orders/${id}`, { method: 'DELETE', token: await core.issuer.sign(claims) })
    expect((await post(late, order(), 'known')).text).toBe(first.text)

    const keys = await import('../stock/keys.ts')
    const { Redis } = await import('ioredis')
    const client = new Redis(core.redis.url)
    await client.del(keys.saleKeys(sale).hold(id))
    client.disconnect()
    expect((await post(late, order(), 'known')).text).toBe(first.text)
    const again = await post(await core.issuer.sign(claims), order(), 'known')
    expect(again.text).toBe(first.text)
    expect(again.headers.get('idempotent-replayed')).toBe('true')
    await eventually(async () => expect(await audit()).toMatchObject({ agree: true }))
  })
})

describe('POST /orders refuses and changes nothing', () => {
  const untouched = async () => {
    expect(await audit()).toMatchObject({ agree: true, skus: [{ redis: { held: 0 } }, { redis: { held: 0 } }] })
    const { rows } = await core.pool.query('select from orders.orders where sale = $1', [sale])
    expect(rows).toHaveLength(0)
  }

  it.each([
    ['a missing admission', undefined, 401, 'admission-missing'],
    ['a forged admission', 'not.a.token', 401, 'admission-invalid'],
  ])('%s', async (_, token, status, code) => {
    await expectShortage(await post(token), status, code)
    await untouched()
  })

  it('a genuine pass of another issuer or for others, of which operators hear as well', async () => {
    for (const [claims, cause] of [
      [{ iss: 'elsewhere' }, 'issuer'],
      [{ aud: 'another-shop' }, 'audience'],
    ] as const) {
      await expectShortage(await post(await core.issuer.sign({ sale, ...claims })), 401, 'admission-invalid')
      const { text } = await call(`${core.opsUrl}/metrics`)
      expect(text).toMatch(new RegExp(`floodgate_passes_refused_total\\{[^}]*cause="${cause}"[^}]*\\} 1`))
    }
    await untouched()
  })

  it('an expired admission', async () => {
    const exp = Math.floor(Date.now() / 1_000) - 5
    await expectShortage(await post(await core.issuer.sign({ sale, exp })), 401, 'admission-expired')
    await expectShortage(await post(await core.issuer.sign({ sale, exp: exp - 90_000 })), 401, 'admission-expired')
    await untouched()
  })

  it('a pass that was given back, while what was ordered with it before is answered all the same', async () => {
    const [used, unused] = [
      await core.issuer.sign({ sale, jti: 'used' }),
      await core.issuer.sign({ sale, jti: 'unused' }),
    ]
    const placed = await post(used, order(), 'before')
    expect(placed.status).toBe(201)
    const bus = createEventBus({ kind: 'redis', redisUrl: core.redis.url, clientId: 'test', log: silentLogger })
    const at = new Date().toISOString()
    const passExpiresAt = new Date(Date.now() + 600_000).toISOString()
    await bus.publish(
      ['used', 'unused'].map((slot) =>
        encodeEvent({
          type: 'admission.revoked.v1',
          id: crypto.randomUUID(),
          source: '/floodgate/test',
          time: at,
          aggregateVersion: 1,
          data: { sale, slot, passExpiresAt, at },
        }),
      ),
    )
    await bus.close()
    const nothing = order([{ sku: 'gold', quantity: 1 }])
    await eventually(async () => await expectShortage(await post(unused, nothing), 401, 'admission-revoked'))
    await expectShortage(await post(unused), 401, 'admission-revoked')
    expect((await post(used, order(), 'before')).text).toBe(placed.text)
    expect((await audit()).skus[0]?.postgres).toMatchObject({ held: 1 })
  })

  it.each([
    ['no key', order(), '', 400, 'key-missing'],
    ['a key with a space', order(), 'a b', 400, 'invalid-request'],
    ['no items', order([]), 'k', 400, 'invalid-request'],
    [
      'an SKU twice',
      order([
        { sku: 'tea', quantity: 1 },
        { sku: 'tea', quantity: 1 },
      ]),
      'k',
      400,
      'invalid-request',
    ],
    ['an unknown field', { ...order(), coupon: 'x' }, 'k', 400, 'invalid-request'],
    ['half a quantity', order([{ sku: 'tea', quantity: 0.5 }]), 'k', 400, 'invalid-request'],
    ['NUL in a string', { ...order(), paymentMethod: 'a\0b' }, 'k', 400, 'invalid-request'],
    ['half a surrogate pair', { ...order(), paymentMethod: '\ud800' }, 'k', 400, 'invalid-request'],
    ['what is not JSON', '{', 'k', 400, 'invalid-request'],
    ['a huge body', { ...order(), paymentMethod: 'x'.repeat(20_000) }, 'k', 413, 'too-large'],
    ['an unknown SKU', order([{ sku: 'gold', quantity: 1 }]), 'k', 422, 'unknown-sku'],
    ['an old price', order([{ sku: 'tea', quantity: 1, priceMinor: 999 }]), 'k', 422, 'price-changed'],
    ['more than a buyer may have', order([{ sku: 'tea', quantity: 3 }]), 'k', 409, 'over-limit'],
  ])('%s', async (_, body, key, status, code) => {
    await expectShortage(await post(await core.issuer.sign({ sale }), body, key), status, code)
    await untouched()
  })

  it('a sale that closed longer ago than a pass can last; after any other close, whoever was let in may finish', async () => {
    const close = (closedAt: string) =>
      core.pool.query(
        `insert into orders.sales (id, state, version, closed_at) values ($1, 'closed', 1, ${closedAt})
         on conflict (id) do update set closed_at = excluded.closed_at`,
        [sale],
      )
    await close(`now() - interval '25 hours'`)
    const iat = Math.floor(Date.now() / 1_000) - 26 * 3_600
    await expectShortage(await post(await core.issuer.sign({ sale, iat })), 409, 'sale-closed')
    await untouched()
    await close(`now() - interval '5 seconds'`)
    // The core remembers the end for a second.
    await eventually(async () => expect((await post(await core.issuer.sign({ sale, iat }))).status).toBe(201))
  })

  it('what is sold out: final when all is sold, with Retry-After while units are merely held', async () => {
    await putCatalogue([item('tea', { total: 1 }), item('cup')])
    const first = await post(await core.issuer.sign({ sale }))
    expect(first.status).toBe(201)
    const held = await post(await core.issuer.sign({ sale }), order(), 'later')
    await expectShortage(held, 409, 'sold-out')
    const items = [{ sku: 'tea', available: 0, soldOut: false }]
    expect(soldOutProblem.parse(held.body)).toMatchObject({ skus: ['tea'], final: false, retryable: true, items })
    expect(Number(held.headers.get('retry-after'))).toBeGreaterThan(0)
  })

  it('more than is left: says how many there are, and asks nobody to wait who would wait in vain', async () => {
    await putCatalogue([item('tea', { total: 1 }), item('cup', { total: 3 })])
    const two = (sku: string) => ({ sku, quantity: 2 })
    const alone = await post(await core.issuer.sign({ sale }), order([two('tea')]))
    expect(soldOutProblem.parse(alone.body)).toMatchObject({
      final: false,
      retryable: false,
      items: [{ sku: 'tea', available: 1, soldOut: false }],
    })
    expect(alone.headers.get('retry-after')).toBeNull()
    expect((await post(await core.issuer.sign({ sale }), order([two('cup')]))).status).toBe(201)
    const both = await post(await core.issuer.sign({ sale }), order([two('cup'), { sku: 'tea', quantity: 1 }]))
    expect(soldOutProblem.parse(both.body)).toMatchObject({
      retryable: true,
      skus: ['cup'],
      items: [{ sku: 'cup', available: 1, soldOut: false }],
    })
    expect(both.headers.get('retry-after')).not.toBeNull()
  })

  it('another price or currency than the current one, and says which it is', async () => {
    const wanted = {
      ...order([
        { sku: 'tea', quantity: 1, priceMinor: 1_000 },
        { sku: 'cup', quantity: 1 },
      ]),
    }
    const token = await core.issuer.sign({ sale })
    const inDollars = await post(token, { ...wanted, currency: 'USD' }, 'k')
    await expectShortage(inDollars, 422, 'price-changed')
    const prices = ['cup', 'tea'].map((sku) => ({ sku, priceMinor: 1_000 }))
    expect(priceChangedProblem.parse(inDollars.body)).toMatchObject({ currency: 'EUR', items: prices })
    await putCatalogue([item('tea', { salePriceMinor: 5_000 }), item('cup')])
    const dearer = await post(token, { ...wanted, currency: 'EUR' }, 'k')
    expect(priceChangedProblem.parse(dearer.body)).toMatchObject({
      skus: ['tea'],
      currency: 'EUR',
      items: [{ sku: 'tea', priceMinor: 5_000 }],
    })
    await untouched()
    const seen = order([{ sku: 'tea', quantity: 1, priceMinor: 5_000 }])
    const placed = await post(token, { ...seen, currency: 'EUR' }, 'k')
    expect(orderPlaced.parse(placed.body)).toMatchObject({ totalMinor: 5_000, currency: 'EUR' })
  })

  it('a second order of one slot, and says where the first is', async () => {
    const claims = { sale, sub: 'buyer', jti: 'slot' }
    const first = await post(await core.issuer.sign(claims))
    const second = await post(await core.issuer.sign(claims))
    await expectShortage(second, 409, 'order-exists')
    expect(second.headers.get('location')).toBe(first.headers.get('location'))
  })

  it('another request with a known key', async () => {
    const token = await core.issuer.sign({ sale })
    await post(token, order(), 'key')
    await expectShortage(await post(token, order([{ sku: 'cup', quantity: 1 }]), 'key'), 422, 'key-reused')
  })
})

describe('the catalogue', () => {
  it('shows what is available, and a change only to those who ask again', async () => {
    const shown = await call(`${core.url}/sales/${sale}/catalogue`)
    expect(publicCatalogue.parse(shown.body).items[0]).toMatchObject({ sku: 'tea', available: 5, soldOut: false })
    const etag = shown.headers.get('etag') ?? ''
    const same = await fetch(`${core.url}/sales/${sale}/catalogue`, { headers: { 'if-none-match': etag } })
    expect(same.status).toBe(304)
    await expectShortage(await call(`${core.url}/sales/nothing-here/catalogue`), 404, 'not-found')
  })

  it('changes totals by the difference, and not below what is held', async () => {
    await post(await core.issuer.sign({ sale }), order([{ sku: 'tea', quantity: 2 }]))
    await expectShortage(await putCatalogue([item('tea', { total: 1 }), item('cup')]), 409, 'total-below-sold')
    await expectShortage(await putCatalogue([item('cup')]), 409, 'catalogue-conflict')
    expect((await putCatalogue([item('tea', { total: 3, salePriceMinor: 900 })])).status).toBe(200)
    expect(await audit()).toMatchObject({ agree: true, skus: [{ sku: 'tea', redis: { available: 1, held: 2 } }] })
    await expectShortage(
      await post(await core.issuer.sign({ sale }), order([{ sku: 'cup', quantity: 1 }])),
      422,
      'unknown-sku',
    )
    const cheaper = await post(await core.issuer.sign({ sale }))
    expect(orderPlaced.parse(cheaper.body).totalMinor).toBe(900)
  })

  it('ends at the first try while it sells: totals are raised to what is taken by then', async () => {
    await putCatalogue([item('tea', { total: 1_000 }), item('cup')])
    const buyers = Array.from({ length: 40 }, async () => (await post(await core.issuer.sign({ sale }))).status)
    const nothing = { currency: 'EUR', items: [item('tea', { total: 0 }), item('cup', { total: 0 })] }
    const url = `${core.url}/admin/sales/${sale}/catalogue`
    const ended = await call(`${url}?raiseTotals=true`, { method: 'PUT', token: ADMIN_TOKEN, body: nothing })
    expect(ended.status).toBe(200)
    const placed = (await Promise.all(buyers)).filter((status) => status === 201).length
    const { items } = catalogueResource.parse(ended.body)
    expect(items.map(({ sku, total }) => [sku, total])).toEqual([
      ['tea', placed],
      ['cup', 0],
    ])
    await eventually(async () => await expectShortage(await post(await core.issuer.sign({ sale })), 409, 'sold-out'))
    await eventually(async () => expect(await audit()).toMatchObject({ agree: true }))
    for (const query of ['raiseTotals=yes', 'raisetotals=true', 'raiseTotals=true&raiseTotals=true']) {
      const odd = await call(`${url}?${query}`, { method: 'PUT', token: ADMIN_TOKEN, body: nothing })
      await expectShortage(odd, 400, 'invalid-request')
    }
  })

  it('is the operator’s alone', async () => {
    const answer = await call(`${core.url}/admin/sales/${sale}/catalogue`, { method: 'PUT', body: {} })
    await expectShortage(answer, 401, 'unauthorized')
  })
})
