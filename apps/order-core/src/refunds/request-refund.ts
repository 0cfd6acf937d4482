import type { OrderStatus } from '@floodgate/contracts'
import { withTransaction } from '@floodgate/database'
import type { PoolClient } from 'pg'
import type { StockCorrection } from '../order/corrections.ts'
import { LOCK_SECONDS_MAX, type LockedOrder, lockOrders } from '../order/lock-orders.ts'
import { withoutNames } from '../order/order-event.ts'
import { tryCorrectStock } from '../saga/try-end-holds.ts'
import { writePlan } from '../saga/write-plan.ts'
import { announceRefund, moveOf, shownStatus } from './announce-refund.ts'
import { CANCELLABLE_UNTIL } from './cancel-window.ts'
import { planRefund } from './plan-refund.ts'
import type { RefundDeps } from './refund-deps.ts'
import { insertRefund, type Refund, readRefunds } from './refund-rows.ts'

export interface RefundRequest {
  readonly id: string
  readonly order: string
  readonly requestHash: string
  /** Undefined: all that is left. */
  readonly items?: readonly { readonly sku: string; readonly quantity: number }[] | undefined
  readonly restock: boolean
  readonly reason: string
  readonly by: Refund['requestedBy']
  readonly traceparent?: string
}

export type RefundRequestOutcome =
  | { readonly kind: 'requested' | 'repeated' | 'unknown' | 'key-reused' | 'too-late' }
  | { readonly kind: 'not-refundable'; readonly state: OrderStatus }
  | { readonly kind: 'too-many'; readonly skus: readonly string[] }

export type RequestRefund = (request: RefundRequest) => Promise<RefundRequestOutcome>

/**
 * Requests the refund of a paid order, all of it that is left or by line. One transaction writes the refund and its
 * event, and with `restock` puts the units back into stock and into the limit of their buyer. A repetition of its id
 * changes nothing. A buyer's request must come within the time that the sale allows, by Postgres' clock.
 */
export function createRequestRefund(deps: RefundDeps): RequestRefund {
  return async function requestRefund(request) {
    const { outcome, correction } = await withTransaction(
      deps.pool,
      (client) => writeRefund(client, { ...request, namesInEvents: deps.namesInEvents }),
      { lockSeconds: LOCK_SECONDS_MAX },
    )
    if (outcome.kind === 'requested') {
      deps.metrics.refundsRequested.inc({ by: request.by })
      deps.log.info({ step: 'refund.requested', order: request.order, refund: request.id }, 'refund requested')
      deps.wakeRelay()
    }
    if (correction !== undefined) await tryCorrectStock(deps, [correction])
    return outcome
  }
}

interface Done {
  readonly outcome: RefundRequestOutcome
  readonly correction?: StockCorrection
}

async function writeRefund(client: PoolClient, request: RefundRequest & { namesInEvents: boolean }): Promise<Done> {
  const [order] = await lockOrders(client, [request.order])
  if (order === undefined) return { outcome: { kind: 'unknown' } }
  const earlier = await readRefunds(client, [order.id])
  const known = earlier.find(({ id }) => id === request.id)
  if (known !== undefined)
    return { outcome: { kind: known.requestHash === request.requestHash ? 'repeated' : 'key-reused' } }
  const notRefundable: Done = { outcome: { kind: 'not-refundable', state: shownStatus(order) } }
  if (order.status !== 'confirmed') return notRefundable
  if (request.by === 'buyer' && !(await mayStillCancel(client, order.id))) return { outcome: { kind: 'too-late' } }
  const plan = planRefund(order, earlier, request.items)
  if (plan.kind === 'nothing-left') return notRefundable
  if (plan.kind === 'too-many') return { outcome: plan }
  const { lines, amountMinor, scope } = plan
  const now = new Date()
  const refund: Refund = {
    ...{ id: request.id, orderId: order.id, requestHash: request.requestHash, restock: request.restock },
    ...{ lines, amountMinor, requestedBy: request.by, reason: request.reason, createdAt: now, updatedAt: now },
    // Nothing was paid for it: the payment worker has nothing to do.
    status: amountMinor === 0 ? 'refunded' : 'requested',
  }
  await insertRefund(client, { ...refund, sale: order.sale, scope })
  const announced = request.namesInEvents ? order : withoutNames(order)
  const after = { ...announced, refundsMinor: order.refundsMinor + amountMinor, refundScope: scope }
  const moved = announceRefund(
    { order: after, refunds: [...earlier, refund] },
    { refund, traceparent: request.traceparent },
  )
  await writePlan(client, {
    ...{ moves: [moveOf(order, moved.order)], events: [moved.event] },
    ...(request.restock ? backInStock(order, lines) : { stock: [], units: [] }),
    ...{ unitsTaken: [], vouchers: [] },
  })
  const outcome = { kind: 'requested' as const }
  return request.restock ? { outcome, correction: correctionOf(order, refund) } : { outcome }
}

/** Tells whether the sale still allows the buyer of a paid order to cancel it. */
async function mayStillCancel(client: PoolClient, order: string): Promise<boolean> {
  const { rows } = await client.query<{ allowed: boolean }>({
    name: 'may-still-cancel',
    text: `select ${CANCELLABLE_UNTIL} > now() as allowed
      from orders.orders o join orders.catalogues c on c.sale = o.sale where o.id = $1`,
    values: [order],
  })
  return rows[0]?.allowed === true
}

type Units = readonly { readonly sku: string; readonly quantity: number }[]

/** Takes units out of `sold`, and out of what their buyer has. */
const backInStock = ({ sale, buyer }: LockedOrder, lines: Units) => ({
  stock: lines.map(({ sku, quantity }) => ({ sale, sku, released: 0, sold: 0, revived: -quantity })),
  units: lines.map(({ sku, quantity }) => ({ sale, buyer, sku, units: quantity })),
})

const correctionOf = ({ sale, buyer }: LockedOrder, { id, lines }: Refund): StockCorrection => ({
  ...{ id, sale, buyer },
  lines: lines.map(({ sku, quantity }) => ({ sku, quantity: -quantity })),
})
