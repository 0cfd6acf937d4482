import { defineScript } from '@floodgate/redis'
import { freesSlot } from '../order/frees-slot.ts'
import type { Order } from '../order/order.ts'
import { createEndHolds, type HoldEndOutcome } from './end-holds.ts'
import { packLines } from './hold.ts'
import { saleKeys } from './keys.ts'
import { markHoldCommitted, markHoldsCommitted } from './mark-committed.ts'
import { runStockScript, type StockScripts } from './stock-redis.ts'

const script = defineScript({
  name: 'restore-hold',
  file: new URL('./restore-hold.lua', import.meta.url),
  numberOfKeys: 5,
})

/**
 * Returns the hold state that an order's row requires. A cancelled order keeps its reason through a refund or a late
 * payment; one whose hold was sold has none.
 */
const holdStateOf = (order: Pick<Order, 'status' | 'cancelReason'>): 'pending' | 'sold' | 'released' => {
  if (order.status === 'pending') return 'pending'
  return order.cancelReason === null ? 'sold' : 'released'
}

/** The fields of an order that moving its hold needs. */
export type SyncedOrder = Pick<Order, 'id' | 'sale' | 'status' | 'cancelReason' | 'holdExpiresAt'>

/**
 * Moves an order's hold to the state of its row in Postgres; a hold already there stays. `unknown`: Redis has no such
 * hold.
 */
export async function syncHold(stockRedis: StockScripts, order: Order): Promise<HoldEndOutcome | 'marked'> {
  const outcome = holdStateOf(order)
  if (outcome === 'pending')
    return await markHoldCommitted(stockRedis, {
      sale: order.sale,
      order: order.id,
      holdExpiresAt: order.holdExpiresAt,
    })
  const [settled = 'unknown'] = await createEndHolds(stockRedis)([
    { order: order.id, sale: order.sale, outcome, releaseSlot: freesSlot(order) },
  ])
  return settled
}

/** Does the same for many orders of one sale, in few calls; outcomes come in their order. */
export async function syncHolds(
  stockRedis: StockScripts,
  orders: readonly SyncedOrder[],
): Promise<readonly (HoldEndOutcome | 'marked')[]> {
  const [first] = orders
  if (first === undefined) return []
  const open = orders.filter((order) => holdStateOf(order) === 'pending')
  const ended = orders.flatMap((order) => {
    const outcome = holdStateOf(order)
    return outcome === 'pending' ? [] : [{ order: order.id, sale: order.sale, outcome, releaseSlot: freesSlot(order) }]
  })
  const [marked, settled] = await Promise.all([
    markHoldsCommitted(
      stockRedis,
      first.sale,
      open.map(({ sale, id, holdExpiresAt }) => ({ sale, order: id, holdExpiresAt })),
    ),
    createEndHolds(stockRedis)(ended),
  ])
  const outcomes = new Map([
    ...open.map(({ id }, index) => [id, marked[index] ?? 'unknown'] as const),
    ...ended.map(({ order }, index) => [order, settled[index] ?? 'unknown'] as const),
  ])
  return orders.map(({ id }) => outcomes.get(id) ?? 'unknown')
}

/**
 * Restores the record of an order's hold when Redis has none, so that its key is known again. Counters stay unchanged.
 */
export async function restoreHold(
  stockRedis: StockScripts,
  order: Order,
): Promise<'restored' | 'unchanged' | 'rebuild'> {
  const keys = saleKeys(order.sale)
  const reply = await runStockScript(stockRedis, script, {
    sale: order.sale,
    keys: [keys.meta, keys.holds, keys.slots, keys.ledger, keys.hold(order.id)],
    args: [
      order.id,
      holdStateOf(order),
      order.requestHash,
      order.buyer,
      order.slot,
      freesSlot(order) ? '' : '1',
      order.holdExpiresAt.getTime(),
      order.currency,
      packLines(order.lines),
    ],
  })
  return reply as 'restored' | 'unchanged' | 'rebuild'
}
