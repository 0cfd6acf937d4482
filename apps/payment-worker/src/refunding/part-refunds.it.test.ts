import { randomUUID } from 'node:crypto'
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

async function paidOrder() {
  const order = createOrder()
  await fixture.publish(order.placed())
  await eventually(async () => expect(await fixture.chargeStatus(order.id)).toBe('approved'))
  return order
}
const refundedMinor = async (order: string) =>
  (await fixture.charges()).find(({ orderId }) => orderId === order)?.refundedMinor
const outcomesOf = async (order: string) => {
  const { rows } = await fixture.pool.query<{ type: string; version: number; data: string }>(
    "select type, version, data from payments.outbox where key = $1 and type like '%refund%' order by id",
    [order],
  )
  return rows.map(({ type, version, data }) => ({ type, version, ...JSON.parse(data) }))
}

test('refunds of one order are made one by one, each once however often it is requested', async () => {
  const order = await paidOrder()
  const [first, second] = [
    { id: randomUUID(), amountMinor: 250 },
    { id: randomUUID(), amountMinor: 1_000 },
  ]
  await fixture.publish(order.partRefundRequested(first), order.partRefundRequested(first))
  await eventually(async () => expect(await refundedMinor(order.id)).toBe(250))
  await fixture.publish(order.partRefundRequested(second, 4), order.partRefundRequested(first, 5))
  await eventually(async () => {
    expect(await refundedMinor(order.id)).toBe(1_250)
    // A newer request of a refund that is made announces it again.
    const refunds = (await outcomesOf(order.id)).map(({ refund, amountMinor }) => `${refund} ${amountMinor}`)
    expect(refunds.sort()).toEqual([`${first.id} 250`, `${first.id} 250`, `${second.id} 1000`].sort())
  })
  const versions = (await outcomesOf(order.id)).map(({ version }) => version)
  expect(new Set(versions).size).toBe(3)
})

test('one that asks for more than is left is refused alone, and made once less is asked for', async () => {
  const order = await paidOrder()
  const [fits, tooMuch] = [
    { id: randomUUID(), amountMinor: 1_000 },
    { id: randomUUID(), amountMinor: 251 },
  ]
  await fixture.publish(order.partRefundRequested(fits))
  await eventually(async () => expect(await refundedMinor(order.id)).toBe(1_000))
  await fixture.publish(order.partRefundRequested(tooMuch, 4))
  await eventually(async () =>
    expect(await outcomesOf(order.id)).toMatchObject([
      { type: 'payment.refunded.v1', refund: fits.id },
      { type: 'payment.refund-refused.v1', refund: tooMuch.id, amountMinor: 251 },
    ]),
  )
  await fixture.pool.query('update payments.part_refunds set amount_minor = 250, key = key || $2 where id = $1', [
    tooMuch.id,
    ':2',
  ])
  await fixture.publish(order.partRefundRequested(tooMuch, 5))
  await eventually(async () => expect(await refundedMinor(order.id)).toBe(1_250))
})

test('one that no provider answered is made once the provider is back', async () => {
  const order = await paidOrder()
  const refund = { id: randomUUID(), amountMinor: 100 }
  await fixture.control({ mode: 'fail' })
  await fixture.publish(order.partRefundRequested(refund))
  await eventually(async () => {
    const { rows } = await fixture.pool.query('select tries from payments.part_refunds where id = $1', [refund.id])
    expect(rows[0]?.tries).toBeGreaterThan(0)
  })
  await fixture.control({ mode: 'ok' })
  await eventually(async () => expect(await refundedMinor(order.id)).toBe(100))
})
