import type { FloodgateEvent } from '@floodgate/contracts'
import { NO_TRACING } from '@floodgate/tracing'
import { createCheckout } from '../../../apps/order-core/src/checkout/checkout.ts'
import { commitBatch } from '../../../apps/order-core/src/ledger/commit-batch.ts'
import { findOrders } from '../../../apps/order-core/src/order/find-orders.ts'
import type { NewOrder } from '../../../apps/order-core/src/order/order.ts'
import { cursorFrom, followChanges } from '../../../apps/order-core/src/reconcile/follow-changes.ts'
import { resolveOverdueHolds } from '../../../apps/order-core/src/reconcile/overdue-holds.ts'
import { correctionsOfEvents, holdEndsOfEvents } from '../../../apps/order-core/src/saga/order-events.ts'
import { requestsOfPayments } from '../../../apps/order-core/src/saga/payment-events.ts'
import type { SagaMetrics } from '../../../apps/order-core/src/saga/saga-metrics.ts'
import { createTransitions } from '../../../apps/order-core/src/saga/transitions.ts'
import { correctStockOfOrders, endHoldsOfOrders } from '../../../apps/order-core/src/saga/try-end-holds.ts'
import { createCorrectStock } from '../../../apps/order-core/src/stock/correct-stock.ts'
import { createEndHolds } from '../../../apps/order-core/src/stock/end-holds.ts'
import { createTakeHold } from '../../../apps/order-core/src/stock/hold.ts'
import { createMarkCommittedSoon } from '../../../apps/order-core/src/stock/mark-committed.ts'
import { createFindVoucher } from '../../../apps/order-core/src/vouchers/find-vouchers.ts'
import { createCharger } from '../../../apps/payment-worker/src/charging/charger.ts'
import type { Chargeability } from '../../../apps/payment-worker/src/charging/next-step.ts'
import { createOrderHandler } from '../../../apps/payment-worker/src/consume-orders.ts'
import type { PaymentGateway } from '../../../apps/payment-worker/src/gateway/payment-gateway.ts'
import { createInFlight } from '../../../apps/payment-worker/src/in-flight.ts'
import { createRefunder } from '../../../apps/payment-worker/src/refunding/refunder.ts'
import { anything, fakePool, fakeStockRedis, silentLog } from './fakes.ts'
import { repeatRefunds, requestRefund, settleRefund } from './refund-code.ts'
import type { Code, Perform } from './replay.ts'
import { type ExploredOrder, eventOf, LATER, NOW, PAST, PAYMENT_METHOD, SALE } from './shop.ts'
import type { Work } from './state.ts'
import { claimVoucher, resolveClaims } from './voucher-code.ts'

const never = new AbortController().signal
const nothing = () => undefined
const log = silentLog

const checkout =
  ({ buyer, slot, key, body }: ExploredOrder): Code =>
  async (perform) => {
    const stockRedis = fakeStockRedis(perform)
    const pool = fakePool(perform)
    const times = { holdMs: 60_000, chargeMarginMs: 1_000 }
    const submit = async (order: NewOrder) => {
      if ((await perform({ kind: 'queue' })) === 'full') return { kind: 'busy' as const }
      const outcomes = await commitBatch({ pool, times, giveUpAfterMs: 600_000, onError: nothing }, [order])
      return {
        kind: 'committed' as const,
        outcome: outcomes.get(order.id) ?? { kind: 'unknown' as const },
        batchSize: 1,
      }
    }
    const outcome = await createCheckout({
      stockRedis,
      ledger: { submit, isFull: () => false, size: () => 0, stop: async () => undefined },
      markCommittedSoon: createMarkCommittedSoon({ stockRedis, log }),
      log,
      onPlaced: nothing,
      onDisagreement: nothing,
      readOrder: async (id) => (await findOrders(pool, [id])).get(id),
      sales: anything({ closedAt: async () => undefined }),
      findVoucher: createFindVoucher(pool),
      // Postgres never lacks what was committed.
      isClaimed: async () => false,
      // The stock is never rebuilt.
      takeHold: createTakeHold(stockRedis, async () => undefined),
      sealEmail: () => 'sealed',
      sealPaymentMethod: () => 'sealed',
      commitWithinMs: 15_000,
      now: () => NOW.getTime(),
      reachFailPoint: async () => undefined,
      confirmFreeSoon: (id) => void transitionsOf(perform).apply([{ order: id, fact: 'nothing-to-pay' }]),
      onAccepted: nothing,
    })({ admission: { sale: SALE, buyer, slot, issuedAt: PAST, expiresAt: LATER }, key, body, traceparent: '' })
    return outcome.kind
  }

const transitionsOf = (perform: Perform) =>
  createTransitions({
    pool: fakePool(perform),
    endHolds: createEndHolds(fakeStockRedis(perform)),
    correctStock: createCorrectStock(fakeStockRedis(perform)),
    declinedMax: 0,
    wakeRelay: nothing,
    tracing: NO_TRACING,
    log,
    metrics: anything(),
  })

const paymentEvent =
  (order: ExploredOrder, label: string): Code =>
  async (perform) => {
    await transitionsOf(perform).apply(requestsOfPayments([eventOf(order, `payment.${label}`)]))
    await settleRefund(perform, order, label)
  }

const expiry = (): Code => (perform) => transitionsOf(perform).expire(1)

const freeSweep = (): Code => (perform) => transitionsOf(perform).confirmFree(1)

const apply =
  ({ id }: ExploredOrder, fact: 'cancelled-by-buyer' | 'refund-repeated'): Code =>
  (perform) =>
    transitionsOf(perform).apply([{ order: id, fact }])

const endEvent =
  (order: ExploredOrder, label: string): Code =>
  async (perform) => {
    const stockRedis = fakeStockRedis(perform)
    const events = [eventOf(order, `order.${label}`)]
    const options = { metrics: anything<SagaMetrics>(), log }
    await endHoldsOfOrders({ ...options, endHolds: createEndHolds(stockRedis) }, holdEndsOfEvents(events))
    await correctStockOfOrders(
      { ...options, correctStock: createCorrectStock(stockRedis) },
      correctionsOfEvents(events),
    )
  }

const overdueHolds = (): Code => (perform) =>
  resolveOverdueHolds({ pool: fakePool(perform), stockRedis: fakeStockRedis(perform), log }, SALE)

const changes = (): Code => (perform) =>
  followChanges(
    { pool: fakePool(perform), stockRedis: fakeStockRedis(perform) },
    { sale: SALE, cursor: cursorFrom(PAST), horizon: LATER },
  )

const orderEvent =
  (order: ExploredOrder, label: string): Code =>
  async (perform) => {
    const handle = createOrderHandler({
      pool: fakePool(perform),
      // A round of the sweep may process its record at any time, even at once.
      charger: anything({ take: async () => undefined, dropped: anything() }),
      openPaymentMethod: () => ({ kind: 'opened', method: PAYMENT_METHOD }),
      metrics: anything(),
      log,
      wakeRelay: nothing,
      capturesAreDue: nothing,
      refundsAreDue: nothing,
      buyersAreBack: nothing,
    })
    const event: FloodgateEvent = eventOf(order, `order.${label}`)
    await handle([event], { signal: never })
  }

const gatewayOf = (perform: Perform): PaymentGateway =>
  anything({
    begin: ({ key }: { key: string }) => perform({ kind: 'provider', call: 'charge', key }),
    lookUp: ({ key }: { key: string }) => perform({ kind: 'provider', call: 'lookUp', key }),
    close: ({ key }: { key: string }) => perform({ kind: 'provider', call: 'close', key }),
    refund: ({ key, amountMinor }: { key: string; amountMinor: number }) =>
      perform({ kind: 'provider', call: 'refund', key, amountMinor }),
    breakerState: () => 'closed',
  })

const workerOf = (perform: Perform) => ({
  pool: fakePool(perform),
  gateway: gatewayOf(perform),
  inFlight: createInFlight(1),
  metrics: anything(),
  tracing: NO_TRACING,
  log,
  wakeRelay: nothing,
  signal: never,
})

const chargeRound = (): Code => async (perform) => {
  const worker = workerOf(perform)
  const charger = createCharger({
    ...worker,
    metrics: anything(),
    openPaymentMethod: anything(),
    openProof: anything(),
    fetchChargeability: async () => (await perform({ kind: 'ask-order-core' })) as Chargeability,
    reachFailPoint: async () => undefined,
  })
  await charger.sweep({ all: true })
  await worker.inFlight.idle()
}

const refundRound = (): Code => async (perform) => {
  const worker = workerOf(perform)
  await createRefunder({ ...worker, metrics: anything() }).sweep({ all: true })
  await worker.inFlight.idle()
}

/** Returns the code of a piece of work. */
export function codeOf(
  { kind, order, event }: Pick<Work, 'kind' | 'order' | 'event'>,
  orders: readonly ExploredOrder[],
): Code {
  const of = orders[order] ?? orders[0]
  if (of === undefined) throw new TypeError('no order')
  switch (kind) {
    case 'checkout':
      return checkout(of)
    case 'claim':
      return claimVoucher(of)
    case 'overdue-claims':
      return resolveClaims
    case 'cancel':
      return apply(of, 'cancelled-by-buyer')
    case 'repeat-refund':
      return apply(of, 'refund-repeated')
    case 'request-refund':
      return requestRefund(of, event)
    case 'repeat-refunds':
      return repeatRefunds(of)
    case 'overdue-holds':
      return overdueHolds()
    case 'expiry':
      return expiry()
    case 'free-sweep':
      return freeSweep()
    case 'payment-event':
      return paymentEvent(of, event)
    case 'end-event':
      return endEvent(of, event)
    case 'changes':
      return changes()
    case 'order-event':
      return orderEvent(of, event)
    case 'charge':
      return chargeRound()
    case 'refund':
      return refundRound()
    default:
      throw new TypeError(kind)
  }
}
