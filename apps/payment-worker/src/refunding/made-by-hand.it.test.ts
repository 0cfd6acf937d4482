import { randomUUID } from 'node:crypto'
import { problemBody, purchaseTrace, refundAtProvider, rejectedRefunds } from '@floodgate/contracts'
import { eventually } from '@floodgate/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createOrder, type Fixture, startFixture } from '../testing/fixture.ts'

let fixture: Fixture
let worker: Awaited<ReturnType<Fixture['startWorker']>>
beforeAll(async () => {
  fixture = await startFixture()
  worker = await fixture.startWorker()
})
afterAll(async () => {
  await worker.stop()
  await fixture.stop()
})

const authorization = () => `Bearer ${fixture.adminToken}`
async function made(id: string, body: object = { reference: 're_1' }): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${worker.url()}/admin/refunds/${id}/made`, {
    method: 'POST',
    headers: { authorization: authorization(), 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return { status: response.status, body: await response.json() }
}
async function listed(): Promise<readonly string[]> {
  const response = await fetch(`${worker.url()}/admin/refunds`, { headers: { authorization: authorization() } })
  return rejectedRefunds.parse(await response.json()).refunds.map(({ id }) => id)
}
const announced = async (order: string) => {
  const { rows } = await fixture.pool.query<{ type: string; data: string }>(
    "select type, data from payments.outbox where key = $1 and type like '%refund%' order by id",
    [order],
  )
  return rows.map(({ type, data }) => ({ type, refund: (JSON.parse(data) as { refund?: string }).refund }))
}
const refundedMinor = async (order: string) =>
  (await fixture.charges()).find(({ orderId }) => orderId === order)?.refundedMinor

/** A refund of a paid order that the provider rejects: it asks for more than was paid. */
async function rejectedRefund() {
  const order = createOrder()
  await fixture.publish(order.placed())
  await eventually(async () => expect(await fixture.chargeStatus(order.id)).toBe('approved'))
  const refund = { id: randomUUID(), amountMinor: 1_251 }
  await fixture.publish(order.partRefundRequested(refund))
  await eventually(async () => expect(await listed()).toContain(refund.id))
  return { order, refund }
}

test('a rejected refund that was made by hand is announced once, and never sent to the provider again', async () => {
  const { order, refund } = await rejectedRefund()
  const outcomes = await Promise.all([made(refund.id), made(refund.id), made(refund.id)])
  for (const outcome of outcomes) {
    expect(outcome.status).toBe(200)
    expect(refundAtProvider.parse(outcome.body)).toMatchObject({
      ...{ id: refund.id, order: order.id, amountMinor: 1_251, currency: 'EUR' },
      ...{ status: 'refunded', reason: 'made by hand', reference: 're_1' },
    })
  }
  const rejectedThenMade = [
    { type: 'payment.refund-refused.v1', refund: refund.id },
    { type: 'payment.refunded.v1', refund: refund.id },
  ]
  expect(await announced(order.id)).toEqual(rejectedThenMade)
  expect(await listed()).not.toContain(refund.id)
  // The provider would accept less, if it were asked.
  await fixture.pool.query('update payments.part_refunds set amount_minor = 1, key = key || $2 where id = $1', [
    refund.id,
    ':2',
  ])
  await fixture.publish(order.partRefundRequested(refund, 5))
  await eventually(async () => expect(await announced(order.id)).toHaveLength(3))
  expect((await announced(order.id)).at(-1)).toEqual(rejectedThenMade[1])
  expect(await refundedMinor(order.id)).toBe(0)
  const { rows } = await fixture.pool.query(
    "select route, status from operators.audit where target->>'id' = $1 order by at",
    [refund.id],
  )
  const entry = { route: '/admin/refunds/{id}/made', status: 200 }
  expect(rows, 'the audit has each request').toEqual([entry, entry, entry])
  const trace = await fetch(`${worker.url()}/admin/traces/${order.id}`, { headers: { authorization: authorization() } })
  expect(purchaseTrace.parse(await trace.json()).steps.at(-1)).toMatchObject({
    step: 'refunded',
    detail: 'made by hand',
  })
})

test('of two references only one is recorded', async () => {
  const { order, refund } = await rejectedRefund()
  const outcomes = await Promise.all(['re_1', 're_2'].map((reference) => made(refund.id, { reference })))
  const [first, second] = outcomes.toSorted((one, other) => one.status - other.status)
  expect(first?.status).toBe(200)
  expect(problemBody.parse(second?.body)).toMatchObject({ code: 'refund-not-rejected', state: 'refunded' })
  expect(await announced(order.id)).toHaveLength(2)
})

test('a refund that is in progress, or that the provider made, cannot be made by hand', async () => {
  const order = createOrder()
  await fixture.publish(order.placed())
  await eventually(async () => expect(await fixture.chargeStatus(order.id)).toBe('approved'))
  const refund = { id: randomUUID(), amountMinor: 100 }
  await fixture.control({ mode: 'fail' })
  await fixture.publish(order.partRefundRequested(refund))
  await eventually(async () => expect((await made(refund.id)).status).toBe(409))
  expect(problemBody.parse((await made(refund.id)).body)).toMatchObject({ state: 'requested' })
  await fixture.control({ mode: 'ok' })
  await eventually(async () => expect(await refundedMinor(order.id)).toBe(100))
  await eventually(async () =>
    expect(problemBody.parse((await made(refund.id)).body)).toMatchObject({ state: 'refunded' }),
  )
  expect(await announced(order.id)).toEqual([{ type: 'payment.refunded.v1', refund: refund.id }])
})

test('the refund of an order that is over is made by hand by the id of its order', async () => {
  const order = createOrder({ paymentMethod: 'sim_declined' })
  await fixture.publish(order.placed())
  await eventually(async () => expect(await fixture.chargeStatus(order.id)).toBe('declined'))
  await fixture.publish(order.refundRequested())
  await eventually(async () => expect(await listed()).toContain(order.id))
  expect(refundAtProvider.parse((await made(order.id)).body)).toMatchObject({ id: order.id, amountMinor: 1_250 })
  expect((await announced(order.id)).at(-1)).toEqual({ type: 'payment.refunded.v1' })
})

test.each([
  ['no reference', {}],
  ['an empty one', { reference: '' }],
  ['a long one', { reference: 'x'.repeat(101) }],
  ['an unknown field', { reference: 're_1', amountMinor: 5 }],
])('with %s nothing is recorded', async (_, body) => {
  const { order, refund } = await rejectedRefund()
  expect(problemBody.parse((await made(refund.id, body)).body).code).toBe('invalid-request')
  expect(await listed()).toContain(refund.id)
  expect(await announced(order.id)).toHaveLength(1)
})

test('an unknown refund is not found', async () => {
  expect((await made(randomUUID())).status).toBe(404)
})
