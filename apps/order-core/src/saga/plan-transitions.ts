import type { CancelReason, OrderStatus } from '@floodgate/contracts'
import { type OutboxRow, outboxRow } from '@floodgate/outbox'
import type { StockCorrection } from '../order/corrections.ts'
import { type Decision, decideFor, type OrderFact, type OrderMoveDecision } from '../order/decide.ts'
import { freesSlot } from '../order/frees-slot.ts'
import type { LockedOrder } from '../order/lock-orders.ts'
import { movedEvent } from '../order/order-event.ts'
import type { HoldEnd } from '../stock/end-holds.ts'
import { createSelling, mayBeRevived, NO_SUPPLY, type Selling, type Supply } from './late-payments.ts'

/** What a payment event says about its order. */
interface Payment {
  readonly sale: string
  readonly amountMinor: number
  readonly currency: string
}

/** A fact about an order. */
export interface TransitionRequest {
  readonly order: string
  readonly fact: OrderFact
  /** For `payment-succeeded`: an order that the ledger lacks is written with it, and refunded. */
  readonly payment?: Payment
  /** The trace it belongs to; without one, the order's own. */
  readonly traceparent?: string
}

export type TransitionOutcome =
  | { readonly kind: 'moved'; readonly from: OrderStatus; readonly to: OrderStatus }
  | { readonly kind: 'ignored'; readonly status: OrderStatus; readonly reason: string }
  | { readonly kind: 'unknown' }

export interface OrderMove {
  readonly order: string
  readonly from: OrderStatus
  readonly to: OrderStatus
  readonly cancelReason: CancelReason | null
  readonly version: number
  readonly versionAfter: number
}

export interface StockChange {
  readonly sale: string
  readonly sku: string
  readonly released: number
  readonly sold: number
  /** Sold from stock to a late payer; a negative number is back in stock after a refund. */
  readonly revived: number
}

export interface BuyerUnits {
  readonly sale: string
  readonly buyer: string
  readonly sku: string
  readonly units: number
}

/** The voucher of an order that moved. */
export interface VoucherMove {
  readonly order: string
  readonly state: 'issued' | 'used'
}

/** Everything one batch writes, and the outcomes for its callers. */
export interface TransitionPlan {
  /** One per request, in their order. */
  readonly outcomes: readonly TransitionOutcome[]
  /** One per order that changes. */
  readonly moves: readonly OrderMove[]
  /** One per move of an order, in the order of the moves. */
  readonly events: readonly OutboxRow[]
  readonly stock: readonly StockChange[]
  /** Units that go back to their buyers' limits. */
  readonly units: readonly BuyerUnits[]
  /** Units that count towards their buyers' limits again. */
  readonly unitsTaken: readonly BuyerUnits[]
  readonly vouchers: readonly VoucherMove[]
  readonly holdEnds: readonly HoldEnd[]
  readonly corrections: readonly StockCorrection[]
}

/** Counts declines per slot. */
export interface Declines {
  /** Returns the number of declined orders of this order's slot so far. */
  before(order: Pick<LockedOrder, 'id'>): number
  /** Maximum number of declined orders of one slot: the last ends it. 0 is no bound. */
  readonly max: number
}

/** What a batch may count on besides its orders. */
interface PlanLimits {
  readonly declines?: Declines
  /** For payments of expired orders; nothing by default. */
  readonly supply?: Supply
}

/** Decides a batch: requests for one order build on each other, in the given order. Pure. */
export function planTransitions(
  orders: readonly LockedOrder[],
  requests: readonly TransitionRequest[],
  { declines = { before: () => 0, max: 0 }, supply = NO_SUPPLY }: PlanLimits = {},
): TransitionPlan {
  const known = new Map(orders.map((order) => [order.id, order]))
  const now = new Map(known)
  const outcomes: TransitionOutcome[] = []
  const events: OutboxRow[] = []
  const ended: LockedOrder[] = []
  const revived: LockedOrder[] = []
  const selling = createSelling(supply)

  for (const { order: id, fact, traceparent } of requests) {
    const order = now.get(id)
    if (order === undefined) {
      outcomes.push({ kind: 'unknown' })
      continue
    }
    const decision = endingSlot(
      decideFor(order, coveredOr(fact, order, selling)),
      declines.max > 0 && declines.before(order) + 1 >= declines.max,
    )
    if (decision.kind === 'ignore') {
      outcomes.push({ kind: 'ignored', status: order.status, reason: decision.reason })
      continue
    }
    const moved = {
      ...order,
      status: decision.to,
      cancelReason: decision.announce === 'order.cancelled.v1' ? decision.cancelReason : order.cancelReason,
      version: order.version + 1,
      // Postgres writes its own time; here it only says that there is one.
      revivedAt: order.status === 'cancelled' && decision.to === 'confirmed' ? new Date(0) : order.revivedAt,
    }
    if (order.status === 'pending') ended.push(moved)
    if (moved.revivedAt !== order.revivedAt) revived.push(moved)
    now.set(id, moved)
    outcomes.push({ kind: 'moved', from: order.status, to: moved.status })
    const told = isRepeatedDecline(decision, declines.before(order)) ? { ...moved, sealedEmail: '' } : moved
    events.push(outboxRow(movedEvent(told, decision, traceparent ?? order.traceparent)))
  }

  return {
    outcomes,
    events,
    moves: [...now.values()].flatMap((order) => moveOf(known.get(order.id), order)),
    stock: stockChanges(ended, revived),
    units: unitsOf(ended.filter((order) => !isSold(order))),
    unitsTaken: unitsOf(revived),
    vouchers: ended.flatMap(voucherMoves),
    holdEnds: ended.map(holdEndOf),
    corrections: revived.map(({ id, sale, buyer, lines }) => ({ id, sale, buyer, lines })),
  }
}

/** Returns the fact of a payment for an expired order: covered, if its units can be sold to it. */
const coveredOr = (fact: OrderFact, order: LockedOrder, selling: Selling): OrderFact =>
  fact === 'payment-succeeded' && mayBeRevived(order) && selling.take(order) ? 'late-payment-covered' : fact

/**
 * The last allowed decline ends the slot: its reason frees no slot, in Redis, after a rebuild, and in the waiting room.
 */
const endingSlot = (decision: Decision, isLast: boolean): Decision =>
  isLast && decision.kind === 'move' && decision.cancelReason === 'declined'
    ? { ...decision, cancelReason: 'declined-final' }
    : decision

/** Declines of one slot are mailed once: the address is not verified, and each may come with another one. */
const isRepeatedDecline = ({ cancelReason }: OrderMoveDecision, before: number): boolean =>
  before > 0 && (cancelReason === 'declined' || cancelReason === 'declined-final')

const moveOf = (before: LockedOrder | undefined, after: LockedOrder): OrderMove[] => {
  if (before === undefined || before.version === after.version) return []
  const { id: order, status: to, cancelReason } = after
  return [{ order, from: before.status, to, cancelReason, version: before.version, versionAfter: after.version }]
}

/**
 * Returns the stock changes. An order leaves `pending` once: then its held units are sold, or back in stock. A late
 * payment sells units from stock.
 */
const stockChanges = (ended: readonly LockedOrder[], revived: readonly LockedOrder[]): StockChange[] => {
  const changes = new Map<string, { sale: string; sku: string; released: number; sold: number; revived: number }>()
  const add = (orders: readonly LockedOrder[], kindOf: (order: LockedOrder) => 'released' | 'sold' | 'revived') => {
    for (const order of orders) {
      for (const { sku, quantity } of order.lines) {
        const key = `${order.sale}|${sku}`
        const change = changes.get(key) ?? { sale: order.sale, sku, released: 0, sold: 0, revived: 0 }
        changes.set(key, change)
        change[kindOf(order)] += quantity
      }
    }
  }
  add(ended, (order) => (isSold(order) ? 'sold' : 'released'))
  add(revived, () => 'revived')
  return [...changes.values()]
}

const unitsOf = (orders: readonly LockedOrder[]): BuyerUnits[] => {
  const sums = new Map<string, { sale: string; buyer: string; sku: string; units: number }>()
  for (const { sale, buyer, lines } of orders) {
    for (const { sku, quantity } of lines) {
      const key = JSON.stringify([sale, buyer, sku])
      const sum = sums.get(key) ?? { sale, buyer, sku, units: 0 }
      sums.set(key, sum)
      sum.units += quantity
    }
  }
  return [...sums.values()]
}

/** A confirmed order uses its voucher up; every other end gives it back to its buyer. */
const voucherMoves = (order: LockedOrder): VoucherMove[] =>
  order.voucher === null ? [] : [{ order: order.id, state: isSold(order) ? 'used' : 'issued' }]

const holdEndOf = (order: LockedOrder): HoldEnd => ({
  order: order.id,
  sale: order.sale,
  outcome: isSold(order) ? 'sold' : 'released',
  releaseSlot: freesSlot(order),
})

const isSold = (order: LockedOrder) => order.status === 'confirmed'
