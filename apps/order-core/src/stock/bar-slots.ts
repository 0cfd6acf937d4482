import { defineScript } from '@floodgate/redis'
import { saleKeys } from './keys.ts'
import { runStockScript, type StockRedis } from './stock-redis.ts'

const script = defineScript({ name: 'bar-slots', file: new URL('./bar-slots.lua', import.meta.url), numberOfKeys: 4 })

export interface BarredSlot {
  readonly slot: string
  readonly passExpiresAt: Date
}

export interface Barred {
  /** Epoch of the fence: the result on orders in progress is valid as long as the ledger has the same. */
  readonly epoch: number
  /** No order is in progress on them, and none can start. */
  readonly free: readonly string[]
}

/**
 * Bars slots of one sale (at most 500) from new orders; safe to repeat. Store their revocations first. Undefined: the
 * stock was lost again meanwhile. Rejects while Redis or its stock is unavailable.
 */
export async function barSlots(
  stockRedis: StockRedis,
  sale: string,
  slots: readonly BarredSlot[],
): Promise<Barred | undefined> {
  const { meta, slots: bound, holds, barred } = saleKeys(sale)
  const reply = await runStockScript(stockRedis, script, {
    sale,
    keys: [meta, bound, holds, barred],
    args: slots.flatMap(({ slot, passExpiresAt }) => [slot, passExpiresAt.getTime()]),
  })
  if (reply === 'rebuild') return undefined
  const [epoch, ...free] = reply as readonly [string, ...number[]]
  return { epoch: Number(epoch), free: slots.flatMap(({ slot }, index) => (free[index] === 1 ? [slot] : [])) }
}
