import type { EventOf, EventType, FloodgateEvent } from '@floodgate/contracts'
import { isRetriableDatabaseError } from '@floodgate/database'
import {
  type BatchContext,
  beginSubscription,
  type EventBus,
  mergeBatches,
  type Subscription,
} from '@floodgate/event-bus'
import type { Logger } from '@floodgate/runtime'
import type { Pool } from 'pg'
import { requestCaptures } from './capturing/capture-store.ts'
import type { Charge } from './charging/charge.ts'
import { createChargeOpener } from './charging/charge-opener.ts'
import { knownOrders, type OrderToCharge } from './charging/charge-store.ts'
import type { Charger } from './charging/charger.ts'
import { endOrders, type OrderOver } from './charging/end-orders.ts'
import { noteHints } from './charging/note-hints.ts'
import type { OpenPaymentMethod } from './charging/open-payment-method.ts'
import type { PaymentMetrics } from './metrics.ts'
import { requestRefunds } from './refunding/refund-store.ts'

/** The events that the handler gets; it cannot use any other. */
const HANDLED_TYPES = [
  'order.placed.v1',
  'order.placed.v2',
  'order.confirmed.v1',
  'order.cancelled.v1',
  'order.refund-requested.v1',
  'order.buyer-returned.v1',
] as const satisfies readonly EventType[]

const only = <Type extends (typeof HANDLED_TYPES)[number]>(batch: readonly FloodgateEvent[], type: Type) =>
  batch.filter((event): event is EventOf<Type> => event.type === type)

/**
 * Tells whether the order costs something. A free order concerns only the order core: there is nothing to charge, and
 * nothing to end.
 */
const costs = ({ data }: { readonly data: { readonly totalMinor: number } }): boolean => data.totalMinor > 0

const withTrace = <Data extends object>({ data, traceparent }: { data: Data; traceparent?: string }) => ({
  ...data,
  traceparent,
})

const overBy = ({ data, traceparent, id }: EventOf<'order.cancelled.v1' | 'order.refund-requested.v1'>): OrderOver => ({
  ...{ order: data.order, sale: data.sale, totalMinor: data.totalMinor, currency: data.currency },
  traceparent,
  event: id,
})

const refundRequestOf = ({ data, aggregateVersion, traceparent }: EventOf<'order.refund-requested.v1'>) => ({
  order: data.order,
  ...(data.refund === undefined ? {} : { part: { id: data.refund.id, amountMinor: data.refund.amountMinor } }),
  version: aggregateVersion,
  traceparent,
})

export interface OrderHandlerDeps {
  readonly pool: Pool
  readonly charger: Charger
  readonly openPaymentMethod: OpenPaymentMethod
  readonly metrics: Pick<PaymentMetrics, 'unopened'>
  readonly log: Logger
  wakeRelay(): void
  /** Notifies the capturer of work. */
  capturesAreDue(): void
  /** Notifies the refunder of work. */
  refundsAreDue(): void
  /** Notifies the charger of buyers who came back. */
  buyersAreBack(): void
}

/**
 * Records what happened to orders. Everything is recorded before the batch is acknowledged; the charging itself runs
 * behind it, 256 at once. An order is placed before it ends or is confirmed, and is refunded afterwards, so the kinds are
 * written one after the other, each in one statement; late and repeated ones change nothing. A payment method whose key
 * is missing is recorded sealed: only that order waits.
 */
export function createOrderHandler(deps: OrderHandlerDeps) {
  const open = createChargeOpener({ pool: deps.pool, dropped: deps.charger.dropped })
  const capture = async (orders: readonly string[]): Promise<void> => {
    const requested = await requestCaptures(deps.pool, orders)
    if (requested.length > 0) deps.capturesAreDue()
  }
  type Context = Pick<BatchContext, 'signal'>
  const handle = async (
    batch: readonly FloodgateEvent[],
    { signal, untaken }: Context & { untaken: Set<string> },
  ): Promise<void> => {
    const { placed, broken } = openMethods(deps, batch, Date.now())
    const cancelled = only(batch, 'order.cancelled.v1').filter(costs)
    const confirmed = only(batch, 'order.confirmed.v1').filter(costs)
    const toRefund = only(batch, 'order.refund-requested.v1')
    const leasedAtMs = performance.now()
    const opened = await open(placed)
    for (const { orderId } of opened) untaken.add(orderId)
    reportSealed(deps, opened)
    if (cancelled.length > 0) {
      await endOrders(deps.pool, cancelled.map(overBy), true)
      deps.wakeRelay()
    }
    if (confirmed.length > 0) await capture(confirmed.map(({ data }) => data.order))
    if (toRefund.length > 0) {
      await endOrders(deps.pool, toRefund.map(overBy), false)
      await requestRefunds(deps.pool, toRefund.map(refundRequestOf))
      deps.wakeRelay()
      deps.refundsAreDue()
    }
    const returned = only(batch, 'order.buyer-returned.v1')
    if (
      returned.length > 0 &&
      (await noteHints(
        deps.pool,
        returned.map(({ data }) => data),
      ))
    )
      deps.buyersAreBack()
    const over = new Set(cancelled.map((event) => event.data.order))
    // Orders that ended in the same batch are left to the sweep, which sees their current record.
    for (const charge of opened) {
      if (over.has(charge.orderId)) continue
      await deps.charger.take(charge, { signal, leasedAtMs })
      untaken.delete(charge.orderId)
    }
    await failForBroken(deps, broken)
  }
  return async function handleOrders(batch: readonly FloodgateEvent[], { signal }: Context): Promise<void> {
    const untaken = new Set<string>()
    try {
      await handle(batch, { signal, untaken })
    } finally {
      // They are already open, so a repetition of the batch does not open them.
      deps.charger.dropped.add([...untaken])
    }
  }
}

/**
 * Opens the payment methods of a batch's new orders, whichever version of the event announces them. One that does not
 * open stays sealed in the record. `broken`: orders that can never be charged and have not reached their deadline.
 */
function openMethods(
  { openPaymentMethod }: OrderHandlerDeps,
  batch: readonly FloodgateEvent[],
  nowMs: number,
): { placed: readonly OrderToCharge[]; broken: readonly string[] } {
  const placed: OrderToCharge[] = only(batch, 'order.placed.v1').filter(costs).map(withTrace)
  const broken: string[] = []
  for (const event of only(batch, 'order.placed.v2').filter(costs)) {
    const { sealedPaymentMethod, ...data } = withTrace(event)
    const opened = openPaymentMethod(sealedPaymentMethod)
    if (opened.kind === 'opened') placed.push({ ...data, paymentMethod: opened.method })
    else if (opened.kind === 'broken' && nowMs < Date.parse(data.chargeBy)) broken.push(data.order)
    else placed.push({ ...data, paymentMethod: '', sealedPaymentMethod })
  }
  return { placed, broken }
}

function reportSealed({ log }: OrderHandlerDeps, opened: readonly Charge[]): void {
  const sealed = opened.filter(({ sealedPaymentMethod }) => sealedPaymentMethod !== null)
  const [first] = sealed
  if (first === undefined) return
  log.warn({ order: first.orderId, orders: sealed.length, cause: 'key-missing' }, 'payment methods not opened')
}

/**
 * Fails the batch once the rest of it is recorded: an event that no key opens becomes a dead letter. An order that is
 * already charged, or over, needs no method.
 */
async function failForBroken({ pool, metrics, log }: OrderHandlerDeps, broken: readonly string[]): Promise<void> {
  if (broken.length === 0) return
  const known = await knownOrders(pool, broken)
  const unknown = broken.filter((order) => !known.has(order))
  const [first] = unknown
  if (first === undefined) return
  metrics.unopened.inc({ cause: 'broken' }, unknown.length)
  log.warn({ order: first, orders: unknown.length, cause: 'broken' }, 'payment methods not opened')
  throw new Error('the payment method cannot be opened')
}

export const GROUP = 'payment-worker.charges'

export function subscribeToOrders(options: {
  bus: EventBus
  handle: ReturnType<typeof createOrderHandler>
}): Subscription {
  return beginSubscription(options.bus, {
    group: GROUP,
    topics: ['floodgate.orders'],
    types: HANDLED_TYPES,
    handle: mergeBatches(options.handle),
    isRetriable: isRetriableDatabaseError,
  })
}
