import type { FloodgateEvent } from '@floodgate/contracts'
import { isRetriableDatabaseError } from '@floodgate/database'
import { type BatchContext, type EventBus, type Subscription, together } from '@floodgate/event-bus'
import type pg from 'pg'
import { endOrders, openCharges } from './charging/charge-store.ts'
import type { Charger } from './charging/charger.ts'
import { requestRefunds } from './refunding/refund-store.ts'

type EventOf<Type extends FloodgateEvent['type']> = Extract<FloodgateEvent, { type: Type }>

const only = <Type extends FloodgateEvent['type']>(batch: readonly FloodgateEvent[], type: Type) =>
  batch.filter((event): event is EventOf<Type> => event.type === type)

const withTrace = <Data extends object>({ data, traceparent }: { data: Data; traceparent?: string }) => ({
  ...data,
  traceparent,
})

export interface OrderHandlerDeps {
  readonly pool: pg.Pool
  readonly charger: Charger
  readonly wakeRelay: () => void
  /** Tells the refunder that there is work. */
  readonly refundsAreDue: () => void
}

/**
 * Takes in what happened to orders. Everything is on record before the batch is acknowledged; the charging itself goes
 * on behind it, 256 at once. An order is placed before it ends and ends before it is refunded, so the three kinds are
 * written one after the other, each in one statement; late and repeated ones change nothing.
 */
export const createOrderHandler =
  (deps: OrderHandlerDeps) =>
  async (batch: readonly FloodgateEvent[], context: Pick<BatchContext, 'signal'>): Promise<void> => {
    const placed = only(batch, 'order.placed.v1')
    const cancelled = only(batch, 'order.cancelled.v1')
    const toRefund = only(batch, 'order.refund-requested.v1')
    const opened = placed.length === 0 ? [] : await openCharges(deps.pool, placed.map(withTrace))
    if (cancelled.length > 0) {
      await endOrders(deps.pool, cancelled.map(withTrace), true)
      deps.wakeRelay()
    }
    if (toRefund.length > 0) {
      await endOrders(deps.pool, toRefund.map(withTrace), false)
      const requests = toRefund.map(({ data, aggregateVersion, traceparent }) => ({
        data,
        version: aggregateVersion,
        traceparent,
      }))
      await requestRefunds(deps.pool, requests)
      deps.wakeRelay()
      deps.refundsAreDue()
    }
    const over = new Set(cancelled.map((event) => event.data.order))
    // Those that ended in the same batch are left to the sweep, which sees their record as it is now.
    for (const charge of opened) if (!over.has(charge.orderId)) await deps.charger.take(charge, context.signal)
  }

export const subscribeToOrders = (options: {
  bus: EventBus
  handle: ReturnType<typeof createOrderHandler>
}): Promise<Subscription> =>
  options.bus.subscribe({
    group: 'payment-worker.charges',
    topics: ['floodgate.orders'],
    types: ['order.placed.v1', 'order.cancelled.v1', 'order.refund-requested.v1'],
    handle: together(options.handle),
    isRetriable: isRetriableDatabaseError,
  })
