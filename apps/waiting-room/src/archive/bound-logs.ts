import { lineKeys } from '../redis/keys.ts'
import { type LineRedis, whileRedisIsThere } from '../redis/line-redis.ts'
import { cutLog } from './cut-log.ts'

/** Age at which archived entries are trimmed: processes read the newest entries of a stream for their sockets. */
const KEEP_MS = 60_000
/**
 * Fill level at which logs are cut. They are checked once a second: entries appended until the next check must still
 * fit.
 */
const CUT_FROM = 0.9

interface Mark {
  readonly id: string
  /** The time at which this process learned that the entry was archived, by its own clock. */
  readonly atMs: number
}

/** Keeps the logs of lines small in Redis. Makes no query to Postgres. */
export interface LogBounds {
  /** Records that the log is archived up to this entry. */
  noteArchived(sale: string, id: string): void
  /**
   * Trims what was archived a minute ago, by this process' own clock: ids come from Redis' clock, which may be set
   * back. Cuts logs beyond their bound, archived entries first. Call it once a second.
   */
  keep(): Promise<void>
}

export function createLogBounds(options: {
  readonly line: LineRedis
  readonly entriesMax: number
  /** Returns the sales whose logs have unarchived entries. */
  behind(): Iterable<string>
  onCut(sale: string, count: number): void
  onFailure(sale: string, error: unknown): void
  /** Returns the milliseconds of a monotonic clock. */
  nowMs?(): number
}): LogBounds {
  const { line, entriesMax } = options
  const nowMs = options.nowMs ?? (() => performance.now())
  const archived = new Map<string, string>()
  const marksOf = new Map<string, Mark[]>()

  /** Takes out the newest entry archived a minute ago, and the sale when nothing is newer. */
  function takeOld(sale: string): string | undefined {
    const marks = marksOf.get(sale) ?? []
    const id = archived.get(sale)
    if (id !== undefined && marks.at(-1)?.id !== id) marks.push({ id, atMs: nowMs() })
    const kept = marks.findIndex(({ atMs }) => atMs > nowMs() - KEEP_MS)
    const old = kept === -1 ? marks.splice(0) : marks.splice(0, kept)
    if (marks.length > 0) marksOf.set(sale, marks)
    else {
      marksOf.delete(sale)
      archived.delete(sale)
    }
    return old.at(-1)?.id
  }

  async function keepLog(sale: string): Promise<void> {
    const { log } = lineKeys(sale)
    const archivedTo = archived.get(sale) ?? '0-0'
    const old = takeOld(sale)
    // The entry itself stays, so that the log is never empty.
    if (old !== undefined) await whileRedisIsThere(() => line.redis.xtrim(log, 'MINID', old))
    const most = Math.floor(entriesMax * CUT_FROM)
    if ((await whileRedisIsThere(() => line.redis.xlen(log))) <= most) return
    const count = await cutLog(line, sale, { entriesMax: most, archivedTo })
    if (count > 0) options.onCut(sale, count)
  }

  return {
    noteArchived(sale, id) {
      if (id !== '0-0') archived.set(sale, id)
    },
    async keep() {
      const sales = new Set([...archived.keys(), ...options.behind()])
      await Promise.all(
        [...sales].map((sale) => keepLog(sale).catch((error: unknown) => options.onFailure(sale, error))),
      )
    },
  }
}
