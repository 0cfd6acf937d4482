import { defineScript } from '@floodgate/redis'
import type { StoredOrder } from '../ledger/order.ts'
import { type Fence, runFenced } from './fence.ts'
import { packLines } from './hold.ts'
import { saleKeys } from './keys.ts'
import { pendHold } from './pend.ts'
import { createSettle, type SettleOutcome } from './settle.ts'

const script = defineScript({ name: 'restore', file: new URL('./restore.lua', import.meta.url), numberOfKeys: 4 })

/** The state of its hold that an order's row asks for. A cancelled order keeps its reason through a refund; a sold one has none. */
export const holdStateOf = (order: Pick<StoredOrder, 'status' | 'cancelReason'>): 'pending' | 'sold' | 'released' => {
  if (order.status === 'pending') return 'pending'
  return order.cancelReason === null ? 'sold' : 'released'
}

/** After a declined card the buyer may try another: the slot is free for another order. Every other end uses it up. */
export const freesSlot = ({ cancelReason }: { readonly cancelReason: string | null }): boolean =>
  cancelReason === 'declined'

/** Moves an order's hold to where its row in Postgres is; what is there already stays. `unknown`: Redis has no such hold. */
export const followRow = async (fence: Fence, order: StoredOrder): Promise<SettleOutcome | 'pended'> => {
  const outcome = holdStateOf(order)
  if (outcome === 'pending')
    return await pendHold(fence, { sale: order.sale, order: order.id, holdExpiresAt: order.holdExpiresAt })
  const [settled = 'unknown'] = await createSettle(fence)([
    { order: order.id, sale: order.sale, outcome, releaseSlot: freesSlot(order) },
  ])
  return settled
}

/** Puts back the record of an order's hold when Redis has none, so that its key is known again. Counters stay. */
export const restoreRecord = async (
  fence: Fence,
  order: StoredOrder,
): Promise<'restored' | 'unchanged' | 'rebuild'> => {
  const keys = saleKeys(order.sale)
  const reply = await runFenced(fence, script, {
    sale: order.sale,
    keys: [keys.meta, keys.holds, keys.slots, keys.hold(order.id)],
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
