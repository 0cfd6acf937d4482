import { defineScript } from '@floodgate/redis'
import { saleKeys } from './keys.ts'
import { runStockScript, type StockScripts } from './stock-redis.ts'

const script = defineScript({
  name: 'end-holds',
  file: new URL('./end-holds.lua', import.meta.url),
  numberOfKeys: 'any',
})
const ORDERS_PER_CALL = 128

export interface HoldEnd {
  readonly order: string
  readonly sale: string
  readonly outcome: 'sold' | 'released'
  /** After a decline, or when the order was abandoned: the slot may start another order. */
  readonly releaseSlot?: boolean
}

/**
 * `unchanged`: it had ended that way before. `unknown`: Redis has no such hold, so there is nothing to return.
 * `conflict`: it had ended the other way; the reconciler checks it.
 */
export type HoldEndOutcome = 'settled' | 'unchanged' | 'unknown' | 'conflict' | 'rebuild'
export type EndHolds = (entries: readonly HoldEnd[]) => Promise<readonly HoldEndOutcome[]>

/**
 * Ends the holds of orders whose end is committed in Postgres; those of one sale share one call, results come in the
 * order of the entries. Repeats and late calls change nothing. Rejects when Redis is unreachable: retry later.
 */
export function createEndHolds(stockRedis: StockScripts): EndHolds {
  return async function endHolds(entries) {
    const outcomes = new Map<HoldEnd, HoldEndOutcome>()
    const endPart = async (sale: string, part: readonly HoldEnd[]): Promise<void> => {
      const settled = await runEndHolds(stockRedis, sale, part)
      for (const [index, each] of part.entries()) outcomes.set(each, settled[index] ?? 'unknown')
    }
    await Promise.all(
      [...Map.groupBy(entries, (entry) => entry.sale)].flatMap(([sale, ofSale]) =>
        partsOf(ofSale, ORDERS_PER_CALL).map((part) => endPart(sale, part)),
      ),
    )
    return entries.map((entry) => outcomes.get(entry) ?? 'unknown')
  }
}

/** Takes back a hold that certainly never became an order, unless another request adopted it since. */
export async function undoHold(
  stockRedis: StockScripts,
  { sale, order, attempt }: { sale: string; order: string; attempt: number },
): Promise<void> {
  await runEndHolds(stockRedis, sale, [{ order, outcome: 'undone', attempt }])
}

interface ScriptedEnd {
  readonly order: string
  readonly outcome: HoldEnd['outcome'] | 'undone'
  readonly releaseSlot?: boolean
  /** The attempt that gives up; for `undone` only. */
  readonly attempt?: number
}

const runEndHolds = async (
  stockRedis: StockScripts,
  sale: string,
  ends: readonly ScriptedEnd[],
): Promise<readonly HoldEndOutcome[]> => {
  const { meta, stock, held, sold, units, holds, slots, ledger, hold } = saleKeys(sale)
  const reply = await runStockScript(stockRedis, script, {
    sale,
    keys: [meta, stock, held, sold, units, holds, slots, ledger, ...ends.map(({ order }) => hold(order))],
    args: ends.flatMap(({ order, outcome, releaseSlot = false, attempt = '' }) => [
      order,
      outcome,
      releaseSlot ? '1' : '',
      attempt,
    ]),
  })
  return reply === 'rebuild' ? ends.map(() => 'rebuild') : (reply as HoldEndOutcome[])
}

const partsOf = <Item>(items: readonly Item[], size: number): (readonly Item[])[] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, part) => items.slice(part * size, (part + 1) * size))
