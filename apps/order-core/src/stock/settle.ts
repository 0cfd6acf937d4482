import { defineScript } from '@floodgate/redis'
import { type Fence, runFenced } from './fence.ts'
import { saleKeys } from './keys.ts'

const script = defineScript({ name: 'settle', file: new URL('./settle.lua', import.meta.url), numberOfKeys: 8 })

export interface Settlement {
  readonly order: string
  readonly sale: string
  readonly outcome: 'sold' | 'released'
  /** After a decline: the slot may start another order. */
  readonly releaseSlot?: boolean
}

/**
 * `unchanged`: it had ended that way before. `unknown`: Redis has no such hold, so there is nothing to pay back.
 * `conflict`: it had ended the other way; the reconciler looks into it.
 */
export type SettleOutcome = 'settled' | 'unchanged' | 'unknown' | 'conflict' | 'rebuild'
export type Settle = (entries: readonly Settlement[]) => Promise<readonly SettleOutcome[]>

/**
 * Ends the holds of orders whose end is committed in Postgres; all calls travel in one pipeline, answers come in the
 * order of the entries. Repeats and late calls change nothing. Rejects when Redis can't be reached: settle again later.
 */
export const createSettle =
  (fence: Fence): Settle =>
  (entries) =>
    Promise.all(
      entries.map(async ({ order, sale, outcome, releaseSlot = false }) => {
        const keys = saleKeys(sale)
        const reply = await runFenced(fence, script, {
          sale,
          keys: settleKeys(keys, order),
          args: [order, outcome, releaseSlot ? '1' : '', ''],
        })
        return reply as SettleOutcome
      }),
    )

/** Takes back a hold that surely never became an order, unless another request adopted it since. */
export const undoHold = async (
  fence: Fence,
  { sale, order, attempt }: { sale: string; order: string; attempt: number },
): Promise<void> => {
  await runFenced(fence, script, {
    sale,
    keys: settleKeys(saleKeys(sale), order),
    args: [order, 'undone', '', attempt],
  })
}

const settleKeys = (keys: ReturnType<typeof saleKeys>, order: string) => [
  keys.meta,
  keys.stock,
  keys.held,
  keys.sold,
  keys.units,
  keys.holds,
  keys.slots,
  keys.hold(order),
]
