import { encodeEvent, orderPlaced, priceChangedProblem, soldOutProblem } from '@floodgate/contracts'
import { createEventBus } from '@floodgate/event-bus'
import { eventually } from '@floodgate/testkit'
import { silentLogger } from '@floodgate/testkit/fixtures'
import { describe, expect, it } from 'vitest'
import { call } from '../testing/running-core.ts'
import { expectRejected, item, order, withShop } from '../testing/shop.ts'

const shop = withShop()

describe('POST /orders rejects and changes nothing', () => {
  const untouched = async () => {
    expect(await shop.audit()).toMatchObject({ agree: true, skus: [{ redis: { held: 0 } }, { redis: { held: 0 } }] })
    const { rows } = await shop.core.pool.query('select from orders.orders where sale = $1', [shop.sale()])
    expect(rows).toHaveLength(0)
  }

  it.each([
    ['a missing admission', undefined, 401, 'admission-missing'],
    ['a forged admission', 'not.a.token', 401, 'admission-invalid'],
  ])('%s', async (_, token, status, code) => {
    await expectRejected(await shop.post(token), status, code)
    await untouched()
  })

  it('a genuine pass of another issuer or for another audience, which is counted for operators', async () => {
    for (const [claims, cause] of [
      [{ iss: 'elsewhere' }, 'issuer'],
      [{ aud: 'another-shop' }, 'audience'],
    ] as const) {
      await expectRejected(await shop.post(await shop.sign(claims)), 401, 'admission-invalid')
      const { text } = await call(`${shop.core.opsUrl}/metrics`)
      expect(text).toMatch(new RegExp(`floodgate_passes_refused_total\\{[^}]*cause="${cause}"[^}]*\\} 1`))
    }
    await untouched()
  })

  it('an expired admission', async () => {
    const exp = Math.floor(Date.now() / 1_000) - 5
    await expectRejected(await shop.post(await shop.sign({ exp })), 401, 'admission-expired')
    await expectRejected(await shop.post(await shop.sign({ exp: exp - 90_000 })), 401, 'admission-expired')
    await untouched()
  })

  it('a pass that was given back, while an earlier order of it is still returned', async () => {
    const [used, unused] = [await shop.sign({ jti: 'used' }), await shop.sign({ jti: 'unused' })]
    const placed = await shop.post(used, order(), 'before')
    expect(placed.status).toBe(201)
    const bus = createEventBus({ kind: 'redis', redisUrl: shop.core.redis.url, clientId: 'test', log: silentLogger })
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
          data: { sale: shop.sale(), slot, passExpiresAt, at },
        }),
      ),
    )
    await bus.close()
    const nothing = order([{ sku: 'gold', quantity: 1 }])
    await eventually(async () => await expectRejected(await shop.post(unused, nothing), 401, 'admission-revoked'))
    await expectRejected(await shop.post(unused), 401, 'admission-revoked')
    expect((await shop.post(used, order(), 'before')).text).toBe(placed.text)
    expect((await shop.audit()).skus[0]?.postgres).toMatchObject({ held: 1 })
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
    await expectRejected(await shop.post(await shop.sign(), body, key), status, code)
    await untouched()
  })

  it('a sale that closed longer ago than a pass can last; after any other close, admitted buyers may finish', async () => {
    const close = (closedAt: string) =>
      shop.core.pool.query(
        `insert into orders.sales (id, state, version, closed_at) values ($1, 'closed', 1, ${closedAt})
         on conflict (id) do update set closed_at = excluded.closed_at`,
        [shop.sale()],
      )
    await close(`now() - interval '25 hours'`)
    const iat = Math.floor(Date.now() / 1_000) - 26 * 3_600
    await expectRejected(await shop.post(await shop.sign({ iat })), 409, 'sale-closed')
    await untouched()
    await close(`now() - interval '5 seconds'`)
    // The core caches the end for a second.
    await eventually(async () => expect((await shop.post(await shop.sign({ iat }))).status).toBe(201))
  })

  it('what is sold out: final when all is sold, with Retry-After while units are merely held', async () => {
    await shop.putCatalogue([item('tea', { total: 1 }), item('cup')])
    const first = await shop.post(await shop.sign())
    expect(first.status).toBe(201)
    const held = await shop.post(await shop.sign(), order(), 'later')
    await expectRejected(held, 409, 'sold-out')
    const items = [{ sku: 'tea', available: 0, soldOut: false }]
    expect(soldOutProblem.parse(held.body)).toMatchObject({ skus: ['tea'], final: false, retryable: true, items })
    expect(Number(held.headers.get('retry-after'))).toBeGreaterThan(0)
  })

  it('more than is left: says how many are left, and sends Retry-After only where waiting can help', async () => {
    await shop.putCatalogue([item('tea', { total: 1 }), item('cup', { total: 3 })])
    const two = (sku: string) => ({ sku, quantity: 2 })
    const alone = await shop.post(await shop.sign(), order([two('tea')]))
    expect(soldOutProblem.parse(alone.body)).toMatchObject({
      final: false,
      retryable: false,
      items: [{ sku: 'tea', available: 1, soldOut: false }],
    })
    expect(alone.headers.get('retry-after')).toBeNull()
    expect((await shop.post(await shop.sign(), order([two('cup')]))).status).toBe(201)
    const both = await shop.post(await shop.sign(), order([two('cup'), { sku: 'tea', quantity: 1 }]))
    expect(soldOutProblem.parse(both.body)).toMatchObject({
      retryable: true,
      skus: ['cup'],
      items: [{ sku: 'cup', available: 1, soldOut: false }],
    })
    expect(both.headers.get('retry-after')).not.toBeNull()
  })

  it('another price or currency than the current one, which it names', async () => {
    const wanted = {
      ...order([
        { sku: 'tea', quantity: 1, priceMinor: 1_000 },
        { sku: 'cup', quantity: 1 },
      ]),
    }
    const token = await shop.sign()
    const inDollars = await shop.post(token, { ...wanted, currency: 'USD' }, 'k')
    await expectRejected(inDollars, 422, 'price-changed')
    const prices = ['cup', 'tea'].map((sku) => ({ sku, priceMinor: 1_000 }))
    expect(priceChangedProblem.parse(inDollars.body)).toMatchObject({ currency: 'EUR', items: prices })
    await shop.putCatalogue([item('tea', { salePriceMinor: 5_000 }), item('cup')])
    const dearer = await shop.post(token, { ...wanted, currency: 'EUR' }, 'k')
    expect(priceChangedProblem.parse(dearer.body)).toMatchObject({
      skus: ['tea'],
      currency: 'EUR',
      items: [{ sku: 'tea', priceMinor: 5_000 }],
    })
    await untouched()
    const seen = order([{ sku: 'tea', quantity: 1, priceMinor: 5_000 }])
    const placed = await shop.post(token, { ...seen, currency: 'EUR' }, 'k')
    expect(orderPlaced.parse(placed.body)).toMatchObject({ totalMinor: 5_000, currency: 'EUR' })
  })

  it('a second order of one slot, with the Location of the first', async () => {
    const claims = { sub: 'buyer', jti: 'slot' }
    const first = await shop.post(await shop.sign(claims))
    const second = await shop.post(await shop.sign(claims))
    await expectRejected(second, 409, 'order-exists')
    expect(second.headers.get('location')).toBe(first.headers.get('location'))
  })

  it('another request with a known key', async () => {
    const token = await shop.sign()
    await shop.post(token, order(), 'key')
    await expectRejected(await shop.post(token, order([{ sku: 'cup', quantity: 1 }]), 'key'), 422, 'key-reused')
  })
})
