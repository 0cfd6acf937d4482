import { problemBody, stockAudit } from '@floodgate/contracts'
import { closeRedis } from '@floodgate/redis'
import { connectRedis, eventually } from '@floodgate/testkit'
import { ADMIN_TOKEN } from '@floodgate/testkit/fixtures'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { call, createTestCore, type TestCore } from '../testing/running-core.ts'

const sale = 'stale'
let core: TestCore

beforeAll(async () => {
  core = await createTestCore()
  await core.saveCatalogue([{ total: 20, perBuyerLimit: 5 }], sale)
})
afterAll(() => core?.remove())

const audit = async () =>
  stockAudit.parse((await call(`${core.url}/admin/sales/${sale}/stock`, { token: ADMIN_TOKEN })).body).skus[0]
const metric = async (name: string) =>
  Number(new RegExp(`^${name}\\{.*\\} (.+)$`, 'm').exec((await call(`${core.opsUrl}/metrics`)).text)?.[1])

it('a fence whose commit was lost is rebuilt at the first order it rejects, and no buyer loses an order', async () => {
  const buyers = await Promise.all(Array.from({ length: 10 }, () => core.issuer.sign({ sale })))
  const order = (token: string) =>
    call(`${core.url}/orders`, {
      method: 'POST',
      token,
      key: 'one-key-per-buyer-is-enough',
      body: { items: [{ sku: 'tea', quantity: 1 }], email: 'buyer@example.org', paymentMethod: 'sim_ok' },
    })
  await core.pool.query('update orders.fences set epoch = epoch - 1 where sale = $1', [sale])

  const [rejected, ...placed] = [await order(buyers[0] ?? ''), ...(await Promise.all(buyers.slice(1).map(order)))]
  expect(problemBody.parse(rejected?.body)).toMatchObject({ code: 'busy', status: 503 })
  expect(placed.every(({ status }) => status === 201 || status === 503)).toBe(true)
  await eventually(async () => {
    const statuses = (await Promise.all(buyers.map(order))).map(({ status }) => status)
    expect(new Set(statuses)).toEqual(new Set([201]))
  })

  await eventually(async () => expect(await audit()).toMatchObject({ agree: true, redis: { available: 10, held: 10 } }))
  const { rows } = await core.pool.query(`select status, count(*)::int as orders from orders.orders group by status`)
  expect(rows).toEqual([{ status: 'pending', orders: 10 }])
  expect(await metric('floodgate_commit_stale_orders_total')).toBeGreaterThan(0)
})

it('after a rebuild the key of a sold order still returns it, also with another admission in a sale that is sold out', async () => {
  const buyer = 'somebody-twice-in-line'
  const items = [{ sku: 'cup', name: 'Cup', listPriceMinor: 2, salePriceMinor: 1, total: 1, perBuyerLimit: 1 }]
  const cups = 'sold-before'
  const url = `${core.url}/admin/sales/${cups}/catalogue`
  await call(url, { method: 'PUT', token: ADMIN_TOKEN, body: { currency: 'EUR', items } })
  const order = async (key: string, claims: object) =>
    call(`${core.url}/orders`, {
      method: 'POST',
      token: await core.issuer.sign({ sale: cups, ...claims }),
      key,
      body: { items: [{ sku: 'cup', quantity: 1 }], email: 'buyer@example.org', paymentMethod: 'sim_ok' },
    })
  const key = 'the-key-of-the-sold-order'
  const first = await order(key, { sub: buyer, jti: 'first-slot' })
  expect(first.status).toBe(201)
  await core.pool.query(
    `with sold as (update orders.orders set status = 'confirmed', version = 2, updated_at = now() - interval '1 hour'
       where sale = $1 returning sale)
     update orders.stock set held = 0, sold = 1 where sale = (select sale from sold)`,
    [cups],
  )
  const client = await connectRedis(core.redis.url)
  await client.flushall()
  await closeRedis(client)

  for (const jti of ['first-slot', 'second-slot']) {
    const again = await eventually(async () => {
      const response = await order(key, { sub: buyer, jti })
      expect(response.status).not.toBe(503)
      return response
    })
    expect({ status: again.status, text: again.text }).toEqual({ status: 201, text: first.text })
  }
  const another = await order('another-key-of-the-same-buyer', { sub: buyer, jti: 'third-slot' })
  expect(problemBody.parse(another.body).code).toBe('over-limit')
  const somebody = await order('the-key-of-somebody-else', {})
  expect(problemBody.parse(somebody.body)).toMatchObject({ code: 'sold-out', final: true })
})
