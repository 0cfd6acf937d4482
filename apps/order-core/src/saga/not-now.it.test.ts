import { randomUUID } from 'node:crypto'
import type { EventDataOf, FloodgateEvent } from '@floodgate/contracts'
import { createRecordingBus, type RecordingBus } from '@floodgate/event-bus/testing'
import { eventually, NOT_NOW_STATES, rejectWrites, type WriteFault } from '@floodgate/testkit'
import { ADMIN_TOKEN, expectProblem, silentLogger as log } from '@floodgate/testkit/fixtures'
import { NO_TRACING } from '@floodgate/tracing'
import { Registry } from 'prom-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRevocations } from '../checkout/revocations.ts'
import { testSale } from '../testing/ledger.ts'
import { createOrderApp, type OrderApp } from '../testing/order-app.ts'
import { createTestStock, type TestStock } from '../testing/stock.ts'
import { createSaga, type Saga } from './create-saga.ts'
import { createSagaMetrics } from './saga-metrics.ts'

let app: OrderApp
let stock: TestStock
let bus: RecordingBus
let saga: Saga
let problems: WriteFault
beforeAll(async () => {
  ;[app, stock] = await Promise.all([createOrderApp(), createTestStock()])
  const { pool } = app.ledger
  bus = createRecordingBus()
  saga = createSaga({
    notePayments: async () => undefined,
    namesInEvents: true,
    ...{ pool, bus, log, declinedMax: 3, refundRepeatMs: 300_000, metrics: new Registry(), tracing: NO_TRACING },
    stock: {
      endHolds: async (entries) => entries.map(() => 'settled' as const),
      correctStock: async (corrections) => corrections.map(() => 'corrected' as const),
    },
    refunds: { settle: async () => undefined, repeatStale: async () => 0 },
    sagaMetrics: createSagaMetrics(new Registry()),
    rememberRevocations: createRevocations({ pool, log, stockRedis: stock.stockRedis, wakeRelay: () => undefined })
      .remember,
    wakeRelay: () => undefined,
    reachFailPoint: async () => undefined,
  })
  await saga.start()
  problems = await rejectWrites(pool, 'orders')
})
afterAll(async () => {
  await saga.stop()
  await Promise.all([app.remove(), stock.remove()])
})

/** A transition makes five attempts before it reports the failure. */
const ONE_OF_EACH_CLASS = ['08006', '25006', '25P03', '40001', '53100', '57014', '58030']
const at = new Date().toISOString()
const envelope = () => ({ id: randomUUID(), source: '/test', time: at, aggregateVersion: 1 })
const paymentOf = (order: string): FloodgateEvent => ({
  type: 'payment.succeeded.v1',
  ...envelope(),
  data: { order, sale: testSale, amountMinor: 200, currency: 'EUR', charge: 'charge-1' },
})
const orderEnd = (order: string): EventDataOf<'order.confirmed.v1'> => ({
  ...{ order, sale: testSale, buyer: 'ann', slot: 'slot', createdAt: at, holdExpiresAt: at, sealedEmail: 'sealed' },
  ...{ items: [{ sku: 'apple', quantity: 1, priceMinor: 100 }], totalMinor: 100, currency: 'EUR' },
})
const rowsOf = async (text: string, value: string) => (await app.ledger.pool.query(text, [value])).rows

interface Consumer {
  readonly group: string
  /** The event that is rejected while Postgres cannot write. */
  event(id: string): FloodgateEvent
  id?(): Promise<string>
  done(id: string): Promise<void>
}
const consumers: readonly Consumer[] = [
  {
    group: 'order-core.saga',
    id: () => app.place('ann'),
    event: paymentOf,
    done: async (id) =>
      expect(await rowsOf('select status from orders.orders where id = $1', id)).toEqual([{ status: 'confirmed' }]),
  },
  {
    group: 'order-core.revocations',
    event: (slot) => ({
      type: 'admission.revoked.v1',
      ...envelope(),
      data: { sale: testSale, slot, passExpiresAt: at, at },
    }),
    done: async (slot) =>
      expect(await rowsOf('select slot from orders.revocations where slot = $1', slot)).toEqual([{ slot }]),
  },
  {
    group: 'order-core.sales',
    event: (sale) => ({
      type: 'sale.closed.v1',
      ...envelope(),
      data: { sale, name: 'Demo', state: 'closed', opensAt: null, closesAt: null, at },
    }),
    done: async (sale) =>
      expect(await rowsOf('select state from orders.sales where id = $1', sale)).toEqual([{ state: 'closed' }]),
  },
]

describe('a Postgres that cannot write for now', () => {
  it('covers every consumer; the one of the stock writes nothing there', async () => {
    await eventually(() => expect(bus.groups()).toHaveLength(4))
    expect([...bus.groups()].sort()).toEqual([...consumers.map(({ group }) => group), 'order-core.stock'].sort())
    await problems.begin('53100')
    const event: FloodgateEvent = { type: 'order.confirmed.v1', ...envelope(), data: orderEnd(randomUUID()) }
    expect(await bus.deliver('order-core.stock', [event])).toEqual({ kind: 'handled' })
    await problems.end()
  })

  it.each(consumers)(
    'makes no dead letter in $group, which finishes afterwards',
    async ({ group, event, id, done }) => {
      const subject = (await id?.()) ?? randomUUID()
      for (const state of NOT_NOW_STATES) {
        await problems.begin(state)
        expect(await bus.deliver(group, [event(subject)]), state).toMatchObject({ kind: 'waits' })
      }
      await problems.end()
      expect(await bus.deliver(group, [event(subject)])).toEqual({ kind: 'handled' })
      await done(subject)
    },
  )

  it('parks no order whose hold is over: it ends afterwards', async () => {
    const [order] = await app.ledger.place([{ buyer: 'ann', skus: ['apple'] }], { holdMs: 500 })
    for (const state of ONE_OF_EACH_CLASS) {
      await problems.begin(state)
      const failed = await saga.apply([{ order: String(order), fact: 'hold-expired' }]).catch((error: unknown) => error)
      expect(failed, state).toBeInstanceOf(Error)
    }
    await problems.end()
    await eventually(async () =>
      expect(await rowsOf('select status, cancel_reason from orders.orders where id = $1', String(order))).toEqual([
        { status: 'cancelled', cancel_reason: 'expired' },
      ]),
    )
    expect((await app.ledger.pool.query('select from orders.parked')).rowCount).toBe(0)
  })

  it('gives buyers and operators 503 with Retry-After', async () => {
    const [pending, refunding] = [await app.place('ann'), await app.place('ann', ['hold-expired', 'payment-succeeded'])]
    for (const state of ONE_OF_EACH_CLASS) {
      await problems.begin(state)
      const responses = await Promise.all([
        app.askAs('ann', 'DELETE', `/orders/${pending}`),
        app.ask('DELETE', `/admin/orders/${pending}`, { token: ADMIN_TOKEN }),
        app.ask('POST', `/admin/orders/${refunding}/refund`, { token: ADMIN_TOKEN }),
      ])
      for (const response of responses) {
        expect(response.headers.get('retry-after'), state).toMatch(/^\d+$/)
        await expectProblem(response, 'unavailable')
      }
    }
    await problems.end()
    expect((await app.askAs('ann', 'DELETE', `/orders/${pending}`)).status).toBe(200)
  })
})
