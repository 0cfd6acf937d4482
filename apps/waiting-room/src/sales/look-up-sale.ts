import { createBoundedMap } from '@floodgate/async'
import { AppError } from '@floodgate/runtime'
import type { Sale } from './sale.ts'

export interface SaleLookup {
  /**
   * Looks a sale up in Postgres; undefined when there is none. Rejects with `unavailable` when too many ids already
   * wait.
   */
  lookUp(id: string): Promise<Sale | undefined>
  /** Tells whether it was missing a moment ago. */
  isKnownMissing(id: string): boolean
}

/** Maximum number of ids in one statement. */
const IDS_MAX = 500
/**
 * Maximum number of ids that wait for the statement in progress. Anybody can request any id, so the queue is bounded.
 */
const WAITING_MAX = 2_000
/** A sale that was created meanwhile is found after this long at the latest. */
const MISSING_MS = 1_000
const MISSING_MAX = 100_000

/**
 * Looks up ids that this process has never seen: one statement at a time, with all ids requested meanwhile, so that any
 * number of unknown ids costs one connection of the pool. Not createWriteBehind of packages/async: concurrent callers
 * of one id share its look-up, and the queue rejects. A missing id is cached for a second.
 */
export function createSaleLookup(
  findSales: (ids: readonly string[]) => Promise<ReadonlyMap<string, Sale>>,
  { now = () => performance.now() }: { now?(): number } = {},
): SaleLookup {
  const waiting = new Map<string, PromiseWithResolvers<Sale | undefined>>()
  const missingSince = createBoundedMap<number>(MISSING_MAX, { keptMs: MISSING_MS, now })
  let isRunning = false

  async function runBatch(): Promise<void> {
    const batch = [...waiting].slice(0, IDS_MAX)
    for (const [id] of batch) waiting.delete(id)
    try {
      const found = await findSales(batch.map(([id]) => id))
      for (const [id, { resolve }] of batch) {
        const sale = found.get(id)
        if (sale === undefined) missingSince.set(id, now())
        resolve(sale)
      }
    } catch (error) {
      for (const [, { reject }] of batch) reject(error)
    }
  }

  async function run(): Promise<void> {
    isRunning = true
    while (waiting.size > 0) await runBatch()
    isRunning = false
  }

  function isKnownMissing(id: string): boolean {
    return now() - (missingSince.get(id) ?? Number.NEGATIVE_INFINITY) < MISSING_MS
  }

  async function lookUp(id: string): Promise<Sale | undefined> {
    if (isKnownMissing(id)) return undefined
    const same = waiting.get(id)
    if (same !== undefined) return await same.promise
    if (waiting.size >= WAITING_MAX) throw new AppError('unavailable', { retryAfterSeconds: 1 })
    const result = Promise.withResolvers<Sale | undefined>()
    waiting.set(id, result)
    if (!isRunning) {
      isRunning = true
      // Requests of this turn of the event loop share the first statement.
      setImmediate(() => void run())
    }
    return await result.promise
  }

  return { lookUp, isKnownMissing }
}
