import { coalesce } from '@floodgate/async'
import type { FloodgateEvent } from '@floodgate/contracts'
import {
  beginSubscription,
  type EventBus,
  mergeBatches,
  type SubscribeOptions,
  type Subscription,
} from '@floodgate/event-bus'
import type { Logger, ReachFailPoint } from '@floodgate/runtime'
import type { Tracing } from '@floodgate/tracing'
import type { Pool } from 'pg'
import type { Registry } from 'prom-client'
import type { Revocations } from '../checkout/revocations.ts'
import { isNotNow } from '../parked/is-not-now.ts'
import { createParkedCount } from '../parked/parked-orders.ts'
import type { CorrectStock } from '../stock/correct-stock.ts'
import type { EndHolds } from '../stock/end-holds.ts'
import { awaitBuyers, awaitingTypes } from './await-buyers.ts'
import { createExpiry } from './expiry.ts'
import { correctionEventTypes, correctionsOfEvents, endEventTypes, holdEndsOfEvents } from './order-events.ts'
import { paymentEventTypes, requestsOfPayments } from './payment-events.ts'
import { createRefundSweep } from './repeat-refunds.ts'
import type { SagaMetrics } from './saga-metrics.ts'
import { rememberSales, salesOfEvents } from './sale-events.ts'
import { createTransitions, type Transitions } from './transitions.ts'
import { correctStockOfOrders, endHoldsOfOrders } from './try-end-holds.ts'

const SAGA_GROUP = 'order-core.saga'
const STOCK_GROUP = 'order-core.stock'
/** Only repeats to Redis what the process that moved the order has told it, unless that process died. */
const STOCK_PACE_MS = 500
const REVOCATIONS_GROUP = 'order-core.revocations'
const SALES_GROUP = 'order-core.sales'
export const GROUPS = [SAGA_GROUP, STOCK_GROUP, REVOCATIONS_GROUP, SALES_GROUP]

export interface SagaOptions {
  readonly pool: Pool
  readonly bus: EventBus
  readonly stock: { readonly endHolds: EndHolds; readonly correctStock: CorrectStock }
  /** Refunds of paid orders. */
  readonly refunds: {
    settle(events: readonly FloodgateEvent[]): Promise<void>
    repeatStale(limits: { readonly olderThanMs: number; readonly max: number }): Promise<number>
  }
  readonly rememberRevocations: Revocations['remember']
  /** Notes what payment events say about the payment worker; see delays/. */
  notePayments(events: readonly FloodgateEvent[]): Promise<void>
  /** Maximum number of declined orders of one slot: the last ends it. 0: no bound. */
  readonly declinedMax: number
  readonly namesInEvents: boolean
  /** Age at which a refund in progress is requested again. */
  readonly refundRepeatMs: number
  /** Notifies the relay of events to publish. */
  wakeRelay(): void
  readonly reachFailPoint: ReachFailPoint
  readonly log: Logger
  readonly metrics: Registry
  readonly sagaMetrics: SagaMetrics
  readonly tracing: Tracing
}

export interface Saga {
  /** Begins to consume and to expire; waits for unavailable servers. */
  start(): Promise<void>
  /** Lets work in progress finish. Never throws. */
  stop(): Promise<void>
  health(): { readonly ready: boolean; readonly detail?: string }
  /** For the routes, which cancel orders the same way as everything else. */
  readonly apply: Transitions['apply']
  /**
   * Confirms a free order, later in this turn of the event loop. A sweep retries failures within
   * seconds.
   */
  confirmFreeSoon(order: string): void
}

/**
 * Runs the life of an order after it was placed: payments confirm or compensate it, its deadline ends it, and every end
 * reaches the stock in Redis twice, right after its commit and again by its event.
 */
export function createSaga(options: SagaOptions): Saga {
  const { pool, log } = options
  const { endHolds, correctStock } = options.stock
  const metrics = options.sagaMetrics
  const transitions = createTransitions({
    pool,
    ...{ endHolds, correctStock },
    declinedMax: options.declinedMax,
    namesInEvents: options.namesInEvents,
    wakeRelay: options.wakeRelay,
    ...{ log, metrics, tracing: options.tracing },
  })
  const expiry = createExpiry({
    expire: transitions.expire,
    confirmFree: transitions.confirmFree,
    countParked: createParkedCount({ pool, metrics: options.metrics }),
    log,
  })
  const refundSweep = createRefundSweep({
    sources: [transitions.repeatRefunds, options.refunds.repeatStale],
    olderThanMs: options.refundRepeatMs,
    metrics,
    log,
  })
  const subscriptions: readonly Omit<SubscribeOptions, 'isRetriable'>[] = [
    {
      group: SAGA_GROUP,
      topics: ['floodgate.payments'],
      types: [...paymentEventTypes, ...awaitingTypes],
      handle: mergeBatches(async (events) => {
        // An order awaits its buyer before its payment is decided, also within a batch.
        if (await awaitBuyers(pool, events)) options.wakeRelay()
        await transitions.apply(requestsOfPayments(events))
        await options.refunds.settle(events)
        await options.notePayments(events)
      }),
    },
    {
      group: STOCK_GROUP,
      paceMs: STOCK_PACE_MS,
      topics: ['floodgate.orders'],
      types: [...endEventTypes, ...correctionEventTypes],
      handle: mergeBatches(async (events) => {
        await endHoldsOfOrders({ endHolds, metrics, log }, holdEndsOfEvents(events))
        await correctStockOfOrders({ correctStock, metrics, log }, correctionsOfEvents(events))
      }),
    },
    {
      group: REVOCATIONS_GROUP,
      topics: ['floodgate.admissions'],
      types: ['admission.revoked.v1'],
      handle: options.rememberRevocations,
    },
    {
      group: SALES_GROUP,
      topics: ['floodgate.sales'],
      handle: async (events) => {
        await options.reachFailPoint('before-sale-event')
        await rememberSales(pool, salesOfEvents(events))
      },
    },
  ]
  const joined = new Map<string, Subscription>()
  const idleGroups = (): readonly string[] =>
    GROUPS.flatMap((group) => {
      const { ready, detail } = joined.get(group)?.health() ?? { ready: false, detail: 'has not joined yet' }
      return ready ? [] : [`${group}: ${detail ?? 'does not consume'}`]
    })

  async function confirmFree(orders: readonly string[]): Promise<void> {
    try {
      await transitions.apply(orders.map((order) => ({ order, fact: 'nothing-to-pay' })))
    } catch (error) {
      log.warn({ orders: orders.length, error }, 'free orders not confirmed; left to the sweep')
    }
  }

  return {
    apply: transitions.apply,
    confirmFreeSoon: coalesce((orders) => void confirmFree(orders)),
    start: async () => {
      expiry.start()
      refundSweep.start()
      for (const each of subscriptions)
        joined.set(each.group, beginSubscription(options.bus, { ...each, isRetriable: isNotNow }))
    },
    stop: async () => {
      await Promise.all([...joined.values(), expiry, refundSweep].map((each) => each.stop()))
    },
    health: () => {
      const expiring = expiry.health()
      const failing = [...idleGroups(), ...(expiring.ready ? [] : [expiring.detail])]
      return failing.length === 0 ? { ready: true } : { ready: false, detail: failing.join('; ') }
    },
  }
}
