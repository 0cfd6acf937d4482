import { operatorOrderResource, orderPlaced, orderResource } from '@floodgate/contracts'
import { closeRedis } from '@floodgate/redis'
import { connectRedis, eventually } from '@floodgate/testkit'
import { ADMIN_TOKEN } from '@floodgate/testkit/fixtures'
import { describe, expect, it } from 'vitest'
import { saleKeys } from '../stock/keys.ts'
import { call } from '../testing/running-core.ts'
import { expectRejected, item, order, withShop } from '../testing/shop.ts'
import { vouchersOf } from '../testing/vouchers.ts'

const shop = withShop()
const vouchers = vouchersOf(shop)

const withVoucher = (changes: object = {}, voucher = 'spring') => ({ ...order(), voucher, ...changes })
const idOf = (response: { body: unknown }) => orderPlaced.parse(response.body).id
const read = async (token: string, id: string) =>
  orderResource.parse((await call(`${shop.core.url}/orders/${id}`, { token })).body)
const cancel = (token: string, id: string) => call(`${shop.core.url}/orders/${id}`, { method: 'DELETE', token })
const voucherNow = async (token: string) => (await vouchers.claim(token)).body

describe('an order with a voucher', () => {
  it('costs less, by the price of the ledger, and shows what was taken off', async () => {
    await vouchers.put()
    const token = await vouchers.owner()
    const placed = await shop.post(token, withVoucher(), 'key')
    expect(placed.status).toBe(201)
    expect(orderPlaced.parse(placed.body)).toMatchObject({
      ...{ voucher: 'spring', subtotalMinor: 1_000, discountMinor: 300, totalMinor: 700 },
      items: [{ sku: 'tea', quantity: 1, priceMinor: 1_000 }],
    })
    const again = await shop.post(token, withVoucher(), 'key')
    expect({ text: again.text, replayed: again.headers.get('idempotent-replayed') }).toEqual({
      ...{ text: placed.text, replayed: 'true' },
    })
    const shown = await read(token, idOf(placed))
    expect(shown).toMatchObject({ voucher: 'spring', subtotalMinor: 1_000, discountMinor: 300, totalMinor: 700 })
    const inspected = await call(`${shop.core.url}/admin/orders/${idOf(placed)}`, { token: ADMIN_TOKEN })
    expect(operatorOrderResource.parse(inspected.body)).toMatchObject({ discountMinor: 300, totalMinor: 700 })
    expect(await voucherNow(token)).toMatchObject({ state: 'reserved', order: idOf(placed) })
    const { rows } = await shop.core.pool.query('select data from orders.outbox where key = $1', [idOf(placed)])
    expect(JSON.parse(rows[0].data)).toMatchObject({ totalMinor: 700 })
  })

  it('is another request than one without it', async () => {
    await vouchers.put()
    const token = await vouchers.owner()
    await shop.post(token, withVoucher(), 'key')
    await expectRejected(await shop.post(token, order(), 'key'), 422, 'key-reused')
  })

  it.each([
    ['all of it', { discount: { kind: 'fixed', amountMinor: 5_000 } }],
    ['exactly its price', { discount: { kind: 'fixed', amountMinor: 1_000 } }],
    ['a hundred percent', { discount: { kind: 'percentage', percent: 100 } }],
  ])('that takes %s off is free: confirmed without a payment method', async (_, change) => {
    await vouchers.put(change)
    const token = await vouchers.owner()
    const { paymentMethod: _method, ...body } = withVoucher()
    const placed = await shop.post(token, body)
    expect(orderPlaced.parse(placed.body)).toMatchObject({ subtotalMinor: 1_000, discountMinor: 1_000, totalMinor: 0 })
    await eventually(async () => expect((await read(token, idOf(placed))).status).toBe('confirmed'))
    expect(await voucherNow(token)).toMatchObject({ state: 'used', order: idOf(placed) })
  })

  it('that leaves something to pay needs a payment method, and holds nothing without one', async () => {
    await vouchers.put({ discount: { kind: 'percentage', percent: 100, capMinor: 999 } })
    const token = await vouchers.owner()
    const { paymentMethod: _method, ...body } = withVoucher()
    await expectRejected(await shop.post(token, body), 400, 'invalid-request')
    expect(await voucherNow(token)).toMatchObject({ state: 'issued' })
    expect(await shop.audit()).toMatchObject({ agree: true, skus: [{ redis: { held: 0 } }, {}] })
    expect((await shop.post(token, withVoucher())).body).toMatchObject({ totalMinor: 1 })
  })

  it.each([
    ['the buyer has not claimed', withVoucher(), 422, 'voucher-unknown'],
    ['does not exist', withVoucher({}, 'winter'), 422, 'voucher-unknown'],
    ['is no name of a campaign', withVoucher({}, 'Not_valid'), 400, 'invalid-request'],
  ])('that %s is rejected, and holds nothing', async (_, body, status, code) => {
    await vouchers.put()
    await vouchers.owner()
    await expectRejected(await shop.post(await shop.sign(), body), status, code)
    expect(await shop.audit()).toMatchObject({ agree: true, skus: [{ redis: { held: 0 } }, {}] })
  })

  it('that Redis has and the ledger does not show is tried again: a demoted primary lacks the newest ones', async () => {
    await vouchers.put()
    const token = await vouchers.owner()
    const taken = await shop.core.pool.query('delete from orders.vouchers returning to_json(vouchers) as voucher')
    await expectRejected(await shop.post(token, withVoucher(), 'key'), 503, 'busy')
    await shop.core.pool.query(
      'insert into orders.vouchers select * from json_populate_recordset(null::orders.vouchers, $1)',
      [JSON.stringify(taken.rows.map(({ voucher }) => voucher))],
    )
    expect((await shop.post(token, withVoucher(), 'key')).status).toBe(201)
  })

  it('below the minimum is rejected with it; at the minimum it passes', async () => {
    await vouchers.put({ minimumMinor: 2_000 })
    const token = await vouchers.owner()
    const response = await shop.post(token, withVoucher())
    await expectRejected(response, 422, 'voucher-minimum')
    expect(response.body).toMatchObject({ minimumMinor: 2_000 })
    expect((await shop.post(token, withVoucher({ items: [{ sku: 'tea', quantity: 2 }] }))).status).toBe(201)
  })

  it('is rejected once the campaign is over, with its times', async () => {
    await vouchers.put()
    const token = await vouchers.owner()
    const validUntil = new Date(Date.now() - 1_000).toISOString()
    await vouchers.put({ validUntil })
    const response = await shop.post(token, withVoucher())
    await expectRejected(response, 409, 'voucher-not-valid')
    expect(response.body).toMatchObject({ validUntil })
  })

  it('gives it to one of two orders, also when both are placed at once', async () => {
    await vouchers.put()
    const sub = crypto.randomUUID()
    const tokens = [await vouchers.owner({ sub }), await shop.sign({ sub }), await shop.sign({ sub })]
    const responses = await Promise.all(
      tokens.map((token, n) =>
        shop.post(token, withVoucher({ items: [{ sku: n === 0 ? 'tea' : 'cup', quantity: 1 }] })),
      ),
    )
    expect(responses.map(({ status }) => status).toSorted()).toEqual([201, 409, 409])
    const rejected = responses.filter(({ status }) => status === 409)
    for (const response of rejected) await expectRejected(response, 409, 'voucher-used')
    const later = await shop.post(await shop.sign({ sub }), withVoucher())
    await expectRejected(later, 409, 'voucher-used')
    const [won] = responses.filter(({ status }) => status === 201)
    expect(later.body).toMatchObject({ state: 'reserved', order: won && idOf(won) })
    await eventually(async () =>
      expect((await shop.audit()).skus.map(({ redis }) => redis.held).toSorted()).toEqual([0, 1]),
    )
  })

  it('gives it to one of a hundred orders that are placed at once', async () => {
    await vouchers.put()
    await shop.putCatalogue([item('tea', { total: 200, perBuyerLimit: 200 }), item('cup')])
    const sub = crypto.randomUUID()
    await vouchers.owner({ sub })
    const responses = await Promise.all(
      Array.from({ length: 100 }, async () => {
        const [token, key] = [await shop.sign({ sub }), crypto.randomUUID()]
        return await eventually(
          async () => {
            const response = await shop.post(token, withVoucher(), key)
            expect(response.status).not.toBe(503)
            return response
          },
          { intervalMs: 300 },
        )
      }),
    )
    const [placed, rejected] = [201, 409].map((status) => responses.filter((response) => response.status === status))
    expect([placed?.length, rejected?.length]).toEqual([1, 99])
    for (const response of rejected ?? []) await expectRejected(response, 409, 'voucher-used')
    expect(await vouchers.counts()).toMatchObject({ issued: 1, reserved: 1, used: 0 })
    await eventually(async () =>
      expect(await shop.audit()).toMatchObject({ agree: true, skus: [{ redis: { held: 1 } }, {}] }),
    )
  })

  it('that is not written reserves nothing: another order has its slot', async () => {
    await vouchers.put()
    const claims = { sub: crypto.randomUUID(), jti: crypto.randomUUID() }
    const token = await vouchers.owner(claims)
    const first = await shop.post(token, order(), 'first')
    // Redis forgets the slot, so that Postgres decides.
    const redis = await connectRedis(shop.core.redis.url)
    await redis.hdel(saleKeys(shop.sale()).slots, claims.jti)
    await closeRedis(redis)
    await expectRejected(await shop.post(token, withVoucher(), 'second'), 409, 'order-exists')
    expect(first.status).toBe(201)
    expect(await voucherNow(token)).toMatchObject({ state: 'issued', order: null })
  })

  it('gives it back when it is cancelled; the next order uses it', async () => {
    await vouchers.put()
    const sub = crypto.randomUUID()
    const token = await vouchers.owner({ sub })
    const placed = await shop.post(token, withVoucher())
    expect((await cancel(token, idOf(placed))).status).toBe(200)
    expect(await voucherNow(token)).toMatchObject({ state: 'issued', order: null })
    expect(await vouchers.counts()).toMatchObject({ issued: 1, reserved: 0, used: 0 })
    const next = await shop.post(await shop.sign({ sub }), withVoucher())
    expect(next.status).toBe(201)
    expect(await vouchers.counts()).toMatchObject({ issued: 1, reserved: 1, used: 0 })
  })
})
