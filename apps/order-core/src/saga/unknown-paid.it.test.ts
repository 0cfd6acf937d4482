import { randomUUID } from 'node:crypto'
import { eventDefinition } from '@floodgate/contracts'
import { Registry } from 'prom-client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { testSale } from '../testing/ledger.ts'
import { createTestSaga, type TestSaga } from '../testing/transitions.ts'
import { createSagaMetrics } from './saga-metrics.ts'

let saga: TestSaga
beforeEach(async () => {
  saga = await createTestSaga()
})
afterEach(() => saga.ledger.remove())

describe('an order that the ledger does not have', () => {
  it('refunds an order that the ledger does not have, once, and never revives it', async () => {
    const order = randomUUID()
    const payment = { sale: testSale, amountMinor: 4_200, currency: 'EUR' }
    const paid = { order, fact: 'payment-succeeded' as const, payment }
    const [{ apply }, other] = [saga.createProcess(), saga.createProcess()]
    // Delivered twice in one batch, and to two processes at once.
    await Promise.all([apply([paid, paid]), other.apply([paid])])
    await apply([paid])
    expect(await saga.ledger.statuses()).toEqual({ 'refund_pending(abandoned)': 1 })
    const events = await saga.eventsOf(order)
    expect(events.map(({ type }) => type)).toEqual(['order.refund-requested.v1'])
    const data = eventDefinition('order.refund-requested.v1')?.data.parse(JSON.parse(events[0]?.data ?? ''))
    expect(data).toMatchObject({ order, totalMinor: 4_200, currency: 'EUR', items: [], sealedEmail: '' })
    await apply([{ order, fact: 'payment-refunded' }])
    expect(await saga.ledger.statuses()).toEqual({ 'refunded(abandoned)': 1 })
    expect(saga.settled, 'nothing of it is in stock').toEqual([])
  })

  it('counts the orders that it wrote because the ledger did not have them', async () => {
    const registry = new Registry()
    const payment = { sale: testSale, amountMinor: 1, currency: 'EUR' }
    const orders = [randomUUID(), randomUUID(), await saga.placeOne()]
    await saga
      .createProcess({ metrics: createSagaMetrics(registry) })
      .apply(orders.map((order) => ({ order, fact: 'payment-succeeded' as const, payment })))
    expect(await saga.ledger.statuses()).toEqual({ confirmed: 1, 'refund_pending(abandoned)': 2 })
    expect(await registry.getSingleMetricAsString('floodgate_unknown_orders_paid_total')).toMatch(/ 2$/m)
  })
})
