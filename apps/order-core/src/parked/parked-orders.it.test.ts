import { parkedOrders, parkedRetried } from '@floodgate/contracts'
import { eventually } from '@floodgate/testkit'
import { ADMIN_TOKEN, expectProblem, silentLogger } from '@floodgate/testkit/fixtures'
import { Registry } from 'prom-client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createExpiry } from '../saga/expiry.ts'
import { createOrderApp, expectBody, type OrderApp } from '../testing/order-app.ts'
import { createTestTransitions } from '../testing/transitions.ts'
import { createParkedCount } from './parked-orders.ts'

const log = silentLogger
const GOOD = 1_000
let app: OrderApp
beforeEach(async () => {
  app = await createOrderApp()
})
afterEach(() => app.remove())

const transitions = () => createTestTransitions(app.ledger.pool)
const asOperator = (method: string, path: string) => app.ask(method, path, { token: ADMIN_TOKEN })
const listed = async () => (await expectBody(await asOperator('GET', '/admin/parked'), parkedOrders)).parked
const place = async (buyer: string, orders = 1) =>
  await app.ledger.place(
    Array.from({ length: orders }, () => ({ buyer, skus: ['apple'] })),
    { holdMs: 0 },
  )
/** Places an overdue order whose buyer's units no longer add up, older than all others. */
const placeBad = async () => {
  const [order] = await place('bad')
  await app.ledger.pool.query(`update orders.buyer_units set units = 0 where buyer = 'bad'`)
  await app.ledger.pool.query(`update orders.orders set hold_expires_at = now() - interval '1 hour' where id = $1`, [
    order,
  ])
  return String(order)
}
const expireAll = async () => {
  const { expire } = transitions()
  while ((await expire(500)) > 0);
}

describe('one inconsistent order among a thousand overdue ones', () => {
  it('is parked alone: the others expire, it is listed and counted, and the expiry stays ready', async () => {
    const bad = await placeBad()
    await place('ann', GOOD)
    const metrics = new Registry()
    const count = createParkedCount({ pool: app.ledger.pool, metrics })
    const expiry = createExpiry({ ...transitions(), countParked: count, log })
    expiry.start()
    await eventually(async () => {
      expect(await app.ledger.statuses()).toEqual({ 'cancelled(expired)': GOOD, pending: 1 })
      expect(await metrics.metrics()).toMatch(/^floodgate_parked_orders 1$/m)
    })
    expect(expiry.health()).toEqual({ ready: true })
    await expiry.stop()
    expect(await listed()).toMatchObject([{ order: bad, fact: 'hold-expired', attempts: 1 }])
    expect((await listed())[0]?.reason).toContain('buyer_units_within_limit')
  })

  it('that cannot even be read is parked all the same', async () => {
    const [unreadable] = await place('ann')
    await app.ledger.pool.query(`update orders.orders set total_minor = 9223372036854775807 where id = $1`, [
      unreadable,
    ])
    await place('bob', 20)
    await expireAll()
    expect(await app.ledger.statuses()).toEqual({ 'cancelled(expired)': 20, pending: 1 })
    expect(await listed()).toMatchObject([{ order: unreadable }])
  })

  it('an operator retries it: rejected with the reason until its rows are corrected', async () => {
    const bad = await placeBad()
    await expireAll()
    const problem = await expectProblem(await asOperator('POST', `/admin/parked/${bad}/retry`), 'order-parked')
    expect(problem.detail).toContain('buyer_units_within_limit')
    expect(await listed()).toMatchObject([{ order: bad, attempts: 2 }])
    await app.ledger.pool.query(`update orders.buyer_units set units = 1 where buyer = 'bad'`)
    expect(await expectBody(await asOperator('POST', `/admin/parked/${bad}/retry`), parkedRetried)).toEqual({
      order: bad,
      outcome: 'moved',
    })
    expect(await app.ledger.statuses()).toEqual({ 'cancelled(expired)': 1 })
    expect(await app.ledger.wrongUnits()).toEqual([])
    expect(await listed()).toEqual([])
    await expectProblem(await asOperator('POST', `/admin/parked/${bad}/retry`), 'not-found')
  })

  it('an operator drops it: it stays unchanged, and no sweep retries it', async () => {
    const bad = await placeBad()
    await expireAll()
    expect((await asOperator('DELETE', `/admin/parked/${bad}`)).status).toBe(204)
    expect(await listed()).toEqual([])
    await expectProblem(await asOperator('DELETE', `/admin/parked/${bad}`), 'not-found')
    await expireAll()
    expect(await listed()).toEqual([])
    expect(await app.ledger.statuses()).toEqual({ pending: 1 })
  })

  it('is no longer parked once it moved on in another way', async () => {
    const bad = await placeBad()
    await expireAll()
    await app.ledger.pool.query(`update orders.buyer_units set units = 1 where buyer = 'bad'`)
    await transitions().apply([{ order: bad, fact: 'payment-succeeded' }])
    const metrics = new Registry()
    await createParkedCount({ pool: app.ledger.pool, metrics })()
    expect(await metrics.metrics()).toMatch(/^floodgate_parked_orders 0$/m)
    expect(await listed()).toEqual([])
  })
})

it('a fault of the schema is no order’s fault: nothing is parked, and everything is done afterwards', async () => {
  await place('ann', 10)
  const { pool } = app.ledger
  await pool.query('alter table orders.buyer_units rename to gone')
  await expect(transitions().expire(500)).rejects.toMatchObject({ code: '42P01' })
  await pool.query('alter table orders.gone rename to buyer_units')
  expect(await listed()).toEqual([])
  await expireAll()
  expect(await app.ledger.statuses()).toEqual({ 'cancelled(expired)': 10 })
})

it.each([
  ['GET', '/admin/parked'],
  ['POST', '/admin/parked/4b3b7e0a-8a8b-4f4e-9d53-0f6a5b8f2f10/retry'],
  ['DELETE', '/admin/parked/4b3b7e0a-8a8b-4f4e-9d53-0f6a5b8f2f10'],
])('only the operator may %s %s', async (method, path) => {
  for (const token of [undefined, 'wrong-operator-token'])
    await expectProblem(await app.ask(method, path, { token }), 'unauthorized')
})
