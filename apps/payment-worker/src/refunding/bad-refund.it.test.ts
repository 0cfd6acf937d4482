import { eventually } from '@floodgate/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createOrder, type Fixture, startFixture } from '../testing/fixture.ts'

const GOOD = 50
let fixture: Fixture
let worker: Awaited<ReturnType<Fixture['startWorker']>>
beforeAll(async () => {
  fixture = await startFixture()
  // So many charges run at once that each needs a long time limit on a slow machine.
  worker = await fixture.startWorker({ GATEWAY_TIMEOUT_MS: '8000' })
})
afterAll(async () => {
  await worker.stop()
  await fixture.stop()
})

const refundsBy = async (status: string): Promise<string[]> => {
  const { rows } = await fixture.pool.query<{ order: string }>(
    'select order_id as "order" from payments.refunds where status = $1',
    [status],
  )
  return rows.map(({ order }) => order)
}

test('one refund that cannot be recorded blocks none of the others, and ends once it can be', async () => {
  const [bad, ...good] = Array.from({ length: GOOD + 1 }, () => createOrder())
  if (bad === undefined) throw new Error('There is no order.')
  await fixture.publish(...[bad, ...good].map((order) => order.placed()))
  await eventually(async () => {
    const { rows } = await fixture.pool.query(
      "select count(*)::int as n from payments.charges where status = 'approved'",
    )
    expect(rows).toEqual([{ n: GOOD + 1 }])
  })
  await fixture.pool.query(`create function public.refuse() returns trigger language plpgsql as $$
    begin raise exception 'not this one' using errcode = '23514'; end $$`)
  await fixture.pool.query(`create trigger refuse before update on payments.refunds for each row
    when (old.order_id = '${bad.id}' and new.status <> old.status) execute function public.refuse()`)
  await fixture.publish(...[bad, ...good].map((order) => order.refundRequested()))
  await eventually(async () => expect(await refundsBy('refunded')).toHaveLength(GOOD))
  await eventually(async () =>
    expect(await (await fetch(`${worker.opsUrl()}/metrics`)).text()).toMatch(
      /^floodgate_refunds_total\{[^}]*outcome="failed"[^}]*\} [1-9]/m,
    ),
  )
  expect(await refundsBy('requested')).toEqual([bad.id])
  expect((await fetch(`${worker.opsUrl()}/readyz`)).status).toBe(200)

  await fixture.pool.query(
    `update payments.refunds set created_at = now() - interval '11 minutes' where order_id = '${bad.id}'`,
  )
  const overdue = async () =>
    /^floodgate_payments_overdue\{[^}]*what="refund"[^}]*\} (\d+)/m.exec(
      await (await fetch(`${worker.opsUrl()}/metrics`)).text(),
    )?.[1]
  await eventually(async () => expect(await overdue()).toBe('1'))

  await fixture.pool.query('drop trigger refuse on payments.refunds')
  // Its lease lasts a minute from its last attempt; the test does not wait for it.
  await fixture.pool.query('update payments.refunds set due_at = now()')
  await eventually(async () => expect(await refundsBy('refunded')).toHaveLength(GOOD + 1))
  const refunded = (await fixture.charges()).filter(({ refundedMinor }) => refundedMinor === 1_250)
  expect(refunded).toHaveLength(GOOD + 1)
  await eventually(async () => expect(await overdue()).toBe('0'))
})
