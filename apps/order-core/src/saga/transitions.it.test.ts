import { randomUUID } from 'node:crypto'
import { Registry } from 'prom-client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { OrderFact } from '../order/decide.ts'
import { testSale } from '../testing/ledger.ts'
import { createTestSaga, type TestSaga } from '../testing/transitions.ts'
import { createSagaMetrics } from './saga-metrics.ts'

let saga: TestSaga
beforeEach(async () => {
  saga = await createTestSaga()
})
afterEach(() => saga.ledger.remove())

describe('a batch of facts', () => {
  it('sells what is paid: ledger, event and Redis agree', async () => {
    const order = await saga.placeOne()
    const outcomes = await saga.createProcess().apply([{ order, fact: 'payment-succeeded' }])
    expect(outcomes).toEqual([{ kind: 'moved', from: 'pending', to: 'confirmed' }])
    expect((await saga.ledger.count()).apple).toMatchObject({ held: 0, sold: 1 })
    expect(await saga.ledger.wrongUnits()).toEqual([])
    expect(saga.settled).toEqual([{ order, sale: testSale, outcome: 'sold', releaseSlot: false }])
    expect(saga.wakes()).toBe(1)
  })

  it('measures the time from the commit of an order to its confirmation, of confirmed orders only', async () => {
    const registry = new Registry()
    const { apply } = saga.createProcess({ metrics: createSagaMetrics(registry) })
    const [paid, declined] = [await saga.placeOne(), await saga.placeOne()]
    await saga.ledger.pool.query(`update orders.orders set committed_at = now() - interval '20 seconds'`)
    await apply([
      { order: paid, fact: 'payment-succeeded' },
      { order: declined, fact: 'payment-declined' },
    ])
    const text = await registry.getSingleMetricAsString('floodgate_order_confirm_duration_seconds')
    expect(text).toContain('_bucket{le="10"} 0')
    expect(text).toContain('_bucket{le="30"} 1')
    expect(text).toContain('_count 1')
  })

  it.each([
    ['payment-declined', 'declined', true],
    ['hold-expired', 'expired', false],
    ['cancelled-by-buyer', 'by-buyer', false],
    ['cancelled-by-operator', 'by-operator', false],
  ] as const)('returns all units after %s', async (fact, reason, releaseSlot) => {
    const order = await saga.placeOne()
    await saga.createProcess().apply([{ order, fact }])
    expect(await saga.ledger.statuses()).toEqual({ [`cancelled(${reason})`]: 1 })
    expect((await saga.ledger.count()).bread).toMatchObject({ held: 0, sold: 0 })
    expect(await saga.ledger.wrongUnits()).toEqual([])
    expect(saga.settled).toEqual([{ order, sale: testSale, outcome: 'released', releaseSlot }])
  })

  it('confirms free orders by a sweep, in any number of processes, and never any other order', async () => {
    const paid = await saga.placeOne()
    const free = await Promise.all([saga.placeOne(), saga.placeOne(), saga.placeOne()])
    await saga.ledger.pool.query('update orders.orders set total_minor = 0 where id = any ($1::uuid[])', [free])
    const { apply } = saga.createProcess()
    const order = String(free[0])
    expect(await apply([{ order, fact: 'payment-declined' }])).toMatchObject([{ kind: 'ignored', status: 'pending' }])
    expect(await apply([{ order: paid, fact: 'nothing-to-pay' }])).toMatchObject([{ kind: 'ignored' }])
    const counts = await Promise.all([saga.createProcess().confirmFree(10), saga.createProcess().confirmFree(10)])
    expect(counts.reduce((sum, count) => sum + count)).toBe(3)
    expect(await saga.createProcess().confirmFree(10)).toBe(0)
    expect(await saga.ledger.statuses()).toEqual({ confirmed: 3, pending: 1 })
    expect((await saga.ledger.count()).apple).toMatchObject({ held: 1, sold: 3 })
    expect(await saga.ledger.wrongUnits()).toEqual([])
    // A payment of zero, by an older worker, moves none.
    await apply(free.map((each) => ({ order: each, fact: 'payment-succeeded' })))
    expect((await saga.eventsOf(order)).map(({ type }) => type)).toEqual(['order.placed.v2', 'order.confirmed.v1'])
  })

  it('requests no refund for a cancelled free order, nor for a free one that the ledger does not have', async () => {
    const order = await saga.placeOne()
    await saga.ledger.pool.query('update orders.orders set total_minor = 0')
    const { apply } = saga.createProcess()
    await apply([{ order, fact: 'cancelled-by-buyer' }])
    const payment = { sale: testSale, amountMinor: 0, currency: 'EUR' }
    const unknown = randomUUID()
    const outcomes = await apply([order, unknown].map((each) => ({ order: each, fact: 'payment-succeeded', payment })))
    expect(outcomes).toMatchObject([{ kind: 'ignored', status: 'cancelled' }, { kind: 'unknown' }])
    expect(await saga.ledger.statuses()).toEqual({ 'cancelled(by-buyer)': 1 })
  })

  it('changes nothing when it is repeated, alone, doubled or late', async () => {
    const order = await saga.placeOne()
    const { apply } = saga.createProcess()
    await apply([
      { order, fact: 'payment-succeeded' },
      { order, fact: 'payment-succeeded' },
    ])
    const before = await saga.eventsOf(order)
    await apply([{ order, fact: 'payment-succeeded' }])
    await apply([
      { order, fact: 'payment-declined' },
      { order, fact: 'hold-expired' },
      { order, fact: 'cancelled-by-buyer' },
    ])
    expect(await saga.eventsOf(order)).toEqual(before)
    expect(before.map(({ type, version }) => [type, version])).toEqual([
      ['order.placed.v2', 1],
      ['order.confirmed.v1', 2],
    ])
    expect(saga.settled).toHaveLength(1)
    expect(saga.wakes()).toBe(1)
  })

  it('carries an order all the way through a late payment, in one batch or in many', async () => {
    const way: OrderFact[] = [
      'cancelled-by-buyer',
      'payment-succeeded',
      'payment-refund-refused',
      'refund-repeated',
      'payment-refunded',
    ]
    const [one, other] = await saga.ledger.place([
      { buyer: 'ann', skus: ['apple'] },
      { buyer: 'bob', skus: ['apple'] },
    ])
    const { apply } = saga.createProcess()
    await apply(way.map((fact) => ({ order: String(one), fact })))
    for (const fact of way) await apply([{ order: String(other), fact }])
    expect(await saga.ledger.statuses()).toEqual({ 'refunded(by-buyer)': 2 })
    for (const order of [one, other]) {
      expect((await saga.eventsOf(String(order))).map(({ type, version }) => `${version} ${type}`)).toEqual([
        '1 order.placed.v2',
        '2 order.cancelled.v1',
        '3 order.refund-requested.v1',
        '4 order.refund-parked.v1',
        '5 order.refund-requested.v1',
        '6 order.refunded.v1',
      ])
    }
    expect((await saga.ledger.count()).apple).toMatchObject({ held: 0, sold: 0 })
    expect(saga.settled).toHaveLength(2)
  })

  it('reports an order that does not exist as unknown, and still does the rest', async () => {
    const order = await saga.placeOne()
    const outcomes = await saga.createProcess().apply([
      { order: randomUUID(), fact: 'payment-succeeded' },
      { order, fact: 'payment-succeeded' },
    ])
    expect(outcomes.map(({ kind }) => kind)).toEqual(['unknown', 'moved'])
  })

  it('stays committed although Redis could not be updated', async () => {
    const order = await saga.placeOne()
    await saga
      .createProcess({ endHolds: () => Promise.reject(new Error('Connection is closed.')) })
      .apply([{ order, fact: 'payment-succeeded' }])
    expect(await saga.ledger.statuses()).toEqual({ confirmed: 1 })
  })
})
