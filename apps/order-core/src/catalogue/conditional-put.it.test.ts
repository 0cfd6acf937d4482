import { CATALOGUE_ITEMS_MAX, catalogueResource, problemBody, publicCatalogue, stockAudit } from '@floodgate/contracts'
import { eventually, wrongMethods } from '@floodgate/testkit'
import { ADMIN_TOKEN } from '@floodgate/testkit/fixtures'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { saleKeys } from '../stock/keys.ts'
import { createTestCore, type TestCore } from '../testing/running-core.ts'

let core: TestCore

beforeAll(async () => {
  // Eight megabytes take a slow machine a while.
  const settings = { REQUEST_SECONDS: '300' }
  core = await createTestCore({ settings })
})
afterAll(() => core?.remove())

const authorization = `Bearer ${ADMIN_TOKEN}`
const urlOf = (sale: string) => `${core.url}/admin/sales/${sale}/catalogue`
const item = (sku: string, name = sku) => {
  return { sku, name, listPriceMinor: 20, salePriceMinor: 10, total: 5, perBuyerLimit: 2 }
}
const put = (sale: string, items: readonly object[], headers: Record<string, string> = {}) =>
  fetch(urlOf(sale), {
    method: 'PUT',
    headers: { authorization, 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ currency: 'EUR', items }),
  })
const read = async (sale: string) => {
  const response = await fetch(urlOf(sale), { headers: { authorization } })
  const skus = response.ok ? catalogueResource.parse(await response.json()).items.map(({ sku }) => sku) : undefined
  return { status: response.status, etag: response.headers.get('etag'), skus }
}

it('when two operators change a catalogue at once, one gets 412 and changes nothing', async () => {
  const created = await put('two', [item('tea')])
  const etag = String(created.headers.get('etag'))
  expect(await read('two')).toMatchObject({ etag, skus: ['tea'] })
  const responses = await Promise.all(
    ['cup', 'pot'].map((sku) => put('two', [item('tea'), item(sku)], { 'if-match': etag })),
  )
  expect(responses.map(({ status }) => status).toSorted()).toEqual([200, 412])
  const [winner, loser] = responses.toSorted((left, right) => left.status - right.status)
  expect(problemBody.parse(await loser?.json())).toMatchObject({ code: 'catalogue-changed', retryable: false })
  const now = await read('two')
  expect(now.etag).toBe(winner?.headers.get('etag'))
  expect(now.etag).not.toBe(etag)
  expect(now.skus).toEqual(catalogueResource.parse(await winner?.json()).items.map(({ sku }) => sku))
})

it.each<[string, Record<string, string>, number, number]>([
  ['there is no condition', {}, 201, 200],
  ['none may exist', { 'if-none-match': '*' }, 201, 412],
  ['one must exist', { 'if-match': '*' }, 412, 412],
  ['another must exist', { 'if-match': '"77"' }, 412, 412],
  ['the tag is invalid', { 'if-match': 'seven' }, 412, 412],
  ['this one must exist, with the tag weakened by a proxy', { 'if-match': 'W/"1", "9"' }, 412, 412],
])('first and second change when %s', async (name, headers, first, second) => {
  const sale = `when-${name.replaceAll(/\W+/g, '-').slice(0, 20)}`
  expect((await put(sale, [item('tea')], headers)).status).toBe(first)
  expect((await put(sale, [item('tea')], headers)).status).toBe(second)
  expect((await read(sale)).status).toBe(first === 201 ? 200 : 404)
})

it('a change that already exists counts as saved when it is repeated', async () => {
  const first = { 'if-match': String((await put('twice', [item('tea')])).headers.get('etag')) }
  const changed = [item('tea'), item('cup')]
  const etag = (await put('twice', changed, first)).headers.get('etag')
  const again = await put('twice', changed, first)
  expect([again.status, again.headers.get('etag')]).toEqual([200, etag])
  expect((await put('twice', changed.toReversed(), first)).status, 'another order of the items').toBe(412)
  expect((await read('twice')).etag).toBe(etag)
})

it('a weak tag of the current version is accepted', async () => {
  const etag = String((await put('weak', [item('tea')])).headers.get('etag'))
  expect((await put('weak', [item('tea')], { 'if-match': `W/${etag}` })).status).toBe(200)
})

it('a rejected first catalogue leaves none behind', async () => {
  expect((await put('refused', [item('tea'), item('tea')])).status).toBe(400)
  expect((await read('refused')).status).toBe(404)
  expect((await put('refused', [item('tea')], { 'if-none-match': '*' })).status).toBe(201)
})

it('only an operator reads it', async () => {
  await put('secret', [item('tea')])
  expect((await fetch(urlOf('secret'))).status).toBe(401)
})

const longest = (count: number) =>
  Array.from({ length: count }, (_, at) => item(`sku-${at}`.padEnd(64, 'x'), '長'.repeat(200)))

it('10,000 items of the longest names fit, and one more does not', async () => {
  const rejected = await put('many', longest(CATALOGUE_ITEMS_MAX + 1))
  expect([rejected.status, problemBody.parse(await rejected.json()).code]).toEqual([400, 'invalid-request'])
  expect((await read('many')).status).toBe(404)
  expect((await put('many', longest(CATALOGUE_ITEMS_MAX))).status).toBe(201)
  const cached = await fetch(`${core.url}/sales/many/catalogue`)
  expect(publicCatalogue.parse(await cached.json()).items).toHaveLength(CATALOGUE_ITEMS_MAX)
  const known = await fetch(`${core.url}/sales/many/catalogue`, {
    headers: { 'if-none-match': `W/${cached.headers.get('etag')}` },
  })
  expect(known.status).toBe(304)
  const again = await put('many', longest(CATALOGUE_ITEMS_MAX), { 'if-match': String((await read('many')).etag) })
  expect(again.status).toBe(200)
})

it('the stock of 10,000 items is rebuilt, and agrees', async () => {
  const redis = new Redis(core.redis.url)
  try {
    await redis.del(saleKeys('many').meta)
    await eventually(async () => {
      const audit = await fetch(`${core.url}/admin/sales/many/stock`, { headers: { authorization } })
      const { skus, agree } = stockAudit.parse(await audit.json())
      expect([skus.length, agree]).toEqual([CATALOGUE_ITEMS_MAX, true])
      expect(await redis.hexists(saleKeys('many').meta, 'epoch')).toBe(1)
    })
  } finally {
    redis.disconnect()
  }
})

it('rejects unsupported methods of a path with 405 and `Allow`, and operators without a token', async () => {
  expect(await wrongMethods({ app: 'order-core', url: core.url, adminToken: ADMIN_TOKEN })).toEqual([])
})
