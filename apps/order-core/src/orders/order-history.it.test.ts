import { randomUUID } from 'node:crypto'
import { createOrderHistory, type ShownHistory } from '@floodgate/client'
import { orderHistory } from '@floodgate/contracts'
import { buyerOfAccount } from '@floodgate/contracts/account'
import { eventually, startTcpProxy, type TcpProxy } from '@floodgate/testkit'
import { ADMIN_TOKEN } from '@floodgate/testkit/fixtures'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { call, createTestCore, type TestCore } from '../testing/running-core.ts'

const SHOP_TOKEN = 'the-token-of-the-shop'
const ann = { issuer: 'https://login.shop.example', subject: 'ann' }
const SALES = ['spring', 'summer', 'winter']

let core: TestCore
let proxy: TcpProxy
/** Ann's orders, newest first. */
const placed: string[] = []
beforeAll(async () => {
  core = await createTestCore({ settings: { SHOP_TOKEN } })
  proxy = await startTcpProxy(core.url)
  for (const sale of SALES) await core.saveCatalogue([{}], sale)
  // Two at a time were created in the same millisecond.
  for (let number = 0; number < 25; number += 1)
    placed.unshift(await insertOrder(SALES[number % 3] ?? '', buyerOfAccount(ann), Math.floor(number / 2)))
  placed.sort((a, b) => rank(a) - rank(b))
  await insertOrder('spring', 'somebody-else', 99)
})
afterEach(() => {
  proxy.heal()
  proxy.delay(0)
})
afterAll(async () => {
  await proxy.close()
  await core.remove()
})

const createdMs = new Map<string, number>()
/** Newest first, and of two in one millisecond the higher id. */
function rank(id: string): number {
  const sorted = [...createdMs].toSorted(([a, aMs], [b, bMs]) => bMs - aMs || (a < b ? 1 : -1))
  return sorted.findIndex(([each]) => each === id)
}
async function insertOrder(sale: string, buyer: string, second: number): Promise<string> {
  const [id, ms] = [randomUUID(), Date.UTC(2026, 10, 1) + second * 1_000 + 7]
  createdMs.set(id, ms)
  await core.pool.query(
    `with placed as (
       insert into orders.orders (id, sale, buyer, slot, request_hash, status, total_minor, currency, payment_method,
         sealed_email, created_at, hold_expires_at, charge_by)
       values ($1, $2, $3, $4, 'hash', 'confirmed', 10, 'EUR', 'sim_ok', 'sealed', $5, $5, $5))
     insert into orders.order_lines (order_id, position, sku, quantity, price_minor) values ($1, 0, 'tea', 1, 10)`,
    [id, sale, buyer, randomUUID(), new Date(ms)],
  )
  return id
}
const path = (buyer: string, query = ''): string => `${core.url}/admin/buyers/${buyer}/orders${query}`

describe("a customer's orders", () => {
  it('are listed newest first over all sales, page by page, each once', async () => {
    const read = createOrderHistory({ urls: [core.url], shopToken: SHOP_TOKEN })
    const pages: ShownHistory[] = []
    for (let after: string | null | undefined; after !== null; after = pages.at(-1)?.next)
      pages.push(await read({ ...ann, limit: 8, ...(after === undefined ? {} : { after }) }))
    expect(pages.map(({ orders, degraded }) => [orders.length, degraded])).toEqual([
      [8, false],
      [8, false],
      [8, false],
      [1, false],
    ])
    const orders = pages.flatMap(({ orders: each }) => each)
    expect(orders.map(({ id }) => id)).toEqual(placed)
    expect(orders[0]).toMatchObject({ status: 'confirmed', totalMinor: 10, items: [{ sku: 'tea' }] })
  })

  it('are for the shop and for operators; an unknown buyer has none', async () => {
    const buyer = buyerOfAccount(ann)
    for (const token of [SHOP_TOKEN, ADMIN_TOKEN]) {
      const { status, body } = await call(path(buyer), { token })
      expect([status, orderHistory.parse(body).orders.length]).toEqual([200, 20])
    }
    for (const token of [undefined, 'another', `${SHOP_TOKEN}x`])
      expect(await call(path(buyer), token === undefined ? {} : { token })).toMatchObject({ status: 401 })
    expect(await call(path('nobody'), { token: SHOP_TOKEN })).toMatchObject({ body: { orders: [], next: null } })
    expect((await call(`${core.url}/admin/orders`, { token: SHOP_TOKEN })).status).toBe(401)
  })

  it.each(['after=x', `after=1.${'0'.repeat(36)}`, 'limit=0', 'limit=101', 'limit=1.5', 'sale=spring'])(
    'have no page at %s',
    async (query) => {
      const response = await call(path('ann', `?${query}`), { token: SHOP_TOKEN })
      expect(response).toMatchObject({ status: 400, body: { code: 'invalid-request' } })
    },
  )
})

describe("the shop's page", () => {
  it('gets an empty list marked as degraded while the order core is down, slow or flapping, and orders afterwards', async () => {
    let failures = 0
    const read = createOrderHistory({
      urls: [proxy.url],
      ...{ shopToken: SHOP_TOKEN, msMax: 2_000, openMs: 2_000 },
      onFailure: () => {
        failures += 1
      },
    })
    const isDegraded = async () => (await read(ann)).degraded
    for (let calls = 0; calls < 5; calls += 1) expect(await isDegraded()).toBe(false)

    // Half of the last ten calls fail: no other one is made.
    proxy.blackhole()
    for (const calls of [5, 4])
      for (const shown of await Promise.all(Array.from({ length: calls }, () => read(ann))))
        expect(shown).toEqual({ orders: [], next: null, degraded: true })
    expect(failures).toBe(5)

    // It responds later than the page waits.
    proxy.heal()
    proxy.delay(2_500)
    await eventually(async () => {
      expect(await isDegraded()).toBe(true)
      expect(failures).toBe(6)
    })

    proxy.delay(0)
    proxy.cut()
    await eventually(async () => expect(await isDegraded()).toBe(false))
    // Flapping: fewer than half of the calls fail, so each is made.
    const before = failures
    const seen: boolean[] = []
    for (let calls = 0; calls < 12; calls += 1) {
      if (calls % 3 === 2) proxy.blackhole()
      seen.push(await isDegraded())
      proxy.heal()
    }
    expect(seen.filter(Boolean)).toHaveLength(4)
    expect(failures - before).toBe(4)
  })

  it('gets it for each odd page that a customer asks for, and everybody else gets orders', async () => {
    const read = createOrderHistory({ urls: [core.url], shopToken: SHOP_TOKEN })
    for (let calls = 0; calls < 20; calls += 1)
      expect(await read({ ...ann, after: 'edited' })).toEqual({ orders: [], next: null, degraded: true })
    expect((await read(ann)).degraded).toBe(false)
  })

  it('gets orders from the other replica while one is down', async () => {
    const failed: unknown[] = []
    const urls = ['http://127.0.0.1:1', core.url]
    const onFailure = (error: unknown) => void failed.push(error)
    const read = createOrderHistory({ urls, shopToken: SHOP_TOKEN, msMax: 20_000, onFailure })
    for (let calls = 0; calls < 20; calls += 1) expect((await read(ann)).degraded).toBe(false)
    const atOnce = await Promise.all(Array.from({ length: 40 }, () => read(ann)))
    expect(atOnce.filter(({ degraded }) => degraded)).toEqual([])
    expect(failed).toEqual([])
  })

  it('gets it at once where nothing listens, and where the token is wrong', async () => {
    const errors: string[] = []
    const onFailure = (error: unknown) => void errors.push(String(error))
    const down = createOrderHistory({ urls: ['http://127.0.0.1:1'], shopToken: SHOP_TOKEN, onFailure })
    const wrong = createOrderHistory({ urls: [core.url], shopToken: 'another', onFailure })
    for (const read of [down, wrong]) expect((await read(ann)).degraded).toBe(true)
    expect(errors).toHaveLength(2)
    expect(errors[1]).toContain('unauthorized')
  })
})
