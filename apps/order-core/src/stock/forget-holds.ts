import { defineScript } from '@floodgate/redis'
import { saleKeys } from './keys.ts'
import { runStockScript, type StockScripts } from './stock-redis.ts'

const script = defineScript({
  name: 'forget-holds',
  file: new URL('./forget-holds.lua', import.meta.url),
  numberOfKeys: 'any',
})

/** Forgets the deadlines of holds without any other data in Redis, at most 500, and returns how many. */
export async function forgetHolds(stockRedis: StockScripts, sale: string, orders: readonly string[]): Promise<number> {
  if (orders.length === 0) return 0
  const { meta, holds, ledger, hold } = saleKeys(sale)
  const reply = await runStockScript(stockRedis, script, {
    sale,
    keys: [meta, holds, ledger, ...orders.map(hold)],
    args: orders,
  })
  return reply === 'rebuild' ? 0 : Number(reply)
}
