import { createHash } from 'node:crypto'
import type { PublicCatalogue } from '@floodgate/contracts'
import type { Redis } from '@floodgate/redis'
import type { Pool } from 'pg'
import { type RedisStock, readRedisStock } from '../stock/availability.ts'
import { readCatalogue, type StoredCatalogue } from './store.ts'

interface Shown {
  readonly body: string
  readonly etag: string
}

/** Undefined: the sale has no catalogue. */
export type Showcase = (sale: string) => Promise<Shown | undefined>

const FRESH_MS = 1_000
const SALES_MAX = 1_000

type Entry = { readonly readAtMs: number; readonly shown: Promise<Shown | undefined> }

/** What buyers see: the catalogue of Postgres with the availability of Redis, read once a second per sale and process. */
export const createShowcase = (
  { pool, redis }: { pool: Pool; redis: Redis },
  now: () => number = () => performance.now(),
): Showcase => {
  const entries = new Map<string, Entry>()
  return (sale) => {
    const known = entries.get(sale)
    if (known !== undefined && now() - known.readAtMs < FRESH_MS) return known.shown
    const shown = Promise.all([readCatalogue(pool, sale), readRedisStock(redis, sale)]).then(([catalogue, stock]) =>
      catalogue === undefined ? undefined : show(catalogue, stock),
    )
    // A failure is answered once and forgotten.
    shown.catch(() => entries.delete(sale))
    entries.delete(sale)
    entries.set(sale, { readAtMs: now(), shown })
    const oldest = entries.keys().next()
    if (entries.size > SALES_MAX && oldest.done !== true) entries.delete(oldest.value)
    return shown
  }
}

const show = (catalogue: StoredCatalogue, stock: RedisStock): Shown => {
  const shown: PublicCatalogue = {
    sale: catalogue.sale,
    currency: catalogue.currency,
    items: catalogue.items.map((item) => ({
      sku: item.sku,
      name: item.name,
      listPriceMinor: item.listPriceMinor,
      salePriceMinor: item.salePriceMinor,
      perBuyerLimit: item.perBuyerLimit,
      total: item.total,
      available: Math.max(0, stock.available.get(item.sku) ?? 0),
      soldOut: (stock.sold.get(item.sku) ?? 0) >= item.total,
    })),
  }
  const body = JSON.stringify(shown)
  return { body, etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"` }
}
