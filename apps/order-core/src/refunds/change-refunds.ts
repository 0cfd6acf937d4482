import { inHalves } from '@floodgate/async'
import type { EventOf, FloodgateEvent } from '@floodgate/contracts'
import { withTransaction } from '@floodgate/database'
import type { PoolClient } from 'pg'
import { LOCK_SECONDS_MAX, type LockedOrder, lockOrders } from '../order/lock-orders.ts'
import { withoutNames } from '../order/order-event.ts'
import { isFaultOfOrder } from '../parked/parked-orders.ts'
import type { OrderMove } from '../saga/plan-transitions.ts'
import { writePlan } from '../saga/write-plan.ts'
import { announceRefund, moveOf } from './announce-refund.ts'
import type { RefundDeps } from './refund-deps.ts'
import {
  changeRefunds,
  findStaleRefunds,
  type Refund,
  type RefundStatus,
  readRefunds,
  type StaleRefund,
} from './refund-rows.ts'

/** A new state of one refund, or of all of an order that are not made yet. */
interface Change {
  readonly order: string
  /** Undefined: every refund that is not made. */
  readonly refund?: string
  /** Undefined: from any state that may change. */
  readonly from?: RefundStatus
  readonly to: RefundStatus
  readonly traceparent?: string | undefined
}

type RefundOutcomeEvent = EventOf<'payment.refunded.v1' | 'payment.refund-refused.v1'>

const isOutcome = (event: FloodgateEvent): event is RefundOutcomeEvent =>
  (event.type === 'payment.refunded.v1' || event.type === 'payment.refund-refused.v1') &&
  event.data.refund !== undefined

export interface RefundChanges {
  /** Takes over what the provider said about refunds of paid orders. Events of other refunds do not concern it. */
  settle(events: readonly FloodgateEvent[]): Promise<void>
  /** Requests the refunds of an order again that are not made yet; returns how many. */
  repeat(order: string, traceparent?: string): Promise<number>
  /**
   * Requests up to `max` refunds again that are in progress for longer than `olderThanMs`; returns how many. Parked ones,
   * also of the same order, wait for an operator, who may have made them by hand.
   */
  repeatStale(limits: { readonly olderThanMs: number; readonly max: number }): Promise<number>
}

/**
 * Changes refunds of paid orders, each with its order, in one transaction under the row locks of the orders. A refund
 * that is made stays made; a late or repeated event changes nothing. A rejected refund that succeeds all the same is made.
 */
export function createRefundChanges(deps: RefundDeps): RefundChanges {
  async function apply(choose: (client: PoolClient) => Promise<readonly Change[]>): Promise<number> {
    const changed = await withTransaction(
      deps.pool,
      async (client) =>
        await writeChanges(client, { changes: await choose(client), namesInEvents: deps.namesInEvents }),
      { lockSeconds: LOCK_SECONDS_MAX },
    )
    if (changed > 0) deps.wakeRelay()
    return changed
  }
  return {
    async settle(events) {
      const changes = events.filter(isOutcome).map(({ type, data: { order, refund = '' }, traceparent }) => ({
        ...{ order, refund, traceparent },
        to: type === 'payment.refunded.v1' ? ('refunded' as const) : ('parked' as const),
      }))
      if (changes.length > 0) await apply(async () => changes)
    },
    repeat: (order, traceparent) => apply(async () => [{ order, to: 'requested', traceparent }]),
    async repeatStale(limits) {
      let stale: readonly StaleRefund[] = []
      const again = (refunds: readonly StaleRefund[]) =>
        refunds.map((refund) => ({ ...refund, from: 'requested' as const, to: 'requested' as const }))
      try {
        return await apply(async (client) => {
          stale = await findStaleRefunds(client, limits)
          return again(stale)
        })
      } catch (error) {
        if (stale.length === 0 || !isFaultOfOrder(error)) throw error
        let repeated = 0
        await inHalves(stale, {
          work: async (refunds) => {
            repeated += await apply(async () => again(refunds))
          },
          isFault: isFaultOfOrder,
          onCulprit: async (refund, cause) => deps.log.error({ ...refund, error: cause }, 'refund not requested again'),
        })
        return repeated
      }
    },
  }
}

async function writeChanges(
  client: PoolClient,
  { changes, namesInEvents }: { readonly changes: readonly Change[]; readonly namesInEvents: boolean },
): Promise<number> {
  if (changes.length === 0) return 0
  const ids = [...new Set(changes.map(({ order }) => order))]
  const locked = await lockOrders(client, ids)
  const refundsOf = Map.groupBy(await readRefunds(client, ids), ({ orderId }) => orderId)
  const moves: OrderMove[] = []
  const events: ReturnType<typeof announceRefund>['event'][] = []
  const written = new Map<string, RefundStatus>()
  for (const before of locked) {
    let order: LockedOrder = namesInEvents ? before : withoutNames(before)
    const refunds = [...(refundsOf.get(before.id) ?? [])]
    for (const change of changes.filter(({ order: of }) => of === before.id)) {
      for (const [index, refund] of refunds.entries()) {
        if (!isChanged(refund, change)) continue
        const changed = { ...refund, status: change.to }
        refunds[index] = changed
        written.set(refund.id, change.to)
        const moved = announceRefund({ order, refunds }, { refund: changed, traceparent: change.traceparent })
        order = moved.order
        events.push(moved.event)
      }
    }
    if (order.version !== before.version) moves.push(moveOf(before, order))
  }
  if (moves.length === 0) return 0
  await changeRefunds(
    client,
    [...written].map(([id, status]) => ({ id, status })),
  )
  await writePlan(client, { moves, events, stock: [], units: [], unitsTaken: [], vouchers: [] })
  return events.length
}

/** What is made stays made, and what is parked waits for an operator, unless the refund succeeded all the same. */
function isChanged({ id, status }: Refund, { refund, from, to }: Change): boolean {
  if (status === 'refunded' || (refund !== undefined && refund !== id)) return false
  if (from !== undefined && status !== from) return false
  return to !== 'parked' || status === 'requested'
}
