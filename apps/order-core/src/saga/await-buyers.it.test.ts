import { decodeEvent, type EventOf, orderResource } from '@floodgate/contracts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { orderResourceOf } from '../orders/order-resource.ts'
import { createReadBuyerOrder } from '../orders/read-orders.ts'
import { testSale } from '../testing/ledger.ts'
import { createTestSaga, type TestSaga } from '../testing/transitions.ts'
import { awaitBuyers } from './await-buyers.ts'

let saga: TestSaga
beforeEach(async () => {
  saga = await createTestSaga()
})
afterEach(() => saga.ledger.remove())

const URL_OF_BANK = 'https://bank.example/authenticate/1'

const awaiting = (
  order: string,
  redirectUrl = URL_OF_BANK,
  aggregateVersion = 1,
): EventOf<'payment.awaiting-buyer.v1'> => ({
  type: 'payment.awaiting-buyer.v1',
  ...{ id: crypto.randomUUID(), source: '/test', time: new Date().toISOString(), aggregateVersion },
  data: { order, sale: testSale, amountMinor: 200, currency: 'EUR', redirectUrl },
})

async function shown(order: string) {
  const found = await createReadBuyerOrder(saga.ledger.pool)(order)
  if (found === undefined) throw new Error('no such order')
  return orderResource.parse(orderResourceOf(found))
}

describe('a payment that awaits its buyer', () => {
  it('shows where the buyer has to go, without moving the order', async () => {
    const order = await saga.placeOne()
    expect(await awaitBuyers(saga.ledger.pool, [awaiting(order)])).toBe(true)
    expect(await shown(order)).toMatchObject({
      ...{ status: 'pending', version: 2 },
      payment: { state: 'awaiting-buyer', redirectUrl: URL_OF_BANK },
    })
    const [, told] = await saga.eventsOf(order)
    const headers = {
      ce_type: told?.type,
      ce_id: told?.event_id,
      ce_source: '/test',
      ce_time: '2026-01-01T00:00:00.000Z',
    }
    const decoded = decodeEvent({
      headers: { ...headers, ce_aggregateversion: String(told?.version) },
      value: told?.data ?? '',
    })
    expect(decoded).toMatchObject({
      event: { type: 'order.awaiting-buyer.v1', aggregateVersion: 2, data: { order, redirectUrl: URL_OF_BANK } },
    })
  })

  it('changes nothing when it is repeated, and a newer address replaces the earlier one', async () => {
    const order = await saga.placeOne()
    const news = (...events: ReturnType<typeof awaiting>[]) => awaitBuyers(saga.ledger.pool, events)
    expect(await news(awaiting(order), awaiting(order))).toBe(true)
    expect(await news(awaiting(order))).toBe(false)
    expect(await news(awaiting(order, 'https://bank.example/2', 2), awaiting(order))).toBe(true)
    expect(await shown(order)).toMatchObject({ version: 3, payment: { redirectUrl: 'https://bank.example/2' } })
  })

  it.each(['payment-succeeded', 'cancelled-by-buyer', 'hold-expired'] as const)(
    'shows nothing for an order that is over by %s, and is moved like any other',
    async (fact) => {
      const order = await saga.placeOne()
      await awaitBuyers(saga.ledger.pool, [awaiting(order)])
      await saga.createProcess().apply([{ order, fact }])
      const over = await shown(order)
      expect(over).not.toHaveProperty('payment')
      expect(over).toMatchObject({ version: 3 })
      expect(await awaitBuyers(saga.ledger.pool, [awaiting(order, 'https://bank.example/2', 2)])).toBe(false)
    },
  )

  it('that the ledger does not have changes nothing', async () => {
    expect(await awaitBuyers(saga.ledger.pool, [awaiting(crypto.randomUUID())])).toBe(false)
    expect(await awaitBuyers(saga.ledger.pool, [])).toBe(false)
  })
})
