import { createHash } from 'node:crypto'
import { createBoundedMap } from '@floodgate/async'
import type { PublicCatalogue } from '@floodgate/contracts'
import type { ResponseParts } from '@floodgate/http'
import type { RedisClient } from '@floodgate/redis'
import { AppError } from '@floodgate/runtime'
import type { Pool } from 'pg'
import { type RedisStock, readRedisStock } from '../stock/availability.ts'
import { readCatalogue, type StoredCatalogue } from './store.ts'

/** A catalogue's responses: in full, and for a caller that already has this version. */
export interface CachedCatalogue {
  readonly etag: string
  readonly whole: ResponseParts
  readonly unchanged: ResponseParts
}

/** Returns at once where the catalogue is known. Undefined: the sale has no catalogue. */
export type CatalogueCache = (sale: string) => CachedCatalogue | undefined | Promise<CachedCatalogue | undefined>

const FRESH_MS = 1_000
/**
 * How long a stale catalogue is shown while the next one is read: a request in the middle of a rush does not wait for
 * the read.
 */
const STALE_MS_MAX = 2_000
const SALES_MAX = 1_000
/** Maximum number of unknown sales being read. Any client can invent ids, and orders need the same connections. */
const FIRST_READS_MAX = 8
const MISSING_MAX = 10_000

interface Entry {
  cached: CachedCatalogue
  /** When the read behind `shown` began. */
  readAtMs: number
  reading: Promise<CachedCatalogue | undefined> | undefined
}

/**
 * Caches what buyers see: the catalogue of Postgres with the availability of Redis, read once a second per sale and
 * process. Sales without a catalogue are cached separately, for a second, so that invented ids displace no sale that
 * has one. Throws `busy` while too many unknown ones are being read.
 */
export function createCatalogueCache(
  { pool, redis }: { pool: Pool; redis: RedisClient },
  now: () => number = () => performance.now(),
): CatalogueCache {
  const entries = new Map<string, Entry>()
  const missingSince = createBoundedMap<number>(MISSING_MAX, { keptMs: FRESH_MS, now })
  const firstReads = new Map<string, Promise<CachedCatalogue | undefined>>()

  async function read(sale: string): Promise<CachedCatalogue | undefined> {
    const readAtMs = now()
    const [catalogue, stock] = await Promise.all([readCatalogue(pool, sale), readRedisStock(redis, sale)])
    if (catalogue === undefined) {
      missingSince.set(sale, readAtMs)
      entries.delete(sale)
      return undefined
    }
    const cached = render(catalogue, stock)
    const entry = entries.get(sale)
    if (entry === undefined) keep(sale, { cached, readAtMs, reading: undefined })
    else Object.assign(entry, { cached, readAtMs })
    return cached
  }

  function keep(sale: string, entry: Entry): void {
    entries.set(sale, entry)
    const oldest = entries.keys().next()
    if (entries.size > SALES_MAX && oldest.done !== true) entries.delete(oldest.value)
  }

  function readUncached(sale: string): Promise<CachedCatalogue | undefined> {
    const running = firstReads.get(sale)
    if (running !== undefined) return running
    if (firstReads.size >= FIRST_READS_MAX) throw new AppError('busy', { retryAfterSeconds: 1 })
    const started = read(sale).finally(() => firstReads.delete(sale))
    firstReads.set(sale, started)
    return started
  }

  function refreshCached(sale: string, entry: Entry): Promise<CachedCatalogue | undefined> {
    entry.reading ??= read(sale).finally(() => {
      entry.reading = undefined
    })
    return entry.reading
  }

  return function cachedCatalogue(sale) {
    const entry = entries.get(sale)
    if (entry === undefined)
      return now() - (missingSince.get(sale) ?? Number.NEGATIVE_INFINITY) < FRESH_MS ? undefined : readUncached(sale)
    const ageMs = now() - entry.readAtMs
    if (ageMs < FRESH_MS) return entry.cached
    const reading = refreshCached(sale, entry)
    if (ageMs >= STALE_MS_MAX) return reading
    // Background refresh: no caller waits for it. After a failure the next request retries.
    reading.catch(() => undefined)
    return entry.cached
  }
}

const render = (catalogue: StoredCatalogue, stock: RedisStock): CachedCatalogue => {
  const cached: PublicCatalogue = {
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
  const body = JSON.stringify(cached)
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`
  // `Vary: Origin`: a shared cache must not reuse one origin's CORS headers for another.
  const headers = { etag, 'cache-control': 'public, max-age=1, stale-while-revalidate=2', vary: 'Origin' }
  return {
    etag,
    whole: { status: 200, headers: { ...headers, 'content-type': 'application/json' }, body },
    unchanged: { status: 304, headers, body: null },
  }
}
