import { randomUUID } from 'node:crypto'
import { chargeability, operatorOrderResource, purchaseTrace } from '@floodgate/contracts'
import { ADMIN_TOKEN, expectProblem } from '@floodgate/testkit/fixtures'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { testSale } from '../testing/ledger.ts'
import { createOrderApp, expectBody, type OrderApp } from '../testing/order-app.ts'

let app: OrderApp
beforeAll(async () => {
  app = await createOrderApp()
})
afterAll(() => app.remove())

const asOperator = (method: string, path: string) => app.ask(method, path, { token: ADMIN_TOKEN })

it.each([
  ['GET', '/admin/orders/ID'],
  ['DELETE', '/admin/orders/ID'],
  ['GET', '/admin/orders/ID/chargeability'],
  ['POST', '/admin/orders/ID/refund'],
  ['GET', '/admin/traces/ID'],
])('only the operator may %s %s', async (method, path) => {
  const order = await app.place('ann')
  const at = path.replace('ID', order)
  for (const token of [undefined, 'wrong-operator-token', await app.signer.sign('ann')])
    await expectProblem(await app.ask(method, at, { token }), 'unauthorized')
  await expectProblem(await asOperator(method, path.replace('ID', randomUUID())), 'not-found')
  await expectProblem(await asOperator(method, path.replace('ID', 'nonsense')), 'invalid-request')
})

const requestsOf = async (order: string): Promise<number[]> => {
  const { rows } = await app.ledger.pool.query<{ version: number }>(
    `select version from orders.outbox where key = $1 and type = 'order.refund-requested.v1' order by id`,
    [order],
  )
  return rows.map(({ version }) => version)
}

it('the operator reads the whole order and cancels it while it is pending', async () => {
  const order = await app.place('ann')
  const seen = await expectBody(await asOperator('GET', `/admin/orders/${order}`), operatorOrderResource)
  expect(seen).toMatchObject({ buyer: 'ann', status: 'pending', endedAt: null })
  const after = await expectBody(await asOperator('DELETE', `/admin/orders/${order}`), operatorOrderResource)
  expect(after).toMatchObject({ status: 'cancelled', cancelReason: 'by-operator' })
  expect(after.endedAt).not.toBeNull()
  const paid = await app.place('ann', ['payment-succeeded'])
  await expectProblem(await asOperator('DELETE', `/admin/orders/${paid}`), 'order-not-cancellable')
})

it('the operator repeats a refund that was rejected, or whose request was lost: each 200 announces it', async () => {
  const rejected = await app.place('ann', ['hold-expired', 'payment-succeeded', 'payment-refund-refused'])
  const lost = await app.place('ann', ['hold-expired', 'payment-succeeded'])
  for (const order of [rejected, lost]) {
    const before = await requestsOf(order)
    for (const more of [1, 2]) {
      const after = await expectBody(await asOperator('POST', `/admin/orders/${order}/refund`), operatorOrderResource)
      expect(after.status).toBe('refund_pending')
      const requests = await requestsOf(order)
      expect(requests).toHaveLength(before.length + more)
      expect(requests.at(-1), 'newer than all previous ones').toBe(after.version)
    }
  }
  const done = await app.place('ann', ['hold-expired', 'payment-succeeded', 'payment-refunded'])
  const after = await expectBody(await asOperator('POST', `/admin/orders/${done}/refund`), operatorOrderResource)
  expect(after).toMatchObject({ status: 'refunded', version: 4 })
  expect(await requestsOf(done)).toHaveLength(1)
  const paid = await app.place('ann', ['payment-succeeded'])
  await expectProblem(await asOperator('POST', `/admin/orders/${paid}/refund`), 'order-not-refundable')
})

it('the operator learns whether an order may be charged', async () => {
  const [overdue] = await app.ledger.place([{ buyer: 'late', skus: ['apple'] }], { holdMs: 0 })
  const readChargeability = async (order: string) =>
    expectBody(await asOperator('GET', `/admin/orders/${order}/chargeability`), chargeability)
  expect(await readChargeability(await app.place('ann'))).toMatchObject({ chargeable: true, status: 'pending' })
  expect(await readChargeability(String(overdue))).toMatchObject({ chargeable: false, status: 'pending' })
  const over = await app.place('ann', ['cancelled-by-buyer'])
  expect(await readChargeability(over)).toEqual({ order: over, chargeable: false, status: 'cancelled' })
})

it('the operator can follow a purchase', async () => {
  const order = await app.place('ann', ['hold-expired', 'payment-succeeded', 'payment-refunded'])
  const trace = await expectBody(await asOperator('GET', `/admin/traces/${order}`), purchaseTrace)
  expect(trace).toMatchObject({ order, sale: testSale })
  const steps = trace.steps.map(({ step, detail }) => `${step} ${detail ?? ''}`.trim())
  expect(steps).toEqual(
    expect.arrayContaining([
      'order.held 1 × apple, 1 × bread',
      'order.committed',
      'order.cancelled expired',
      'order.refunded',
      'outbox.waiting order.refund-requested.v1',
    ]),
  )
})

it.each(['DELETE /admin/orders/ID', 'GET /admin/traces/ID'])(
  'while Postgres is unavailable %s is unavailable, with Retry-After',
  async (route) => {
    const [method = '', path = ''] = route.replace('ID', randomUUID()).split(' ')
    const chargeability = await app.askWhileAway(method, path, { token: ADMIN_TOKEN })
    expect(chargeability.headers.get('retry-after')).toBe('1')
    await expectProblem(chargeability, 'unavailable')
  },
)
