import { setTimeout as delay } from 'node:timers/promises'
import type { Restart } from '@floodgate/redis'
import { AppError, type Logger } from '@floodgate/runtime'
import { lineKeys } from '../redis/keys.ts'
import { defineLineScript, type LineRedis } from '../redis/line-redis.ts'
import type { LogRecord } from '../snapshot/log-record.ts'

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

/**
 * Remembers the admissions and leaves of the last seconds that this process made or learned of, and restores them after
 * a loss of Redis: the last writes of Redis may be neither on its disk nor in the archive. See
 * docs/adr/0020-served-places.md.
 */
export interface RecentActs {
  note(sale: string, acts: readonly Act[]): void
  /** Records acts in the sale's log: those of other processes, which may die together with Redis. */
  learn(sale: string, news: readonly LogRecord[]): void
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
  // Two generations, of `KEPT_MS` or half of `ACTS_MAX` each.
  let young = new Map<string, Act[]>()
  let old = new Map<string, Act[]>()
  let count = 0
  let beganAtMs = 0

  function turnOver(atMs: number): void {
    if (Math.abs(atMs - beganAtMs) < KEPT_MS && count < ACTS_MAX / 2) return
    old = young
    young = new Map()
    count = 0
    beganAtMs = atMs
  }

  function recentActs(): Map<string, readonly Act[]> {
    const fromMs = deps.lastSeenMs() - KEPT_MS
    const recent = new Map<string, readonly Act[]>()
    for (const sale of new Set([...old.keys(), ...young.keys()])) {
      const acts = [...(old.get(sale) ?? []), ...(young.get(sale) ?? [])].filter(({ atMs }) => atMs >= fromMs)
      if (acts.length > 0) recent.set(sale, acts)
    }
    return recent
  }

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

  async function isDone(sale: string, acts: readonly Act[]): Promise<boolean> {
    try {
      return await putBack(sale, acts)
    } catch (error) {
      if (error instanceof AppError) return false
      log.error({ sale, error }, 'acts possibly lost by Redis not restored')
      return true
    }
  }

  async function putAllBack(restart: Restart): Promise<void> {
    const waiting = recentActs()
    for (const sale of waiting.keys()) if (restart.of(lineKeys(sale).sale) === undefined) waiting.delete(sale)
    for (const endsAtMs = performance.now() + RETRIED_MS_MAX; performance.now() < endsAtMs; ) {
      await Promise.all(
        [...waiting].map(async ([sale, acts]) => {
          if (await isDone(sale, acts)) waiting.delete(sale)
        }),
      )
      if (waiting.size === 0) return
      await delay(RETRY_MS, undefined, { signal: stopping.signal })
    }
  }

  function note(sale: string, acts: readonly Act[]): void {
    const [first] = acts
    if (first === undefined) return
    turnOver(first.atMs)
    const known = young.get(sale)
    if (known === undefined) young.set(sale, [...acts])
    else known.push(...acts)
    count += acts.length
  }

  return {
    note,
    learn: (sale, news) => note(sale, news.flatMap(actOf)),
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
