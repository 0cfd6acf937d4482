import type { FloodgateEvent } from '@floodgate/contracts'
import { isRetriableDatabaseError } from '@floodgate/database'
import { type BatchContext, type EventBus, RetriableError, type Subscription, together } from '@floodgate/event-bus'
import type { Logger } from '@floodgate/service'
import type pg from 'pg'
import { endOrders, type OrderToCharge } from './charging/charge-store.ts'
import type { Charger } from './charging/charger.ts'
import type { OpenPaymentMethod } from './charging/open-payment-method.ts'
import { createOpening } from './charging/opening.ts'
import type { PaymentMetrics } from './metrics.ts'
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
  readonly openPaymentMethod: OpenPaymentMethod
  readonly metrics: Pick<PaymentMetrics, 'unopened'>
  readonly log: Logger
  readonly wakeRelay: () => void
  /** Tells the refunder that there is work. */
  readonly refundsAreDue: () => void
}

/**
 * Takes in what happened to orders. Everything is on record before the batch is acknowledged; the charging itself goes
 * on behind it, 256 at once. An order is placed before it ends and ends before it is refunded, so the three kinds are
 * written one after the other, each in one statement; late and repeated ones change nothing.
 */
export const createOrderHandler = (deps: OrderHandlerDeps) => {
  const open = createOpening({ pool: deps.pool, dropped: deps.charger.dropped })
  return async (batch: readonly FloodgateEvent[], context: Pick<BatchContext, 'signal'>): Promise<void> => {
    const { placed, unopened } = openMethods(deps, batch)
    const cancelled = only(batch, 'order.cancelled.v1')
    const toRefund = only(batch, 'order.refund-requested.v1')
    const opened = await open(placed)
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
    failForUnopened(deps, unopened)
  }
}

interface Unopened {
  readonly order: string
  readonly cause: 'key-missing' | 'broken'
}

/** The new orders of a batch, whichever version of the event tells of them, with their payment methods. */
function openMethods(
  { openPaymentMethod }: OrderHandlerDeps,
  batch: readonly FloodgateEvent[],
): { placed: readonly OrderToCharge[]; unopened: readonly Unopened[] } {
  const placed: OrderToCharge[] = only(batch, 'order.placed.v1').map(withTrace)
  const unopened: Unopened[] = []
  for (const event of only(batch, 'order.placed.v2')) {
    const { sealedPaymentMethod, ...data } = withTrace(event)
    const opened = openPaymentMethod(sealedPaymentMethod)
    if (opened.kind === 'opened') placed.push({ ...data, paymentMethod: opened.method })
    else unopened.push({ order: data.order, cause: opened.kind })
  }
  return { placed, unopened }
}

/**
 * Fails the batch once the rest of it is on record. A missing key is "not now": the orders are charged as soon as a worker
 * with the key runs. What no key opens becomes a dead letter.
 */
function failForUnopened({ metrics, log }: OrderHandlerDeps, unopened: readonly Unopened[]): void {
  for (const { cause } of unopened) metrics.unopened.inc({ cause })
  const [first] = unopened
  if (first === undefined) return
  log.warn({ order: first.order, orders: unopened.length, cause: first.cause }, 'payment methods not opened')
  if (unopened.some(({ cause }) => cause === 'key-missing'))
    throw new RetriableError('no key of PAYMENT_KEY opens the payment method')
  throw new Error('the payment method cannot be opened')
}

export const GROUP = 'payment-worker.charges'

export const subscribeToOrders = (options: {
  bus: EventBus
  handle: ReturnType<typeof createOrderHandler>
}): Promise<Subscription> =>
  options.bus.subscribe({
    group: GROUP,
    topics: ['floodgate.orders'],
    types: ['order.placed.v1', 'order.placed.v2', 'order.cancelled.v1', 'order.refund-requested.v1'],
    handle: together(options.handle),
    isRetriable: isRetriableDatabaseError,
  })
