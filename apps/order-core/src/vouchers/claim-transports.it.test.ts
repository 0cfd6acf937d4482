import { closeRedis } from '@floodgate/redis'
import { connectRedis } from '@floodgate/testkit'
import { describe, expect, it } from 'vitest'
import { saleKeys } from '../stock/keys.ts'
import { withShop } from '../testing/shop.ts'
import { campaignBody, vouchersOf } from '../testing/vouchers.ts'

const shop = withShop()
const vouchers = vouchersOf(shop)
const HOUR_MS = 3_600_000
const TRACEPARENT = '00-0123456789abcdef0123456789abcdef-0123456789abcdef-01'
const nowSeconds = () => Math.floor(Date.now() / 1_000)

interface Sent {
  readonly token?: string | undefined
  readonly campaign?: string
  readonly language?: string
  readonly type?: string
}

async function send({ token, campaign = 'spring', language, type }: Sent, query: string) {
  const response = await fetch(`${shop.core.url}/sales/${shop.sale()}/vouchers/${campaign}${query}`, {
    method: 'POST',
    headers: {
      traceparent: TRACEPARENT,
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(language === undefined ? {} : { 'accept-language': language }),
      ...(type === undefined ? {} : { 'content-type': type }),
    },
  })
  const { date: _, ...headers } = Object.fromEntries(response.headers)
  return { status: response.status, headers, body: (await response.json()) as { code?: string } }
}

/** Sends a claim on the fast path and, with a query, through Hono, and expects the same response. */
async function claimOnBoth(sent: Sent) {
  const fast = await send(sent, '')
  expect(await send(sent, '?x')).toEqual(fast)
  return fast
}

async function inSlotThatWasTaken() {
  const jti = crypto.randomUUID()
  const redis = await connectRedis(shop.core.redis.url)
  await redis.zadd(saleKeys(shop.sale()).barred, Date.now() + HOUR_MS, jti)
  await closeRedis(redis)
  return { token: await shop.sign({ jti }) }
}

async function afterTheEndOfTheSale() {
  await shop.core.pool.query(
    `insert into orders.sales (id, state, version, closed_at) values ($1, 'closed', 1, now() - interval '25 hours')`,
    [shop.sale()],
  )
  return { token: await shop.sign({ iat: nowSeconds() - 26 * 3_600 }) }
}

async function whenAllAreClaimed() {
  await vouchers.put({ total: 1 })
  await vouchers.owner()
  return { token: await shop.sign() }
}

async function outsideItsTimes() {
  await vouchers.put({ validUntil: new Date(Date.now() - HOUR_MS).toISOString() })
  return { token: await shop.sign() }
}

const genuine = async () => ({ token: await shop.sign() })

describe('a claim has the same response on the fast path and through Hono', () => {
  it.each<[string, () => Promise<Sent>, number, string]>([
    ['without an admission', async () => ({}), 401, 'admission-missing'],
    ['with nonsense', async () => ({ token: 'nonsense' }), 401, 'admission-invalid'],
    ['with one to another sale', async () => ({ token: await shop.sign({ sale: 'x' }) }), 401, 'admission-invalid'],
    [
      'with one that has ended',
      async () => ({ token: await shop.sign({ iat: nowSeconds() - 700, exp: nowSeconds() - 60 }) }),
      401,
      'admission-expired',
    ],
    ['in a slot that was taken away', inSlotThatWasTaken, 401, 'admission-revoked'],
    ['of no campaign', async () => ({ ...(await genuine()), campaign: 'winter' }), 404, 'not-found'],
    [
      'of an impossible campaign',
      async () => ({ ...(await genuine()), campaign: 'Not_valid' }),
      400,
      'invalid-request',
    ],
    ['with a form', async () => ({ ...(await genuine()), type: 'text/plain' }), 415, 'wrong-media-type'],
    ['when all are claimed', whenAllAreClaimed, 409, 'vouchers-gone'],
    [
      'when all are claimed, in Korean',
      async () => ({ ...(await whenAllAreClaimed()), language: 'ko' }),
      409,
      'vouchers-gone',
    ],
    ['outside its times', outsideItsTimes, 409, 'voucher-not-valid'],
    ['after the end of the sale', afterTheEndOfTheSale, 409, 'sale-closed'],
  ])('%s', async (_, prepare, status, code) => {
    await vouchers.put()
    const sent = await prepare()
    const before = await vouchers.counts()
    const { body, ...response } = await claimOnBoth(sent)
    expect([response.status, body.code]).toEqual([status, code])
    expect(response.headers['content-type']).toBe('application/problem+json')
    expect(await vouchers.counts()).toEqual(before)
  })

  it('that has its voucher already', async () => {
    await vouchers.put()
    expect(await claimOnBoth({ token: await vouchers.owner() })).toMatchObject({
      status: 200,
      headers: { 'cache-control': 'no-store', 'content-type': 'application/json' },
      body: { campaign: 'spring', state: 'issued' },
    })
  })

  it('for as many as there are, whichever way they come', async () => {
    await vouchers.put({ total: campaignBody.total })
    const tokens = await Promise.all(Array.from({ length: 12 }, () => shop.sign()))
    const responses = await Promise.all(tokens.map((token, at) => send({ token }, at % 2 === 0 ? '' : '?x')))
    expect(responses.filter(({ status }) => status === 201)).toHaveLength(campaignBody.total)
    expect(responses.filter(({ status }) => status === 409)).toHaveLength(12 - campaignBody.total)
  })
})
