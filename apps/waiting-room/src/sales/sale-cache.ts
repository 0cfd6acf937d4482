import { createBoundedMap } from '@floodgate/async'
import type { Logger } from '@floodgate/runtime'
import type { Pool } from 'pg'
import { salesKey } from '../redis/keys.ts'
import { type LineRedis, whileRedisIsThere } from '../redis/line-redis.ts'
import type { LogRecord } from '../snapshot/log-record.ts'
import { readSnapshot, type Snapshot } from '../snapshot/snapshot.ts'
import { createSaleLookup } from './look-up-sale.ts'
import { projectSale } from './project-sale.ts'
import { recoverSale } from './recover-sale.ts'
import { CLOSED_LINE_MS, isUntouched, type Sale } from './sale.ts'
import { whileDatabaseIsThere } from './sale-acts.ts'
import { findAgeOfClose, findSale, findSales } from './sale-store.ts'

/** What this process knows of a sale. */
export interface CachedSale {
  readonly id: string
  snapshot: Snapshot
  /** By this process' clock, to tell the age of the snapshot. */
  readAtMs: number
  /** When a request last used it here, by the same clock. */
  requestedAtMs: number
}

/**
 * Tells whether an open sale is at rest: nobody is in its line or inside, and no request has used it here lately. Then
 * one read per second is enough: a process through which a buyer joins uses the sale, and wakes.
 */
export function isAtRest({ snapshot, requestedAtMs }: Pick<CachedSale, 'snapshot' | 'requestedAtMs'>): boolean {
  const { waiting, away, active } = snapshot.counts
  return snapshot.state === 'open' && waiting + away + active === 0 && performance.now() - requestedAtMs > REST_AFTER_MS
}

/** Callbacks for what this process learns of its sales. */
export interface SaleListener {
  /** Called with a place of the sale that was sent. */
  onPlace(sale: string, place: number): void
  onSnapshot(sale: CachedSale, news: readonly LogRecord[]): void
  /** Called when a sale is not at rest: it is new here, is requested, or its snapshot says so. */
  onAwake(): void
}

export interface SaleCache {
  /** Returns the sales with a snapshot in this process: those requested lately. */
  all(): Iterable<CachedSale>
  /** Returns every sale that is not over, as of the last discovery. */
  ids(): ReadonlySet<string>
  /** Forgets a sale that is over: it needs no more ticks. */
  forget(id: string): void
  /**
   * Returns the sale's newest snapshot, read now if this process has none younger than a few seconds; undefined when
   * there is no such sale.
   */
  get(id: string): Promise<CachedSale | undefined>
  /** Does the same without waiting: undefined also when the snapshot would have to be read. */
  peek(id: string): CachedSale | undefined
  /** Reads the sale's snapshot now, or waits for a read in progress. */
  refresh(id: string): Promise<CachedSale | undefined>
  /** Returns the sale's snapshot if it is not older than `ageMs`, else reads it now. */
  getWithin(id: string, ageMs: number): Promise<CachedSale | undefined>
  /** Reads a snapshot that includes everything so far: a read in progress may have missed it. */
  refreshAfterWrite(id: string): Promise<CachedSale | undefined>
  /** Discovers all sales. */
  loadAll(): Promise<void>
  /** Restores a sale that Redis does not know (any more). False: there is no such sale. */
  restore(id: string, kind: 'missing' | 'lost'): Promise<boolean>
  recordPlace(id: string, place: number): void
  listen(listener: SaleListener): void
}

/** How long after a request a process keeps reading a sale's snapshots. */
const DEMAND_MS = 10_000
/** Older than this, what was read of the log has gaps: the stream keeps a minute. */
const LOG_GAP_MS = 50_000
/** Sales without a request in this time are dropped. */
const FORGET_MS = 600_000
/** How long the highest place of a sale is kept after it was last seen here. */
const PLACES_KEPT_MS = 86_400_000
const SALES_MAX = 200_000

/** Tells whether a request used the sale here lately. */
export function isInDemand({ requestedAtMs }: Pick<CachedSale, 'requestedAtMs'>): boolean {
  return performance.now() - requestedAtMs < DEMAND_MS
}

const REST_AFTER_MS = 5_000
const STALE_MS = 2_000
/** How long a snapshot that could not be renewed is used. */
const GRACE_MS = 8_000

export function createSaleCache(deps: { line: LineRedis; pool: Pool; log: Logger; recoveryMs: number }): SaleCache {
  const { line, pool } = deps
  const listeners: SaleListener[] = []
  const noteAwake = () => {
    for (const listener of listeners) listener.onAwake()
  }
  const sales = new Map<string, CachedSale>()
  let ids: ReadonlySet<string> = new Set()
  const reading = new Map<string, Promise<CachedSale | undefined>>()
  const restoring = new Map<string, Promise<boolean>>()
  const unknown = createSaleLookup((ids) => whileDatabaseIsThere(() => findSales(pool, ids)))
  /** Outlives the sale's loss in Redis, when it is needed. A sale that is over is no longer requested. */
  const highestPlaces = createBoundedMap<number>(SALES_MAX, { keptMs: PLACES_KEPT_MS })
  const recordPlace = (id: string, place: number) => {
    if (place <= (highestPlaces.get(id) ?? 0)) return
    highestPlaces.set(id, place)
    for (const listener of listeners) listener.onPlace(id, place)
  }
  const isSeen = (id: string) => highestPlaces.get(id) !== undefined

  const read = async (id: string): Promise<CachedSale | undefined> => {
    const known = sales.get(id)
    const isContinuous = known !== undefined && performance.now() - known.readAtMs < LOG_GAP_MS
    const snapshot = await readSnapshot(line, id, isContinuous ? known.snapshot.newestLogId : undefined)
    if (snapshot === undefined) {
      sales.delete(id)
      return undefined
    }
    const sale = known ?? { id, snapshot, readAtMs: 0, requestedAtMs: Number.NEGATIVE_INFINITY }
    // A restarted Redis has an older clock: a snapshot older than the previous one is never shown again.
    const news = snapshot.entries
    // Not everything fitted: continue after the last entry read.
    const lastRead = news.at(-1)?.id
    sale.snapshot = lastRead === undefined ? snapshot : { ...snapshot, newestLogId: lastRead }
    sale.readAtMs = performance.now()
    recordPlace(id, snapshot.marks.at(-1)?.[1] ?? 0)
    sales.set(id, sale)
    if (!isAtRest(sale)) noteAwake()
    for (const listener of listeners) listener.onSnapshot(sale, news)
    return sale
  }

  const refresh = (id: string) => {
    const running = reading.get(id)
    if (running !== undefined) return running
    const started = read(id).finally(() => reading.delete(id))
    reading.set(id, started)
    return started
  }

  /** A sale that this process has had does not wait behind invented ids. */
  const lookUp = (id: string) => (isSeen(id) ? whileDatabaseIsThere(() => findSale(pool, id)) : unknown.lookUp(id))

  const isLineGone = async ({ id, state }: Sale) => {
    if (state !== 'closed') return false
    const ageMs = await whileDatabaseIsThere(() => findAgeOfClose(pool, id))
    return ageMs !== undefined && ageMs > CLOSED_LINE_MS
  }

  const putBack = async (id: string, kind: 'missing' | 'lost'): Promise<boolean> => {
    if (kind === 'missing') {
      const sale = await lookUp(id)
      if (sale === undefined) return false
      if (await isLineGone(sale)) {
        // Over for days: only its state is restored, for late requests.
        await projectSale(line, sale, { act: 'restored', isNew: true })
        return true
      }
      const isNew = isUntouched(sale, Date.now()) && !isSeen(id)
      await projectSale(line, sale, { act: 'restored', isNew })
    }
    await whileDatabaseIsThere(
      () => recoverSale({ ...deps, sale: id, highestPlaceSeen: highestPlaces.get(id) ?? 0 }),
      'The line recovers as soon as its database can be reached. Places are kept; try again in a moment.',
    )
    return true
  }

  // After a loss all requests find it at once, and the archive's summary is a long statement: one read serves all.
  const restore = async (id: string, kind: 'missing' | 'lost'): Promise<boolean> => {
    const running = restoring.get(id)
    if (running !== undefined) return await running
    const started = putBack(id, kind).finally(() => restoring.delete(id))
    restoring.set(id, started)
    return await started
  }

  const refreshAfterWrite = async (id: string) => {
    await reading.get(id)?.catch(() => undefined) // Its initiator gets the error.
    return await refresh(id)
  }

  const noteRequest = (sale: CachedSale, nowMs: number) => {
    const wasAtRest = nowMs - sale.requestedAtMs > REST_AFTER_MS && isAtRest(sale)
    sale.requestedAtMs = nowMs
    if (!wasAtRest) return
    noteAwake()
    // Later requests get a position from a snapshot that includes this one.
    refresh(sale.id).catch(() => undefined) // The next snapshot is the retry, and counts its failure.
  }

  const fresh = (id: string): CachedSale | undefined => {
    const known = sales.get(id)
    if (known === undefined) return undefined
    const nowMs = performance.now()
    noteRequest(known, nowMs)
    return nowMs - known.readAtMs < STALE_MS ? known : undefined
  }

  return {
    all: () => sales.values(),
    ids: () => ids,
    forget: (id) => {
      ids = new Set([...ids].filter((known) => known !== id))
    },
    getWithin: async (id, ageMs) => {
      const known = sales.get(id)
      if (known !== undefined && performance.now() - known.readAtMs < ageMs) return known
      if (known === undefined && unknown.isKnownMissing(id)) return undefined
      return (await refresh(id)) ?? ((await restore(id, 'missing')) ? await refresh(id) : undefined)
    },
    peek: fresh,
    refresh,
    refreshAfterWrite,
    restore,
    get: async (id) => {
      const now = fresh(id)
      if (now !== undefined) return now
      const known = sales.get(id)
      if (known === undefined && unknown.isKnownMissing(id)) return undefined
      // Redis is unavailable for a moment: the line of some seconds ago is better than none.
      const isRecent = known !== undefined && performance.now() - known.readAtMs < STALE_MS + GRACE_MS
      const read = await (isRecent ? refresh(id).catch(() => known) : refresh(id))
      const found = read ?? ((await restore(id, 'missing')) ? await refresh(id) : undefined)
      if (found === undefined) return undefined
      found.requestedAtMs = performance.now()
      noteAwake()
      return found
    },
    loadAll: async () => {
      ids = new Set(await whileRedisIsThere(() => line.redis.smembers(salesKey)))
      const nowMs = performance.now()
      for (const { id, requestedAtMs, readAtMs } of sales.values())
        if (nowMs - Math.max(requestedAtMs, readAtMs) > FORGET_MS) sales.delete(id)
    },
    recordPlace,
    listen: (listener) => void listeners.push(listener),
  }
}
