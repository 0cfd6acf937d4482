import { createHash } from 'node:crypto'
import { createBoundedMap } from '@floodgate/async'
import { isTagKnown, type ResponseParts } from '@floodgate/http'
import { AppError } from '@floodgate/runtime'

/** What buyers see of a sale: the responses in full, and for a caller that already has this version. */
export interface CachedView {
  readonly etag: string
  readonly whole: ResponseParts
  readonly unchanged: ResponseParts
}

/** Returns at once where the view is known. Undefined: the sale has none. */
export type SaleViewCache = (sale: string) => CachedView | undefined | Promise<CachedView | undefined>

const FRESH_MS = 1_000
/**
 * How long a stale catalogue is shown while the next one is read: a request in the middle of a rush does not wait for
 * the read.
 */
const STALE_MS_MAX = 2_000
/** Those requested last stay: at least half of these. */
const SALES_MAX = 2_000
/** Maximum number of unknown sales being read. Any client can invent ids, and orders need the same connections. */
const FIRST_READS_MAX = 8
const MISSING_MAX = 10_000

interface Entry {
  cached: CachedView
  /** When the read behind `cached` began. */
  readAtMs: number
  reading: Promise<CachedView | undefined> | undefined
}

/**
 * Caches a view that buyers have of a sale, read once a second per sale and process. `readView` returns its JSON, or
 * undefined. Sales without one are cached separately, for a second, so that invented ids displace no sale that has one.
 * Throws `busy` while too many unknown ones are being read.
 */
export function createSaleViewCache(
  readView: (sale: string) => Promise<object | undefined>,
  now: () => number = () => performance.now(),
): SaleViewCache {
  const entries = createBoundedMap<Entry>(SALES_MAX, { now })
  const missingSince = createBoundedMap<number>(MISSING_MAX, { keptMs: FRESH_MS, now })
  const firstReads = new Map<string, Promise<CachedView | undefined>>()

  async function read(sale: string): Promise<CachedView | undefined> {
    const readAtMs = now()
    const view = await readView(sale)
    if (view === undefined) {
      missingSince.set(sale, readAtMs)
      entries.delete(sale)
      return undefined
    }
    const cached = render(view)
    const entry = entries.get(sale)
    if (entry === undefined) entries.set(sale, { cached, readAtMs, reading: undefined })
    else Object.assign(entry, { cached, readAtMs })
    return cached
  }

  function readUncached(sale: string): Promise<CachedView | undefined> {
    const running = firstReads.get(sale)
    if (running !== undefined) return running
    if (firstReads.size >= FIRST_READS_MAX) throw new AppError('busy', { retryAfterSeconds: 1 })
    const started = read(sale).finally(() => firstReads.delete(sale))
    firstReads.set(sale, started)
    return started
  }

  function refreshCached(sale: string, entry: Entry): Promise<CachedView | undefined> {
    entry.reading ??= read(sale).finally(() => {
      entry.reading = undefined
    })
    return entry.reading
  }

  return function cachedView(sale) {
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

const render = (view: object): CachedView => {
  const body = JSON.stringify(view)
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`
  // `Vary: Origin`: a shared cache must not reuse one origin's CORS headers for another.
  const headers = { etag, 'cache-control': 'public, max-age=1, stale-while-revalidate=2', vary: 'Origin' }
  return {
    etag,
    whole: { status: 200, headers: { ...headers, 'content-type': 'application/json' }, body },
    unchanged: { status: 304, headers, body: null },
  }
}

/** Returns 304 to a caller that has the view. Throws `not-found` for a sale without one. */
export function viewResponse(cached: CachedView | undefined, ifNoneMatch: string | undefined): ResponseParts {
  if (cached === undefined) throw new AppError('not-found')
  return isTagKnown(cached.etag, ifNoneMatch) ? cached.unchanged : cached.whole
}
