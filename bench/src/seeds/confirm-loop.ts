import { orderPlaced } from '@floodgate/contracts'
import type { EventBus } from '@floodgate/event-bus'
import { openConnection } from '../order-load/connection.ts'
import { createOrderSeries, type OrderSeries } from '../order-load/prepare-orders.ts'
import { requestBytes } from '../order-load/request-bytes.ts'
import { createAppointments } from './appointments.ts'

/** One order of a buyer in the loop. */
export interface Followed {
  /** From the request to its response. */
  readonly placedMs: number
  /** From the request to the event that confirms the order. */
  readonly confirmedMs: number
}

export interface ConfirmLoop {
  readonly followed: readonly Followed[]
  /** From the first request to the last confirmation. */
  readonly elapsedMs: number
}

/** An order without an end by then is a fault: the loop fails instead of waiting forever. */
const CONFIRMED_MS_MAX = 60_000
const GROUP = 'bench.confirmations'

/**
 * Lets buyers order in a closed loop: each places its next order when the last one is confirmed, which it learns from
 * the event, as a shop's own service does. No order starts after `msMax`. Throws at a rejected order, and at one that
 * is not confirmed within a minute.
 */
export async function loopUntilConfirmed(
  bus: EventBus,
  {
    url,
    series,
    buyers,
    msMax,
  }: { readonly url: string; readonly series: OrderSeries; readonly buyers: number; readonly msMax: number },
): Promise<ConfirmLoop> {
  const confirmed = createAppointments()
  const subscription = await bus.subscribe({
    group: GROUP,
    topics: ['floodgate.orders'],
    types: ['order.confirmed.v1'],
    paceMs: 1,
    handle: async (events) => {
      for (const event of events) if (event.type === 'order.confirmed.v1') confirmed.arrive(event.data.order)
    },
  })
  const orderOf = await createOrderSeries(series)
  const address = new URL(url)
  const followed: Followed[] = []
  const startedAt = performance.now()
  let number = 0

  async function buyInTurn(): Promise<void> {
    const connection = await openConnection(address)
    try {
      while (performance.now() - startedAt < msMax) {
        const request = requestBytes(orderOf(number), address.host)
        number += 1
        const sentAt = performance.now()
        const { status, body } = await connection.exchange(request)
        if (status !== 201) throw new Error(`An order got ${status}: ${body}`)
        const placedMs = performance.now() - sentAt
        await confirmed.wait(orderPlaced.parse(JSON.parse(body)).id, CONFIRMED_MS_MAX)
        followed.push({ placedMs, confirmedMs: performance.now() - sentAt })
      }
    } finally {
      connection.close()
    }
  }
  try {
    await Promise.all(Array.from({ length: buyers }, buyInTurn))
    return { followed, elapsedMs: performance.now() - startedAt }
  } finally {
    await subscription.stop()
  }
}
