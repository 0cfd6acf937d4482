import { createBoundedMap } from '@floodgate/async'
import { isConnectionLost } from '@floodgate/database'
import { compareLogIds } from '../snapshot/log-record.ts'

/** Rounds of one sale before the next one's turn: five seconds of 10,000 admissions a second. */
const ROUNDS_MAX = 2
/** A ticked sale is noted at least once a second; forgetting one costs a round without entries. */
const REACHED_KEPT_MS = 600_000
const SALES_MAX = 100_000

/** Tracks which logs have unarchived entries, as the ticks of this process report. */
export interface ArchiveQueue {
  /** Records the newest entry of a sale's log, as a tick reported it. */
  note(sale: string, newestLogId: string): void
  isBehind(sale: string): boolean
  behind(): Iterable<string>
  /**
   * Archives what is behind, one sale after the other, until the signal aborts. Ends early where Postgres is
   * unavailable.
   */
  work(signal: AbortSignal): Promise<void>
}

/**
 * Creates the queue. Keeps how far each log is archived, so that a log without new entries costs nothing. A sale
 * stays in the queue until its last entry is archived, even when its ticks have ended.
 */
export function createArchiveQueue(options: {
  /** Copies a portion of a log; undefined while another process does. */
  archive(sale: string): Promise<{ reached: string; isBehind: boolean } | undefined>
  onArchived(sale: string, reached: string): void
  onFailure(sale: string, error: unknown): void
}): ArchiveQueue {
  const reached = createBoundedMap<string>(SALES_MAX, { keptMs: REACHED_KEPT_MS })
  const behind = new Map<string, string>()

  async function workOn(sale: string, { newest, signal }: { newest: string; signal: AbortSignal }) {
    for (let rounds = 0; rounds < ROUNDS_MAX && !signal.aborted; rounds += 1) {
      const round = await options.archive(sale)
      if (round === undefined) return
      reached.set(sale, round.reached)
      options.onArchived(sale, round.reached)
      if (!round.isBehind) break
    }
    // A tick may have reported a newer entry meanwhile.
    const isReached = compareLogIds(reached.get(sale) ?? '0-0', newest) >= 0
    if (behind.get(sale) === newest && isReached) behind.delete(sale)
  }

  /** Moves a log whose turn failed to the end of the next round. */
  function putLast(sale: string): void {
    const newest = behind.get(sale)
    if (newest === undefined) return
    behind.delete(sale)
    behind.set(sale, newest)
  }

  return {
    note(sale, newestLogId) {
      if (newestLogId !== '0-0' && reached.get(sale) !== newestLogId) behind.set(sale, newestLogId)
    },
    isBehind: (sale) => behind.has(sale),
    behind: () => behind.keys(),
    async work(signal) {
      for (const [sale, newest] of [...behind]) {
        if (signal.aborted) return
        try {
          await workOn(sale, { newest, signal })
        } catch (error) {
          // A log that cannot be copied must not keep the others in Redis.
          options.onFailure(sale, error)
          putLast(sale)
          // While Postgres is unavailable, each of the others would wait as long.
          if (isConnectionLost(error)) return
        }
      }
    },
  }
}
