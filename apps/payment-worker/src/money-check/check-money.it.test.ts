import { moneyCheck } from '@floodgate/contracts'
import { eventually, wrongMethods } from '@floodgate/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createOrder, type Fixture, startFixture } from '../testing/fixture.ts'
import { checkMoney } from './check-money.ts'

let fixture: Fixture
let worker: Awaited<ReturnType<Fixture['startWorker']>>
beforeAll(async () => {
  fixture = await startFixture()
  worker = await fixture.startWorker()
})
afterAll(async () => {
  await worker?.stop()
  await fixture?.stop()
})

const ask = (token = fixture.adminToken) =>
  fetch(`${worker.url()}/admin/money-check`, { headers: { authorization: `Bearer ${token}` } })
const check = async () => moneyCheck.parse(await (await ask()).json())

test("the provider's charges are compared with the order core's orders, for the operator only", async () => {
  const money = { totalMinor: 1_250, currency: 'EUR' }
  const [right, unknown, refunded] = [createOrder(), createOrder(), createOrder()]
  await fixture.publish(...[right, unknown, refunded].map((order) => order.placed()))
  for (const { id } of [right, unknown, refunded])
    await eventually(async () => expect(await fixture.chargeStatus(id)).toBe('approved'))
  await fixture.publish(refunded.cancelled(), refunded.refundRequested())
  await eventually(async () =>
    expect((await fixture.paymentEvents()).map(({ type }) => type)).toContain('payment.refunded.v1'),
  )
  const uncharged = createOrder().id
  fixture.core.orders = [
    { id: right.id, status: 'confirmed', ...money },
    { id: refunded.id, status: 'refunded', ...money },
    { id: uncharged, status: 'confirmed', ...money },
  ]
  const { findings, ...sums } = await check()
  expect(sums).toEqual({ ok: false, charges: 3, orders: 3, underWay: 0 })
  expect(findings).toHaveLength(2)
  expect(findings).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ order: unknown.id, problem: 'charge-without-order', status: null }),
      expect.objectContaining({ order: uncharged, problem: 'confirmed-without-charge', charges: [] }),
    ]),
  )
  fixture.core.orders = [
    { id: right.id, status: 'confirmed', ...money },
    { id: unknown.id, status: 'pending', ...money },
    { id: refunded.id, status: 'refunded', ...money },
  ]
  expect(await check()).toEqual({ ok: true, charges: 3, orders: 3, underWay: 1, findings: [] })
  expect((await ask('another')).status).toBe(401)

  fixture.core.mode = 'down'
  const response = await ask()
  expect(response.status, 'never "all right" when the order core does not respond').toBe(503)
  expect(await response.json()).toMatchObject({ code: 'unavailable', retryable: true })
})

test('a provider that does not list its charges makes the check fail, too', async () => {
  const unavailable = { kind: 'unavailable' as const, unknown: false, detail: 'away' }
  const checking = checkMoney({
    books: { readAll: async () => ({ orders: new Map(), keptSinceMs: 0 }), readOne: async () => undefined },
    gateway: { listCharges: async () => unavailable },
    signal: new AbortController().signal,
  })
  await expect(checking).rejects.toMatchObject({ code: 'unavailable' })
})

test('rejects unsupported methods of a path with 405 and `Allow`, and operators without a token', async () => {
  const { adminToken } = fixture
  expect(await wrongMethods({ app: 'payment-worker', url: worker.url(), adminToken })).toEqual([])
})
