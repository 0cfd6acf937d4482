import { operatorOrderResource, orderList, orderResource } from '@floodgate/contracts'
import { ADMIN_TOKEN, expectProblem } from '@floodgate/testkit/fixtures'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createOrderApp, expectBody, type OrderApp } from '../testing/order-app.ts'
import { createTestTransitions } from '../testing/transitions.ts'

let app: OrderApp
beforeAll(async () => {
  app = await createOrderApp()
})
afterAll(() => app.remove())

const post = (order: string, body: object, key: string | undefined = crypto.randomUUID(), token = ADMIN_TOKEN) =>
  app.post(`/admin/orders/${order}/refunds`, {
    body,
    headers: { authorization: `Bearer ${token}`, ...(key === undefined ? {} : { 'idempotency-key': key }) },
  })
const apple = { items: [{ sku: 'apple', quantity: 1 }], restock: true, reason: 'bruised' }
const whole = { restock: false, reason: 'lost on its way' }

it('an operator refunds a line, and then the rest: every view of the order says so', async () => {
  const order = await app.place('ann', ['payment-succeeded'])
  const key = crypto.randomUUID()
  const first = await post(order, apple, key)
  expect(first.status).toBe(201)
  const seen = operatorOrderResource.parse(await first.json())
  expect(seen).toMatchObject({ status: 'confirmed', refundsMinor: 100, version: 3 })
  expect(seen.refunds).toMatchObject([
    { status: 'requested', amountMinor: 100, items: [{ sku: 'apple', quantity: 1 }], reason: 'bruised' },
  ])
  const again = await post(order, apple, key)
  expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([201, 'true'])
  expect(await again.json()).toEqual(seen)

  expect((await post(order, whole)).status).toBe(201)
  const own = await expectBody(await app.askAs('ann', 'GET', `/orders/${order}`), orderResource)
  const [apples, rest] = [{ sku: 'apple', quantity: 1, amountMinor: 100 }, expect.any(Array)]
  expect(own).toMatchObject({ status: 'refund_pending', refundsMinor: 200 })
  expect(own.refunds).toEqual([
    { id: seen.refunds?.[0]?.id, status: 'requested', amountMinor: 100, items: [apples] },
    { id: expect.any(String), status: 'requested', amountMinor: 100, items: rest },
  ])
  const inspected = await app.ask('GET', `/admin/orders/${order}`, { token: ADMIN_TOKEN })
  expect((await expectBody(inspected, operatorOrderResource)).refunds).toHaveLength(2)
  const repeated = await app.ask('POST', `/admin/orders/${order}/refund`, { token: ADMIN_TOKEN })
  expect((await expectBody(repeated, operatorOrderResource)).version).toBe(6)
})

it('bad requests change nothing', async () => {
  const order = await app.place('ann', ['payment-succeeded'])
  const key = crypto.randomUUID()
  await expectProblem(await post(order, apple, ''), 'key-missing')
  await expectProblem(await post(order, { ...apple, restock: 'yes' }), 'invalid-request')
  await expectProblem(await post(order, { ...apple, items: [...apple.items, ...apple.items] }), 'invalid-request')
  await expectProblem(await post(order, { ...apple, amountMinor: 5 }), 'invalid-request')
  await expectProblem(await post(crypto.randomUUID(), apple), 'not-found')
  await expectProblem(await post(order, apple, key, 'wrong-operator-token'), 'unauthorized')
  const tooMany = await post(order, { ...apple, items: [{ sku: 'apple', quantity: 2 }] })
  expect(await expectProblem(tooMany, 'refund-too-large')).toMatchObject({ skus: ['apple'] })
  expect((await post(order, apple, key)).status).toBe(201)
  await expectProblem(await post(order, { ...apple, restock: false }, key), 'key-reused')
  const pending = await app.place('ann')
  expect(await expectProblem(await post(pending, whole), 'order-not-refundable')).toMatchObject({ state: 'pending' })
  const { rows } = await app.ledger.pool.query(
    'select count(*)::int as refunds from orders.refunds where order_id = $1',
    [order],
  )
  expect(rows).toEqual([{ refunds: 1 }])
})

it('a buyer cancels a paid order while the sale allows it, as often as the button is pressed', async () => {
  const { pool } = app.ledger
  const order = await app.place('ann', ['payment-succeeded'])
  const cancel = () => app.askAs('ann', 'DELETE', `/orders/${order}`)
  expect(await expectProblem(await cancel(), 'order-not-cancellable')).toMatchObject({
    ...{ state: 'confirmed', detail: expect.stringContaining('is over') },
  })
  await pool.query('update orders.catalogues set cancel_within_seconds = 3600')
  for (const _ of ['once', 'again']) {
    const cancelled = await expectBody(await cancel(), orderResource)
    expect(cancelled).toMatchObject({ status: 'refund_pending', refundsMinor: 200, version: 3 })
  }
  await pool.query('update orders.catalogues set cancel_within_seconds = 0')
  expect((await cancel()).status).toBe(200)
})

it('the time until which a paid order can be cancelled is shown while it can be, wherever its buyer reads it', async () => {
  const { pool } = app.ledger
  const buyer = 'bea'
  const order = await app.place(buyer)
  const read = async () => await expectBody(await app.askAs(buyer, 'GET', `/orders/${order}`), orderResource)
  const allow = (seconds: number) => pool.query('update orders.catalogues set cancel_within_seconds = $1', [seconds])
  await allow(3_600)
  expect(await read()).not.toHaveProperty('cancellableUntil')
  await createTestTransitions(pool).apply([{ order, fact: 'payment-succeeded' }])
  const { rows } = await pool.query<{ until: Date }>(
    `select ended_at + interval '3600 seconds' as until from orders.orders where id = $1`,
    [order],
  )
  const cancellableUntil = rows[0]?.until.toISOString()
  const shown = await read()
  expect(shown).toMatchObject({ status: 'confirmed', cancellableUntil })
  const { orders } = await expectBody(await app.askAs(buyer, 'GET', '/orders'), orderList)
  expect(orders).toEqual([shown])
  // What an operator refunds leaves the rest cancellable.
  await post(order, apple)
  expect(await read()).toMatchObject({ status: 'confirmed', cancellableUntil })
  await allow(0)
  expect(await read()).not.toHaveProperty('cancellableUntil')
  await allow(3_600)
  expect((await app.askAs(buyer, 'DELETE', `/orders/${order}`)).status).toBe(200)
  const cancelled = await read()
  expect(cancelled).toMatchObject({ status: 'refund_pending', refundsMinor: 200 })
  expect(cancelled).not.toHaveProperty('cancellableUntil')
  await allow(0)
})

it('buyers see a refund that the provider rejected as one on its way, and a made one as made', async () => {
  const order = await app.place('cid', ['payment-succeeded'])
  await post(order, apple)
  const read = async () => {
    const { refunds } = await expectBody(await app.askAs('cid', 'GET', `/orders/${order}`), orderResource)
    return refunds?.map(({ status }) => status)
  }
  const move = (status: string) =>
    app.ledger.pool.query('update orders.refunds set status = $2 where order_id = $1', [order, status])
  await move('parked')
  expect(await read()).toEqual(['requested'])
  await move('refunded')
  expect(await read()).toEqual(['refunded'])
})
