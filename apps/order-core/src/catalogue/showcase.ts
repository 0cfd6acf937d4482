import { createHash } from 'node:crypto'
import type { PublicCatalogue } from '@floodgate/contracts'
import type { Redis } from '@floodgate/redis'
import type { PlainAnswer } from '@floodgate/service'
import type { Pool } from 'pg'
import { type RedisStock, readRedisStock } from '../stock/availability.ts'
import { readCatalogue, type StoredCatalogue } from './store.ts'

/** A catalogue as it is answered: to whoever has none, and to whoever has this one. */
export interface Shown {
  readonly etag: string
  readonly whole: PlainAnswer
  readonly unchanged: PlainAnswer
}

/** At once where it is known. Undefined: the sale has no catalogue. */
export type Showcase = (sale: string) => Shown | undefined | Promise<Shown | undefined>

const FRESH_MS = 1_000
/** Until then the catalogue as it was is shown while the next one is read: nobody waits for it in the middle of a rush. */
const SHOWN_MS_MAX = 2_000
const SALES_MAX = 1_000

interface Entry {
  shown: Shown | undefined
  /** When the read behind `shown` began. */
  readAtMs: number
  reading: Promise<Shown | undefined> | undefined
}

/** What buyers see: the catalogue of Postgres with the availability of Redis, read once a second per sale and process. */
export const createShowcase = (
  { pool, redis }: { pool: Pool; redis: Redis },
  now: () => number = () => performance.now(),
): Showcase => {
  const entries = new Map<string, Entry>()

  const read = async (sale: string, entry: Entry): Promise<Shown | undefined> => {
    const readAtMs = now()
    try {
      const [catalogue, stock] = await Promise.all([readCatalogue(pool, sale), readRedisStock(redis, sale)])
      entry.shown = catalogue === undefined ? undefined : show(catalogue, stock)
      entry.readAtMs = readAtMs
      return entry.shown
    } finally {
      entry.reading = undefined
    }
  }

  const newEntry = (sale: string): Entry => {
    const entry: Entry = { shown: undefined, readAtMs: Number.NEGATIVE_INFINITY, reading: undefined }
    entries.set(sale, entry)
    const oldest = entries.keys().next()
    if (entries.size > SALES_MAX && oldest.done !== true) entries.delete(oldest.value)
    return entry
  }

  return (sale) => {
    const entry = entries.get(sale) ?? newEntry(sale)
    const ageMs = now() - entry.readAtMs
    if (ageMs < FRESH_MS) return entry.shown
    entry.reading ??= read(sale, entry)
    if (ageMs >= SHOWN_MS_MAX || entry.shown === undefined) return entry.reading
    // Nobody may be waiting for it: who comes after a failure reads again, and hears of it once this one is too old.
    entry.reading.catch(() => undefined)
    return entry.shown
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
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`
  // What a listed origin is told besides must not be what a cache tells another.
  const headers = { etag, 'cache-control': 'public, max-age=1, stale-while-revalidate=2', vary: 'Origin' }
  return {
    etag,
    whole: { status: 200, headers: { ...headers, 'content-type': 'application/json' }, body },
    unchanged: { status: 304, headers, body: null },
  }
}
