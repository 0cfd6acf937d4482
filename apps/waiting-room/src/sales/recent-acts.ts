import { setTimeout as delay } from 'node:timers/promises'
import type { Restart } from '@floodgate/redis'
import { AppError, type Logger } from '@floodgate/runtime'
import { lineKeys } from '../redis/keys.ts'
import { defineLineScript, type LineRedis } from '../redis/line-redis.ts'
import type { LogRecord } from '../snapshot/log-record.ts'
import { createRecentItems } from './recent-items.ts'

const script = defineLineScript(new URL('./restore-recent.lua', import.meta.url))

/** An append-only file and the archive are each a second behind, two under load. */
const KEPT_MS = 10_000
/** About 200 bytes each. */
const ACTS_MAX = 50_000
const PAGE_ACTS = 200
const RETRY_MS = 200
/** By then every sale has recovered, or is no longer used. */
const RETRIED_MS_MAX = 600_000

/** The end of a wait: an admission, or a leave (without slot and kid). Times by Redis' clock. */
export interface Act {
  readonly buyer: string
  readonly place: number
  readonly atMs: number
  readonly slot?: string
  readonly kid?: string
}

/** A change that Redis confirmed, to be made once more: safe to repeat, at any later time. */
export type Change = () => Promise<{ readonly kind: string }>

interface NotedChange {
  readonly atMs: number
  readonly change: Change
}

interface Recent {
  readonly acts: readonly Act[]
  readonly changes: readonly NotedChange[]
}

/**
 * Remembers the admissions and leaves of the last seconds that this process made or learned of, and what it changed of
 * slots, and restores them after a loss of Redis: the last writes of Redis may be neither on its disk, nor on the promoted
 * replica, nor in the archive. See docs/adr/0020-served-places.md.
 */
export interface RecentActs {
  note(sale: string, acts: readonly Act[]): void
  /** Records that a buyer with a known place has just left the line. */
  noteLeave(sale: string, left: Pick<Act, 'buyer' | 'place'>): void
  /** Records acts in the sale's log: those of other processes, which may die together with Redis. */
  learn(sale: string, news: readonly LogRecord[]): void
  /** Records a change of a slot, for which nothing else would ask again. */
  noteChange(sale: string, change: Change): void
  /** Restores what another run of Redis has lost, each concerned sale as soon as it is recovered. */
  restarted(restart: Restart): void
  stop(): Promise<void>
}

export function createRecentActs(deps: {
  readonly line: LineRedis
  readonly log: Logger
  /** When this process was last in touch with Redis, by its clock. */
  lastSeenMs(): number
  /** Called when acts were restored: an account among them may have been revoked meanwhile. */
  onRestored(): void
}): RecentActs {
  const { line, log } = deps
  const stopping = new AbortController()
  let restoring: Promise<unknown> = Promise.resolve()
  const kept = { keptMs: KEPT_MS, itemsMax: ACTS_MAX }
  const [recentActs, recentChanges] = [createRecentItems<Act>(kept), createRecentItems<NotedChange>(kept)]

  /** Returns false when the sale is not recovered yet, or Redis is unavailable. */
  async function putBack(sale: string, acts: readonly Act[]): Promise<boolean> {
    let restored = 0
    for (let from = 0; from < acts.length; from += PAGE_ACTS) {
      const page = acts.slice(from, from + PAGE_ACTS)
      const args = page.flatMap(({ buyer, place, atMs, slot = '', kid = '' }) => [buyer, place, atMs, slot, kid])
      const reply = (await line.run(script, sale, [line.runId(sale), ...args])) as 'missing' | 'lost' | number
      if (typeof reply !== 'number') return false
      restored += reply
    }
    if (restored === 0) return true
    log.warn({ sale, acts: restored }, 'acts lost by Redis restored')
    deps.onRestored()
    return true
  }

  /** Returns false likewise. One connection replies in order, so the changes of a slot stay in order. */
  async function repeat(sale: string, changes: readonly NotedChange[]): Promise<boolean> {
    for (let from = 0; from < changes.length; from += PAGE_ACTS) {
      const outcomes = await Promise.all(changes.slice(from, from + PAGE_ACTS).map((noted) => make(sale, noted)))
      if (outcomes.some((kind) => kind === 'missing' || kind === 'lost')) return false
    }
    if (changes.length > 0) log.info({ sale, changes: changes.length }, 'changes of the last seconds repeated')
    return true
  }

  /** Throws while Redis is unavailable. A change that fails for another reason keeps no other one back. */
  async function make(sale: string, { change }: NotedChange): Promise<string> {
    try {
      return (await change()).kind
    } catch (error) {
      if (error instanceof AppError) throw error
      log.error({ sale, error }, 'change possibly lost by Redis not repeated')
      return 'failed'
    }
  }

  async function isDone(sale: string, { acts, changes }: Recent): Promise<boolean> {
    try {
      // A change needs the slot that its admission restores.
      return (await putBack(sale, acts)) && (await repeat(sale, changes))
    } catch (error) {
      if (error instanceof AppError) return false
      log.error({ sale, error }, 'acts possibly lost by Redis not restored')
      return true
    }
  }

  function collect(restart: Restart): Map<string, Recent> {
    const fromMs = deps.lastSeenMs() - KEPT_MS
    const [acts, changes] = [recentActs.since(fromMs), recentChanges.since(fromMs)]
    const concerned = [...new Set([...acts.keys(), ...changes.keys()])].filter(
      (sale) => restart.of(lineKeys(sale).sale) !== undefined,
    )
    return new Map(
      concerned.map((sale) => [sale, { acts: acts.get(sale) ?? [], changes: changes.get(sale) ?? [] }] as const),
    )
  }

  async function putAllBack(restart: Restart): Promise<void> {
    const waiting = collect(restart)
    for (const endsAtMs = performance.now() + RETRIED_MS_MAX; performance.now() < endsAtMs; ) {
      await Promise.all(
        [...waiting].map(async ([sale, recent]) => {
          if (await isDone(sale, recent)) waiting.delete(sale)
        }),
      )
      if (waiting.size === 0) return
      await delay(RETRY_MS, undefined, { signal: stopping.signal })
    }
  }

  return {
    note: recentActs.note,
    noteLeave: (sale, left) => recentActs.note(sale, [{ ...left, atMs: deps.lastSeenMs() }]),
    learn: (sale, news) => recentActs.note(sale, news.flatMap(actOf)),
    noteChange: (sale, change) => recentChanges.note(sale, [{ atMs: deps.lastSeenMs(), change }]),
    restarted(restart) {
      const started = putAllBack(restart).catch(() => undefined) // Stopped.
      restoring = Promise.all([restoring, started])
    },
    async stop() {
      stopping.abort()
      await restoring
    },
  }
}

function actOf({ kind, buyer, place, atMs, slot, kid }: LogRecord): readonly Act[] {
  if (buyer === undefined || place === undefined) return []
  if (kind === 'left') return [{ buyer, place, atMs }]
  return kind === 'admitted' && slot !== undefined && kid !== undefined ? [{ buyer, place, atMs, slot, kid }] : []
}
