import { setTimeout as delay } from 'node:timers/promises'
import type { Restart } from '@floodgate/redis'
import { AppError, type Logger } from '@floodgate/runtime'
import type { Registry } from '../processes/registry.ts'
import { lineKeys } from '../redis/keys.ts'
import { defineLineScript, type LineRedis } from '../redis/line-redis.ts'
import { compareLogIds } from '../snapshot/log-record.ts'

const vouchScript = defineLineScript(new URL('./vouch.lua', import.meta.url))

const RETRY_MS_MIN = 100
const RETRY_MS_MAX = 2_000
/** By then every sale has recovered, or its process is gone. */
const RETRIED_MS_MAX = 600_000
/** The sales seen last; a loss concerns the last seconds. */
const SALES_MAX = 10_000
const NOTHING_SEEN: Seen = { place: 0, logId: '0-0' }

/** The contents of Redis that a process knows from replies. */
interface Seen {
  readonly place: number
  readonly logId: string
}

/** What this process knew when Redis was restarted. */
interface RestartReport {
  readonly runBefore: string
  readonly seen: Seen
  readonly beat: ReturnType<Registry['lastBeat']>
}

type VouchOutcome = 'missing' | 'early' | 'settled' | 'waiting' | 'whole' | 'lost'

/**
 * Remembers what this process saw of each sale, and reports it after a restart of Redis: where all processes that were
 * alive find what they saw, nothing was lost, and the sale needs no long recovery. See
 * docs/adr/0023-nothing-was-lost.md.
 */
export interface RestartReporter {
  /** Records a place or an entry of the log from a reply of Redis. */
  noteSeen(sale: string, seen: Partial<Seen>): void
  forget(sale: string): void
  /** Vouches for every concerned sale that this process knows of, after another run of Redis responds. */
  restarted(restart: Restart): void
  stop(): Promise<void>
}

export interface RestartReporterDeps {
  readonly line: LineRedis
  readonly registry: Pick<Registry, 'lastBeat'>
  /** The name of this process in the registry. */
  readonly process: string
  sales(): Iterable<string>
  readonly log: Logger
}

export function createRestartReporter(deps: RestartReporterDeps): RestartReporter {
  const { line, log } = deps
  const seen = new Map<string, Seen>()
  const stopping = new AbortController()
  let reporting: Promise<unknown> = Promise.resolve()

  async function vouch(sale: string, { runBefore, seen, beat }: RestartReport): Promise<void> {
    const [{ place, logId }, { atMs, alive }] = [seen, beat]
    const outcome = (await line.run(vouchScript, sale, [
      line.runId(sale),
      deps.process,
      runBefore,
      place,
      logId,
      atMs,
      alive.join(' '),
    ])) as VouchOutcome
    if (outcome === 'whole') log.warn({ sale }, 'Redis lost nothing: sale continues')
    if (outcome === 'lost')
      log.warn({ sale, place, logId }, 'Redis lost data that this process has seen: sale recovers')
  }

  async function vouchForAll(restart: Restart): Promise<void> {
    const beat = deps.registry.lastBeat()
    const before = new Map(seen)
    const runsOf = (sale: string) => restart.of(lineKeys(sale).sale)
    let sales = [...new Set([...deps.sales(), ...before.keys()])].filter((sale) => runsOf(sale) !== undefined)
    const beganAtMs = performance.now()
    let pauseMs = RETRY_MS_MIN
    while (sales.length > 0) {
      const results = await Promise.allSettled(
        sales.map((sale) =>
          vouch(sale, { runBefore: runsOf(sale)?.previous ?? '', seen: before.get(sale) ?? NOTHING_SEEN, beat }),
        ),
      )
      sales = sales.filter((sale, index) => isToRetry(sale, results[index]) && !isOtherRun(sale, runsOf(sale)?.runId))
      if (sales.length === 0 || stopping.signal.aborted) return
      if (performance.now() - beganAtMs > RETRIED_MS_MAX) return
      await delay(pauseMs, undefined, { signal: stopping.signal })
      pauseMs = Math.min(RETRY_MS_MAX, 2 * pauseMs)
    }
  }

  /**
   * Tells whether to repeat the report: Redis is unavailable. A rejection for another reason is left to the full
   * recovery.
   */
  function isToRetry(sale: string, result: PromiseSettledResult<void> | undefined): boolean {
    if (result?.status !== 'rejected') return false
    if (result.reason instanceof AppError) return true
    log.warn({ sale, error: result.reason }, 'vouching failed: sale recovers')
    return false
  }

  /** Tells whether Redis was restarted once more: the next report counts. */
  function isOtherRun(sale: string, runId: string | undefined): boolean {
    try {
      return line.runId(sale) !== runId
    } catch {
      return false // Not connected at the moment.
    }
  }

  return {
    noteSeen: (sale, { place = 0, logId = '0-0' }) => {
      const known = seen.get(sale) ?? NOTHING_SEEN
      if (place <= known.place && compareLogIds(logId, known.logId) <= 0) return
      seen.delete(sale)
      if (seen.size >= SALES_MAX) seen.delete(seen.keys().next().value ?? '')
      seen.set(sale, {
        place: Math.max(place, known.place),
        logId: compareLogIds(logId, known.logId) > 0 ? logId : known.logId,
      })
    },
    forget: (sale) => {
      seen.delete(sale)
    },
    restarted: (restart) => {
      const started = vouchForAll(restart).catch(() => undefined) // Stopped.
      reporting = Promise.all([reporting, started])
    },
    stop: async () => {
      stopping.abort()
      await reporting
    },
  }
}
