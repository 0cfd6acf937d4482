import { problemBody, publicVouchers, voucher, voucherCampaign, voucherCampaigns } from '@floodgate/contracts'
import { closeRedis } from '@floodgate/redis'
import { connectRedis } from '@floodgate/testkit'
import { ADMIN_TOKEN } from '@floodgate/testkit/fixtures'
import { describe, expect, it } from 'vitest'
import { saleKeys } from '../stock/keys.ts'
import { call } from '../testing/running-core.ts'
import { expectRejected, withShop } from '../testing/shop.ts'
import { campaignBody, vouchersOf } from '../testing/vouchers.ts'

const shop = withShop()
const vouchers = vouchersOf(shop)
const HOUR_MS = 3_600_000
const inHours = (hours: number) => new Date(Date.now() + hours * HOUR_MS).toISOString()
const codeOf = (response: { body: unknown }) => problemBody.parse(response.body).code

describe('a campaign of vouchers', () => {
  it('is created and changed by an operator; buyers see it, and how many are left', async () => {
    const created = await vouchers.put()
    expect(created.status).toBe(201)
    expect(voucherCampaign.parse(created.body)).toEqual({
      ...{ campaign: 'spring', sale: shop.sale(), currency: 'EUR', name: 'Spring' },
      ...{ discount: { kind: 'fixed', amountMinor: 300 }, minimumMinor: 0, total: 2 },
      ...{ validFrom: null, validUntil: null, issued: 0, reserved: 0, used: 0 },
    })
    const discount = { kind: 'percentage', percent: 20, capMinor: 500 }
    const until = '2099-01-01T01:00:00+01:00'
    const changed = await vouchers.put({ discount, total: 3, minimumMinor: 1_000, validUntil: until })
    expect(changed.status).toBe(200)
    await vouchers.claim(await shop.sign())
    const listed = voucherCampaigns.parse((await vouchers.list()).body).campaigns
    const terms = { discount, minimumMinor: 1_000, validUntil: '2099-01-01T00:00:00.000Z' }
    expect(listed).toMatchObject([{ campaign: 'spring', ...terms, issued: 1 }])
    const shown = await vouchers.show()
    expect(shown.headers.get('cache-control')).toContain('public')
    expect(publicVouchers.parse(shown.body).campaigns).toMatchObject([{ campaign: 'spring', ...terms, available: 2 }])
  })

  it.each([
    ['no discount', { discount: { kind: 'fixed', amountMinor: 0 } }],
    ['more than all', { discount: { kind: 'percentage', percent: 101 } }],
    ['a cap of nothing', { discount: { kind: 'percentage', percent: 10, capMinor: 0 } }],
    ['two kinds of discount', { discount: { kind: 'fixed', amountMinor: 1, percent: 10 } }],
    ['no voucher', { total: 0 }],
    ['an end before its beginning', { validFrom: inHours(2), validUntil: inHours(1) }],
    ['an unknown field', { buyers: 7 }],
  ])('is rejected with %s, and changes nothing', async (_, change) => {
    await expectRejected(await vouchers.put(change), 400, 'invalid-request')
    expect((await vouchers.list()).body).toEqual({ campaigns: [] })
  })

  it('keeps its terms once a voucher is issued, and a total of at least what is issued', async () => {
    await vouchers.put()
    await vouchers.owner()
    await vouchers.owner()
    await expectRejected(await vouchers.put({ minimumMinor: 5 }), 409, 'voucher-terms-fixed')
    const below = await vouchers.put({ total: 1 })
    await expectRejected(below, 409, 'total-below-issued')
    expect(below.body).toMatchObject({ issued: 2 })
    await expectRejected(await vouchers.claim(await shop.sign()), 409, 'vouchers-gone')
    expect((await vouchers.put({ total: 3, name: 'More' })).status).toBe(200)
    expect((await vouchers.claim(await shop.sign())).status).toBe(201)
  })

  it('needs a catalogue, whose currency then stays', async () => {
    const at = (path: string) => `${shop.core.url}/admin/sales/${path}`
    const asOperator = { token: ADMIN_TOKEN }
    const put = { ...asOperator, method: 'PUT', body: campaignBody }
    await expectRejected(await call(at('nowhere/vouchers/spring'), put), 404, 'not-found')
    await expectRejected(await call(at('nowhere/vouchers'), asOperator), 404, 'not-found')
    await vouchers.put()
    const catalogue = at(`${shop.sale()}/catalogue`)
    const { items } = (await call(catalogue, asOperator)).body as { items: object[] }
    const inWon = { ...asOperator, method: 'PUT', body: { currency: 'KRW', items } }
    await expectRejected(await call(catalogue, inWon), 409, 'catalogue-conflict')
  })

  it('is not overwritten when two operators change it at once: one gets 412, and changes nothing', async () => {
    const created = await vouchers.put()
    await vouchers.owner()
    const read = await vouchers.read()
    const etag = String(read.headers.get('etag'))
    expect({ etag, issued: voucherCampaign.parse(read.body).issued }, 'claims leave the version').toEqual({
      etag: created.headers.get('etag'),
      issued: 1,
    })
    const changes = [{ total: 7 }, { name: 'Summer' }]
    const responses = await Promise.all(changes.map((change) => vouchers.put(change, 'spring', { 'if-match': etag })))
    expect(responses.map(({ status }) => status).toSorted()).toEqual([200, 412])
    const winner = responses.findIndex(({ status }) => status === 200)
    const loser = responses[1 - winner]
    expect(loser && codeOf(loser)).toBe('campaign-changed')
    const now = await vouchers.read()
    expect(now.body).toMatchObject({ name: 'Spring', total: 2, ...changes[winner] })
    expect(now.headers.get('etag')).toBe(responses[winner]?.headers.get('etag'))
    const again = await vouchers.put(changes[winner], 'spring', { 'if-match': etag })
    expect([again.status, again.headers.get('etag')], 'a repetition').toEqual([200, now.headers.get('etag')])
  })

  it.each<[string, Record<string, string>, number, number]>([
    ['there is no condition', {}, 201, 200],
    ['none may exist', { 'if-none-match': '*' }, 201, 412],
    ['one must exist', { 'if-match': '*' }, 412, 412],
    ['another must exist', { 'if-match': '"77"' }, 412, 412],
  ])('is created, then changed, when %s: %j → %d, then %d', async (_, headers, first, second) => {
    expect((await vouchers.put({}, 'spring', headers)).status).toBe(first)
    expect((await vouchers.put({ total: 9 }, 'spring', headers)).status).toBe(second)
    const total = first !== 201 ? undefined : second === 200 ? 9 : 2
    expect((await vouchers.read()).body).toMatchObject(total === undefined ? { code: 'not-found' } : { total })
  })

  it('is one of fifty of its sale at most', async () => {
    for (let n = 0; n < 50; n += 1) expect((await vouchers.put({}, `campaign-${n}`)).status).toBe(201)
    await expectRejected(await vouchers.put({}, 'one-more'), 409, 'campaigns-full')
    expect((await vouchers.put({ name: 'Changed' }, 'campaign-7')).status).toBe(200)
  })
})

describe('a claim', () => {
  it('gives a buyer one voucher, the same at every repetition and with another admission', async () => {
    await vouchers.put()
    const sub = crypto.randomUUID()
    const first = await vouchers.claim(await shop.sign({ sub }))
    expect(first.status).toBe(201)
    const issued = voucher.parse(first.body)
    expect(issued).toMatchObject({ sale: shop.sale(), campaign: 'spring', state: 'issued', order: null })
    const again = await Promise.all([1, 2, 3].map(async () => await vouchers.claim(await shop.sign({ sub }))))
    for (const response of again)
      expect({ status: response.status, body: response.body }).toEqual({ status: 200, body: issued })
    expect(await vouchers.counts()).toMatchObject({ issued: 1 })
  })

  it('of hundreds at once gets exactly as many vouchers as there are, one for each buyer; the rest are told at once', async () => {
    await vouchers.put({ total: 40 })
    const tokens = await Promise.all(Array.from({ length: 150 }, () => shop.sign()))
    // Each buyer sends two requests at the same time.
    const responses = await Promise.all([...tokens, ...tokens].map((token) => vouchers.claim(token)))
    const of = (status: number) => responses.filter((response) => response.status === status)
    const winners = new Set(responses.flatMap(({ status }, n) => (status < 300 ? [tokens[n % tokens.length]] : [])))
    expect(winners.size).toBe(40)
    expect(of(201)).toHaveLength(40)
    expect(of(200)).toHaveLength(40)
    expect(new Set(of(409).map(codeOf))).toEqual(new Set(['vouchers-gone']))
    expect(of(409)).toHaveLength(220)
    expect(await vouchers.counts()).toMatchObject({ issued: 40 })
    const { rows } = await shop.core.pool.query(
      'select count(*)::int as n, count(distinct buyer)::int as buyers from orders.vouchers where sale = $1',
      [shop.sale()],
    )
    expect(rows).toEqual([{ n: 40, buyers: 40 }])
  })

  it.each([
    ['before its campaign begins', { validFrom: inHours(1) }],
    ['after its campaign ended', { validUntil: inHours(-1) }],
  ])('%s is rejected with the times', async (_, times) => {
    await vouchers.put(times)
    const response = await vouchers.claim(await shop.sign())
    await expectRejected(response, 409, 'voucher-not-valid')
    expect(response.body).toMatchObject({ validFrom: null, validUntil: null, ...times })
  })

  it('needs an admission to its sale that has not ended, and a campaign; an ended one still finds its voucher', async () => {
    await vouchers.put()
    await expectRejected(await vouchers.claim(undefined), 401, 'admission-missing')
    await expectRejected(await vouchers.claim('nonsense'), 401, 'admission-invalid')
    await expectRejected(await vouchers.claim(await shop.sign({ sale: 'another' })), 401, 'admission-invalid')
    await expectRejected(await vouchers.claim(await shop.sign(), 'winter'), 404, 'not-found')
    await expectRejected(await vouchers.claim(await shop.sign(), 'Not_valid'), 400, 'invalid-request')
    const sub = crypto.randomUUID()
    const now = Math.floor(Date.now() / 1_000)
    const ended = await shop.sign({ sub, iat: now - 700, exp: now - 60 })
    await expectRejected(await vouchers.claim(ended), 401, 'admission-expired')
    await vouchers.owner({ sub })
    expect((await vouchers.claim(ended)).status).toBe(200)
    expect(await vouchers.counts()).toMatchObject({ issued: 1 })
  })

  it('of a revoked admission is rejected', async () => {
    await vouchers.put()
    const jti = crypto.randomUUID()
    const redis = await connectRedis(shop.core.redis.url)
    await redis.zadd(saleKeys(shop.sale()).barred, Date.now() + HOUR_MS, jti)
    await closeRedis(redis)
    await expectRejected(await vouchers.claim(await shop.sign({ jti })), 401, 'admission-revoked')
    expect(await vouchers.counts()).toMatchObject({ issued: 0 })
  })
})
