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
  /** By this process' clock, for knowing how old the snapshot is. */
  readAtMs: number
  /** When a request last asked for it here, by the same clock. */
  requestedAtMs: number
}

/**
 * Whether an open sale is at rest: nobody is in its line or inside, and nobody has asked for it here lately. Then a look
 * each second is enough: a process that lets somebody join is asked for the sale by that, and wakes.
 */
export function isAtRest({ snapshot, requestedAtMs }: Pick<CachedSale, 'snapshot' | 'requestedAtMs'>): boolean {
  const { waiting, away, active } = snapshot.counts
  return snapshot.state === 'open' && waiting + away + active === 0 && performance.now() - requestedAtMs > REST_AFTER_MS
}

/** Hears what this process learns of its sales. */
export interface SaleListener {
  /** A place of the sale was told. */
  onPlace(sale: string, place: number): void
  onSnapshot(sale: CachedSale, news: readonly LogRecord[]): void
  /** A sale is not at rest: it is new here, is asked for, or its snapshot says so. */
  onAwake(): void
}

export interface SaleCache {
  /** The sales this process has a snapshot of: those it was asked about lately. */
  all(): Iterable<CachedSale>
  /** Every sale that is not over, as of the last discovery. */
  ids(): ReadonlySet<string>
  /** The sale is over: it needs no ticks any more. */
  forget(id: string): void
  /** The sale's newest snapshot, read now if this process has none younger than a few seconds; undefined when there is no such sale. */
  get(id: string): Promise<CachedSale | undefined>
  /** The same without waiting: undefined also when the snapshot would have to be read. */
  peek(id: string): CachedSale | undefined
  /** Reads the sale's snapshot now, or waits for the one that is being read. */
  refresh(id: string): Promise<CachedSale | undefined>
  /** The sale's snapshot if it is not older than `ageMs`, else read now. */
  getWithin(id: string, ageMs: number): Promise<CachedSale | undefined>
  /** Reads a snapshot that tells of everything so far: one that is being read already may have missed it. */
  refreshAfterWrite(id: string): Promise<CachedSale | undefined>
  /** Learns which sales there are. */
  loadAll(): Promise<void>
  /** For an answer of Redis that it does not know the sale (any more): puts it there. False: there is no such sale. */
  restore(id: string, kind: 'missing' | 'lost'): Promise<boolean>
  recordPlace(id: string, place: number): void
  listen(listener: SaleListener): void
}

/** For so long after a request a process reads a sale's snapshots. */
const DEMAND_MS = 10_000
/** Older than this, what was read of the log has gaps: the stream keeps a minute. */
const LOG_GAP_MS = 50_000
/** What nobody asked for in this time is dropped. */
const FORGET_MS = 600_000
/** The highest place of a sale is known for a day at least after it was last seen here. */
const PLACES_KEPT_MS = 86_400_000
const SALES_MAX = 200_000

/** Whether a request asked for the sale here lately. */
export function isInDemand({ requestedAtMs }: Pick<CachedSale, 'requestedAtMs'>): boolean {
  return performance.now() - requestedAtMs < DEMAND_MS
}

const REST_AFTER_MS = 5_000
const STALE_MS = 2_000
/** Answers from a snapshot that could not be renewed. */
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
  /** Outlives the sale's loss in Redis: that is when it is needed. Of a sale that is over nobody asks any more. */
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
    // Restarted Redis, older clock: a snapshot may be older than the one before, never shown again.
    const news = snapshot.entries
    // Not everything fitted: go on behind the last entry read.
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

  /** A sale that this process has had does not wait behind ids that anybody made up. */
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
        // Over for days: only its state is put back, for those who still ask.
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

  // After a loss everybody who asks finds it at once, and the archive's summary is a long statement: one reads it for all.
  const restore = async (id: string, kind: 'missing' | 'lost'): Promise<boolean> => {
    const running = restoring.get(id)
    if (running !== undefined) return await running
    const started = putBack(id, kind).finally(() => restoring.delete(id))
    restoring.set(id, started)
    return await started
  }

  const refreshAfterWrite = async (id: string) => {
    await reading.get(id)?.catch(() => undefined) // Told to whoever began it.
    return await refresh(id)
  }

  const noteRequest = (sale: CachedSale, nowMs: number) => {
    const wasAtRest = nowMs - sale.requestedAtMs > REST_AFTER_MS && isAtRest(sale)
    sale.requestedAtMs = nowMs
    if (!wasAtRest) return
    noteAwake()
    // Those who come behind this one are told where they stand from a snapshot that knows of it.
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
      if (unknown.isKnownMissing(id)) return undefined
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
      if (unknown.isKnownMissing(id)) return undefined
      // Redis away for a moment: the line as it was seconds ago is a better answer than none.
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
