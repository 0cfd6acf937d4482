import { setTimeout as delay } from 'node:timers/promises'
import { defineScript } from '@floodgate/redis'
import { AppError } from '@floodgate/runtime'
import { saleKeys } from '../stock/keys.ts'
import { runStockScript, type StockRedis, type StockScripts } from '../stock/stock-redis.ts'
import type { StoredCatalogue } from './store.ts'

const script = defineScript({ name: 'project', file: new URL('./project.lua', import.meta.url), numberOfKeys: 3 })

/** The request does not wait for a longer rebuild: the reconciler projects the catalogue afterwards. */
const REBUILD_MS_MAX = 4_000

/**
 * Writes a catalogue from Postgres to Redis, for new holds. Once this resolves no hold is taken at an older price: the
 * hold script reads price, limit and stock in one step. Throws `unavailable` when the stock takes long to rebuild.
 */
export async function projectCatalogue(
  stockRedis: StockRedis,
  catalogue: Omit<StoredCatalogue, 'cancelWithinSeconds'>,
): Promise<void> {
  if ((await tryToProject(stockRedis, catalogue)) !== 'rebuild') return
  const late = new AbortController()
  const rebuilding = stockRedis.rebuild(catalogue.sale)
  const outcome = await Promise.race([
    rebuilding.then(() => tryToProject(stockRedis, catalogue)),
    delay(REBUILD_MS_MAX, 'rebuild' as const, { signal: late.signal }),
  ]).finally(() => late.abort())
  if (outcome === 'rebuild')
    throw new AppError('unavailable', { detail: 'The stock is being rebuilt.', retryAfterSeconds: 2 })
}

/** `rebuild`: nothing was changed, and the rebuild has begun. */
export async function tryToProject(
  stockRedis: StockScripts,
  catalogue: Omit<StoredCatalogue, 'cancelWithinSeconds'>,
): Promise<'projected' | 'unchanged' | 'rebuild'> {
  const keys = saleKeys(catalogue.sale)
  const reply = await runStockScript(stockRedis, script, {
    sale: catalogue.sale,
    keys: [keys.meta, keys.items, keys.stock],
    args: [
      catalogue.version,
      catalogue.currency,
      ...catalogue.items.flatMap((item) => [item.sku, item.salePriceMinor, item.perBuyerLimit, item.total]),
    ],
  })
  return reply as 'projected' | 'unchanged' | 'rebuild'
}
