import { eventually } from '@floodgate/testkit'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { createOrder, type Fixture, startFixture } from './testing/fixture.ts'

let fixture: Fixture
let worker: Awaited<ReturnType<Fixture['startWorker']>>
beforeAll(async () => {
  fixture = await startFixture()
})
afterAll(() => fixture.stop())
beforeEach(async () => {
  fixture.core.mode = 'yes'
  worker = await fixture.startWorker()
})
afterEach(() => worker.stop())

const eventsOf = async (order: string) => (await fixture.paymentEvents()).filter((event) => event.key === order)
const chargesOf = async (order: string) => (await fixture.charges()).filter((charge) => charge.orderId === order)
const settled = (order: string, status: string) =>
  eventually(async () => expect(await fixture.chargeStatus(order)).toBe(status))

async function redirectOf(order: string): Promise<string> {
  const { rows } = await fixture.pool.query<{ data: string }>(
    `select data from payments.outbox where key = $1 and type = 'payment.awaiting-buyer.v1'`,
    [order],
  )
  expect(rows).toHaveLength(1)
  return (JSON.parse(rows[0]?.data ?? '') as { redirectUrl: string }).redirectUrl
}

async function awaited(changes: Parameters<typeof createOrder>[0] = {}) {
  const order = createOrder({ paymentMethod: 'sim_3ds', ...changes })
  await fixture.publish(order.placed())
  await settled(order.id, 'awaiting-buyer')
  return { order, redirectUrl: await redirectOf(order.id) }
}

const decide = (redirectUrl: string, agree: boolean) =>
  fetch(`${redirectUrl}/decision?agree=${agree}`, { method: 'POST', redirect: 'manual' })

test('a payment that needs its buyer is announced with the address, once, and leads back to the page of the sale', async () => {
  const { order, redirectUrl } = await awaited()
  await fixture.publish(order.placed(), order.buyerReturned(), order.buyerReturned())
  const other = await awaited()
  expect(await eventsOf(order.id)).toEqual([{ type: 'payment.awaiting-buyer.v1', key: order.id, version: 1 }])
  expect(await eventsOf(other.order.id)).toHaveLength(1)
  const back = await decide(redirectUrl, true)
  expect(back.headers.get('location')).toMatch(`http://127.0.0.1:7100/sales/demo?payment=${order.id}&charge=`)
})

test('the return of the buyer leads to a look at once, however often it is delivered, and settles what was decided', async () => {
  const [agreed, refused] = [await awaited(), await awaited()]
  await decide(agreed.redirectUrl, true)
  await decide(refused.redirectUrl, false)
  await fixture.publish(agreed.order.buyerReturned(), agreed.order.buyerReturned(), refused.order.buyerReturned())
  await settled(agreed.order.id, 'approved')
  await settled(refused.order.id, 'declined')
  await fixture.publish(agreed.order.buyerReturned(), refused.order.buyerReturned())
  expect((await eventsOf(agreed.order.id)).map(({ type, version }) => [type, version])).toEqual([
    ['payment.awaiting-buyer.v1', 1],
    ['payment.succeeded.v1', 2],
  ])
  expect((await eventsOf(refused.order.id)).map(({ type }) => type)).toEqual([
    'payment.awaiting-buyer.v1',
    'payment.declined.v1',
  ])
})

test('a worker that was killed while the buyer was away continues where the buyer comes back', async () => {
  const { order, redirectUrl } = await awaited()
  await worker.stop()
  await decide(redirectUrl, true)
  await fixture.publish(order.buyerReturned())
  worker = await fixture.startWorker()
  await settled(order.id, 'approved')
  expect(await chargesOf(order.id)).toMatchObject([{ status: 'approved' }])
})

test('a buyer who agrees and never comes back has paid all the same', async () => {
  const { order, redirectUrl } = await awaited()
  await decide(redirectUrl, true)
  await fixture.pool.query(`update payments.charges set due_at = now() where order_id = $1`, [order.id])
  await settled(order.id, 'approved')
})

test('an order that is over is closed at the provider: a buyer who agrees afterwards is charged nothing', async () => {
  const { order, redirectUrl } = await awaited()
  await fixture.publish(order.cancelled())
  await settled(order.id, 'not-charged')
  await decide(redirectUrl, true)
  await fixture.publish(order.buyerReturned())
  const next = await awaited()
  expect(await fixture.chargeStatus(order.id)).toBe('not-charged')
  expect(await chargesOf(order.id)).toMatchObject([{ status: 'needs-buyer' }])
  expect(await eventsOf(next.order.id)).toHaveLength(1)
})

test('a buyer who agreed before the order was over is charged, and refunded', async () => {
  const { order, redirectUrl } = await awaited()
  await decide(redirectUrl, true)
  await fixture.publish(order.cancelled(), order.refundRequested())
  await eventually(async () =>
    expect((await eventsOf(order.id)).map(({ type }) => type)).toEqual([
      'payment.awaiting-buyer.v1',
      'payment.succeeded.v1',
      'payment.refunded.v1',
    ]),
  )
})

test('a buyer who comes back while every slot is taken gets the next one', async () => {
  const { order, redirectUrl } = await awaited()
  await decide(redirectUrl, true)
  await worker.stop()
  // Only the return makes it due, and no further sweep looks.
  await fixture.pool.query(`update payments.charges set due_at = now() + interval '1 hour' where order_id = $1`, [
    order.id,
  ])
  worker = await fixture.startWorker({ CHARGES_IN_FLIGHT: '1', SWEEP_MS: '60000', GATEWAY_TIMEOUT_MS: '8000' })
  await fixture.control({ mode: 'hang', delayMs: 600_000 })
  const hanging = createOrder()
  await fixture.publish(hanging.placed())
  await settled(hanging.id, 'started')
  await fixture.publish(order.buyerReturned())
  await eventually(async () => {
    const { rows } = await fixture.pool.query(
      `select due_at between now() + interval '10 s' and now() + interval '30 s' as leased from payments.charges where order_id = $1`,
      [order.id],
    )
    expect(rows).toEqual([{ leased: true }])
  })
  await fixture.control({ mode: 'ok' })
  await settled(order.id, 'approved')
  await settled(hanging.id, 'approved')
})

test('past its deadline a payment is continued only after the order core confirms it', async () => {
  const { order, redirectUrl } = await awaited({ chargeBy: new Date(Date.now() + 3_000) })
  await decide(redirectUrl, true)
  await fixture.pool.query(`update payments.charges set charge_by = now() - interval '1 second' where order_id = $1`, [
    order.id,
  ])
  fixture.core.mode = 'down'
  const { asked } = fixture.core
  await fixture.publish(order.buyerReturned({ charge: 'of the buyer' }))
  await eventually(() => expect(fixture.core.asked).toBeGreaterThan(asked))
  expect(await fixture.chargeStatus(order.id)).toBe('awaiting-buyer')
  fixture.core.mode = 'yes'
  await fixture.publish(order.buyerReturned({ charge: 'of the buyer' }))
  await settled(order.id, 'approved')
})

test('a proof is kept only until it is used, and erased with the address of the bank', async () => {
  const { order, redirectUrl } = await awaited()
  await decide(redirectUrl, true)
  await fixture.publish(order.buyerReturned({ charge: 'of the buyer' }))
  await settled(order.id, 'approved')
  const { rows } = await fixture.pool.query(
    'select buyer_proof as proof, redirect_url as url from payments.charges where order_id = $1',
    [order.id],
  )
  expect(rows).toEqual([{ proof: null, url: null }])
})
