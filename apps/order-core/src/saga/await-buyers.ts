import { type EventOf, eventGuard, type FloodgateEvent } from '@floodgate/contracts'
import { withTransaction } from '@floodgate/database'
import { insertOutbox } from '@floodgate/outbox'
import type { Pool } from 'pg'
import { lockOrders } from '../order/lock-orders.ts'
import { awaitingBuyerEvent } from '../order/order-event.ts'

export const awaitingTypes = ['payment.awaiting-buyer.v1'] as const

const isAwaiting = eventGuard(awaitingTypes)

/**
 * Stores where the buyers of pending orders have to agree to their payments, and announces it, in one transaction. The
 * state of the order stays; its version rises, so that live views follow. Orders that are over, and an address that an
 * order already shows, change nothing. Resolves to whether there was news.
 */
export async function awaitBuyers(pool: Pool, events: readonly FloodgateEvent[]): Promise<boolean> {
  const newest = new Map<string, EventOf<(typeof awaitingTypes)[number]>>()
  for (const event of events.filter(isAwaiting))
    if (event.aggregateVersion > (newest.get(event.data.order)?.aggregateVersion ?? 0))
      newest.set(event.data.order, event)
  if (newest.size === 0) return false
  return await withTransaction(pool, async (client) => {
    const locked = await lockOrders(client, [...newest.keys()])
    const news = locked.flatMap((order) => {
      const event = newest.get(order.id)
      const url = event?.data.redirectUrl
      if (order.status !== 'pending' || url === undefined || url === order.paymentUrl) return []
      return [{ order: { ...order, version: order.version + 1 }, url, traceparent: event?.traceparent }]
    })
    if (news.length === 0) return false
    await client.query({
      name: 'await-buyers',
      text: `update orders.orders o set payment_url = m.url, version = m.version, updated_at = now()
        from unnest($1::uuid[], $2::text[], $3::int[]) as m (id, url, version) where o.id = m.id`,
      values: [news.map(({ order }) => order.id), news.map(({ url }) => url), news.map(({ order }) => order.version)],
    })
    await insertOutbox(
      client,
      'orders',
      news.map(({ order, url, traceparent }) => awaitingBuyerEvent(order, url, traceparent ?? order.traceparent)),
    )
    return true
  })
}
