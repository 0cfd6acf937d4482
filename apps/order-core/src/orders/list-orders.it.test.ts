import { orderNumber, orderPage } from '@floodgate/contracts'
import { createHttpApp, mountRoutes } from '@floodgate/http'
import { silentLogger } from '@floodgate/testkit/fixtures'
import { Registry } from 'prom-client'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { api } from '../api.ts'
import { createTestLedger, type TestLedger } from '../testing/ledger.ts'
import { listOrdersRoute } from './list-orders.ts'

let ledger: TestLedger
beforeAll(async () => {
  ledger = await createTestLedger()
})
afterAll(() => ledger?.remove())

it('lists every order once, page by page, for the operator only', async () => {
  const log = silentLogger
  const operators = { routes: api.routes, adminToken: 'operator' }
  const app = createHttpApp({ log, metrics: new Registry(), allowedOrigins: [], operators })
  mountRoutes(app, [listOrdersRoute({ pool: ledger.pool })], { clientAddressOf: () => 'operator' })
  const ask = (query: string, token = 'operator') =>
    app.request(`/admin/orders${query}`, { headers: { authorization: `Bearer ${token}` } })
  expect((await ask('', 'another')).status).toBe(401)
  expect((await ask('?after=nonsense')).status).toBe(400)
  expect(await (await ask('')).json()).toEqual({ orders: [], next: null })

  const placed: string[] = []
  for (let batch = 0; batch < 3; batch += 1) {
    const carts = Array.from({ length: 700 }, () => ({ buyer: 'ann', skus: ['apple'] }))
    placed.push(...(await ledger.place(carts)))
  }
  const listed: string[] = []
  let pages = 0
  for (let after: string | null = ''; after !== null; pages += 1) {
    const page = orderPage.parse(await (await ask(after === '' ? '' : `?after=${after}`)).json())
    expect(page.orders[0]).toMatchObject({ status: 'pending', totalMinor: 100, currency: 'EUR' })
    listed.push(...page.orders.map(({ id }) => id))
    after = page.next
  }
  expect(pages).toBe(3)
  expect(listed).toEqual(placed.toSorted())

  const wanted = placed[1_234] ?? ''
  const found = orderPage.parse(await (await ask(`?number=${orderNumber(wanted).toLowerCase()}`)).json())
  expect(found.orders.map(({ id }) => id)).toContain(wanted)
  expect(found.orders.length).toBeLessThan(5)
  await ledger.pool.query("update orders.orders set refunds_minor = 30, refund_scope = 'part' where id = $1", [wanted])
  await ledger.pool.query(
    `insert into orders.refunds (id, order_id, sale, request_hash, amount_minor, restock, status, requested_by, reason)
     select gen_random_uuid(), $1, sale, '', amount, false, r.status, 'operator', ''
     from orders.orders, (values (10, 'refunded'), (20, 'requested')) as r (amount, status) where id = $1`,
    [wanted],
  )
  const refunded = orderPage.parse(await (await ask(`?number=${orderNumber(wanted)}`)).json())
  expect(refunded.orders.find(({ id }) => id === wanted)?.refunds).toMatchObject({
    ...{ requestedMinor: 30, refundedMinor: 10 },
    openSince: expect.any(String),
  })
  expect((await ask('?number=7F3K')).status).toBe(400)
  expect((await ask(`?number=${orderNumber(wanted)}&after=${wanted}`)).status).toBe(400)
})
