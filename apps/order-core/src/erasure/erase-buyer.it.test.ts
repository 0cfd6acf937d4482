import { erasableOrders, erasureReport } from '@floodgate/contracts'
import { createHttpApp, mountRoutes } from '@floodgate/http'
import { tablesWith } from '@floodgate/testkit'
import { silentLogger } from '@floodgate/testkit/fixtures'
import { Registry } from 'prom-client'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { api } from '../api.ts'
import type { OrderFact } from '../order/decide.ts'
import { createTestLedger, type TestLedger, testSale } from '../testing/ledger.ts'
import { createTestTransitions } from '../testing/transitions.ts'
import { erasureRoutes } from './routes.ts'

const buyer = 'buyer-to-be-erased'
const secrets = [buyer, 'address-to-be-erased', 'method-to-be-erased', 'hash-to-be-erased', 'language-to-be-erased']
let ledger: TestLedger
let app: ReturnType<typeof createHttpApp>
beforeEach(async () => {
  ledger = await createTestLedger()
  const operators = { routes: api.routes, adminToken: 'operator' }
  app = createHttpApp({ log: silentLogger, metrics: new Registry(), allowedOrigins: [], operators })
  mountRoutes(app, erasureRoutes({ pool: ledger.pool }), { clientAddressOf: () => 'operator' })
})
afterEach(() => ledger.remove())

const move = async (order: string, ...facts: OrderFact[]) => {
  const transitions = createTestTransitions(ledger.pool)
  await transitions.apply(facts.map((fact) => ({ order, fact })))
}
const place = async (who: string, ...facts: OrderFact[]) => {
  const [order = ''] = await ledger.place([{ buyer: who, skus: ['apple', 'bread'] }])
  await move(order, ...facts)
  if (who === buyer)
    await ledger.pool.query(
      `update orders.orders set sealed_email = 'address-to-be-erased', payment_method = 'method-to-be-erased',
         request_hash = 'hash-to-be-erased', language = 'language-to-be-erased' where id = $1`,
      [order],
    )
  return order
}
const endSale = async (ago = '4 days') => {
  await ledger.pool.query(
    `insert into orders.sales (id, state, version, closed_at) values ($1, 'closed', 3, now() - $2::interval)`,
    [testSale, ago],
  )
  await ledger.pool.query('update orders.catalogues set retired_at = now()')
  await ledger.pool.query('update orders.outbox set sent_at = now()')
}
const headers = { authorization: 'Bearer operator', 'content-type': 'application/json' }
const list = async (query = `buyer=${buyer}`) =>
  erasableOrders.parse(await (await app.request(`/admin/erasures?${query}`, { headers })).json())
const erase = async (orders: readonly string[]) => {
  const body = JSON.stringify({ buyer, orders })
  return erasureReport.parse(await (await app.request('/admin/erasures', { method: 'POST', headers, body })).json())
}
const erasedRows = (orders: number, units: number, vouchers = 0) => ({
  ...{ 'orders.orders': orders, 'orders.buyer_units': units, 'orders.vouchers': vouchers },
})
const issueVoucher = async (who: string) => {
  await ledger.pool.query(
    `insert into orders.voucher_campaigns (sale, id, name, kind, amount_minor, total, issued)
     values ($1, 'spring', 'Spring', 'fixed', 10, 5, 1) on conflict (sale, id) do update set issued = voucher_campaigns.issued + 1`,
    [testSale],
  )
  await ledger.pool.query(`insert into orders.vouchers (sale, campaign, buyer) values ($1, 'spring', $2)`, [
    testSale,
    who,
  ])
}

it('vouchers of a buyer follow with the orders of their sale, or alone, once it is over', async () => {
  await issueVoucher(buyer)
  await issueVoucher('another')
  const remaining = [{ what: `vouchers of sale ${testSale}`, why: expect.any(String) }]
  expect(await list()).toEqual({ orders: [], remaining })
  expect(await erase([])).toEqual({ app: 'order-core', erased: erasedRows(0, 0), remaining })
  await endSale()
  expect(await list()).toEqual({ orders: [], remaining: [] })
  expect(await erase([])).toEqual({ app: 'order-core', erased: erasedRows(0, 0, 1), remaining: [] })
  expect(await tablesWith(ledger.pool, buyer)).toEqual([])
  expect(await tablesWith(ledger.pool, 'another')).toEqual(['orders.vouchers'])
})

it('nothing is left of an erased buyer, and stock, amounts and other buyers are unchanged', async () => {
  const orders = [await place(buyer, 'payment-succeeded'), await place(buyer, 'cancelled-by-buyer')].toSorted()
  await place('another', 'payment-succeeded')
  await endSale()
  for (const secret of secrets) expect(await tablesWith(ledger.pool, secret)).toContain('orders.orders')
  const [stock, statuses] = [await ledger.count(), await ledger.statuses()]

  expect(await list()).toEqual({ orders: orders.map((order) => ({ order, sale: testSale })), remaining: [] })
  expect(await erase(orders)).toEqual({ app: 'order-core', erased: erasedRows(2, 2), remaining: [] })
  for (const secret of secrets) expect(await tablesWith(ledger.pool, secret)).toEqual([])
  expect([await ledger.count(), await ledger.statuses(), await ledger.wrongUnits()]).toEqual([stock, statuses, []])
  const { rows } = await ledger.pool.query(
    'select sealed_email, payment_method, total_minor from orders.orders order by buyer',
  )
  expect(rows).toEqual(
    expect.arrayContaining([
      { sealed_email: 'sealed', payment_method: 'sim_ok', total_minor: 200 },
      { sealed_email: '', payment_method: '', total_minor: 200 },
    ]),
  )
  expect(await erase(orders), 'again').toEqual({ app: 'order-core', erased: erasedRows(0, 0), remaining: [] })
  expect(await list()).toEqual({ orders: [], remaining: [] })
})

it('the orders of a sale stay until all of them are over, and so do the units bought there', async () => {
  const open = await place(buyer)
  const refunding = await place(buyer, 'cancelled-by-buyer', 'payment-succeeded')
  const done = await place(buyer, 'payment-succeeded')
  const all = [open, refunding, done]
  const stays = async () => {
    const listed = await list()
    expect([listed.orders, listed.remaining.length]).toEqual([[], 3])
    const report = await erase(all)
    expect([report.erased, report.remaining.length]).toEqual([erasedRows(0, 0), 3])
  }
  await stays()
  await endSale()
  await stays()
  await move(open, 'hold-expired')
  await stays()
  await move(refunding, 'payment-refunded')
  await ledger.pool.query('update orders.outbox set sent_at = now()')
  expect((await list()).remaining).toEqual([])
  expect(await erase(all)).toEqual({ app: 'order-core', erased: erasedRows(3, 2), remaining: [] })
  for (const secret of secrets) expect(await tablesWith(ledger.pool, secret)).toEqual([])
  expect(await ledger.wrongUnits()).toEqual([])
})

it('units bought are erased as well when the orders were deleted before', async () => {
  await place(buyer, 'payment-succeeded')
  await endSale()
  await ledger.pool.query('delete from orders.orders where buyer = $1', [buyer])
  await ledger.pool.query('delete from orders.outbox')
  expect((await erase([])).erased).toEqual(erasedRows(0, 2))
  expect(await tablesWith(ledger.pool, buyer)).toEqual([])
})

it('an order of another buyer, a sale without the buyer, and bad requests change nothing', async () => {
  const other = await place('another', 'payment-succeeded')
  await endSale()
  expect((await erase([other])).erased).toEqual(erasedRows(0, 0))
  expect(await tablesWith(ledger.pool, 'another')).toContain('orders.orders')
  expect(await list(`buyer=another&sale=elsewhere`)).toEqual({ orders: [], remaining: [] })
  const status = async (path: string, init: RequestInit) => (await app.request(path, init)).status
  expect(await status('/admin/erasures?buyer=a', {})).toBe(401)
  expect(await status('/admin/erasures', { method: 'POST', body: '{"buyer":"a"}' })).toBe(401)
  expect(await status('/admin/erasures', { headers })).toBe(400)
  for (const body of ['{}', '{"buyer":""}', '{"buyer":"a","orders":["no uuid"]}', 'nonsense'])
    expect(await status('/admin/erasures', { method: 'POST', headers, body })).toBe(400)
})

it('an order and its units stay while its sale may be reopened', async () => {
  const order = await place(buyer, 'payment-succeeded')
  await endSale('71 hours')
  expect(await list()).toEqual({
    orders: [],
    remaining: [{ what: `order ${order}`, why: 'sale demo is not over for three days yet, or still in Redis' }],
  })
  expect(await erase([order])).toMatchObject({ erased: erasedRows(0, 0), remaining: [{ what: `order ${order}` }] })
  await ledger.pool.query('delete from orders.orders')
  expect((await erase([])).erased).toEqual(erasedRows(0, 0))
})

it('an event that was set aside is erased, and an unpublished one keeps its order', async () => {
  const order = await place(buyer, 'payment-succeeded')
  await endSale()
  await ledger.pool.query(`update orders.outbox set sent_at = null, data = '{"buyer":"${buyer}"}' where key = $1`, [
    order,
  ])
  const { orders, remaining } = await list()
  expect([orders, remaining]).toMatchObject([[], [{ why: expect.stringContaining('not published yet') }]])
  expect(await erase([order])).toMatchObject({ erased: erasedRows(0, 0), remaining: [{ what: `order ${order}` }] })
  await ledger.pool.query(`update orders.outbox set parked_at = now(), parked_reason = 'test' where key = $1`, [order])
  expect((await list()).orders).toEqual([{ order, sale: testSale }])
  expect(await erase([order])).toMatchObject({ erased: erasedRows(1, 2), remaining: [] })
  for (const secret of secrets) expect(await tablesWith(ledger.pool, secret)).toEqual([])
})
