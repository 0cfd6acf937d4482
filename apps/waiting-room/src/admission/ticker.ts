import { untilNextPoll } from '@floodgate/database'
import type { Logger } from '@floodgate/service'
import type { LineRedis } from '../line/line-redis.ts'
import { isAtRest, type LiveSale, type LiveSales } from '../sales/live-sales.ts'
import { admit, returnSlots, type Tick } from './admission-scripts.ts'

const tickMs = 100
/** For sales nobody can enter now: only slots past their deadline and the schedule wait for their ticks. */
const slowTickMs = 1_000

export interface TickerDeps {
  readonly line: LineRedis
  readonly sales: LiveSales
  readonly log: Logger
  readonly kid: () => string
  readonly onTick: (sale: string, tick: Extract<Tick, { kind: 'ok' }>, ms: number) => void
  /** Slots with a later deadline stay, although it is past: an order may have been placed on them. */
  readonly latestDeadlineMs: () => number
  readonly onDue: (sale: string, act: 'open' | 'close') => void
}

export interface Ticker {
  readonly start: () => void
  /** A sale is not at rest. Cheap: call it as often as you like. */
  readonly wake: () => void
  readonly stop: () => Promise<void>
  /** Milliseconds since a tick last reached Redis, or there was none to run. */
  readonly silentMs: () => number
}

/** How often a sale is ticked. A closed one without anybody inside costs nothing. */
const paceOf = (sale: LiveSale): 'fast' | 'slow' | 'never' => {
  const { state, counts, opensAtMs, closesAtMs, isDue, number } = sale.snapshot
  if (state === 'open') return isAtRest(sale) ? 'slow' : 'fast'
  if (state === 'closed' && counts.active === 0 && !isDue) return 'never'
  const isSoon = (atMs: number | undefined) => atMs !== undefined && atMs - number < 3_000
  return state === 'scheduled' && (isSoon(opensAtMs) || isSoon(closesAtMs)) ? 'fast' : 'slow'
}

/**
 * Runs the tick of every live sale ten times a second, at absolute times: a late timer moves the next one nearer. They
 * are the same in all processes, the beginnings of the 100 ms in which the script earns tokens: whoever is late has the
 * longest time to be in time all the same. All sales' scripts travel in one write. While no sale needs that, it sleeps
 * for a second at a time.
 */
export const createTicker = (deps: TickerDeps): Ticker => {
  const { line, sales, log } = deps
  let timer: NodeJS.Timeout | undefined
  let running: Promise<unknown> = Promise.resolve()
  let silentSinceMs = performance.now()
  let slowAtMs = Number.NEGATIVE_INFINITY
  let sleeping = false
  let stopped = false
  const busy = new Set<string>()

  const tick = async ({ id }: LiveSale): Promise<void> => {
    // A tick that still hangs is not overtaken by the next: Redis is slow enough then.
    if (busy.has(id)) return
    busy.add(id)
    const startedMs = performance.now()
    try {
      const result = await admit(line, id, deps.kid())
      const endedMs = performance.now()
      silentSinceMs = endedMs
      if (result.kind !== 'ok') {
        await sales.restore(id, result.kind)
        return
      }
      deps.onTick(id, result, endedMs - startedMs)
      if (result.due !== undefined) deps.onDue(id, result.due)
      if (result.overdue > 0) await returnPast(id, 'expired')
      if (result.unclaimed > 0) await returnPast(id, 'unclaimed')
    } catch (error) {
      log.debug({ sale: id, error }, 'tick failed')
    } finally {
      busy.delete(id)
    }
  }

  const returnPast = async (id: string, reason: 'expired' | 'unclaimed') => {
    const slots = await returnSlots(line, id, {
      reason,
      ...(reason === 'expired' ? { latestMs: deps.latestDeadlineMs() } : {}),
    })
    if (slots.length > 0) log.info({ step: 'slot.returned', sale: id, slots, reason }, 'slots returned')
  }

  const turn = () => {
    const slowIsDue = performance.now() - slowAtMs > slowTickMs - tickMs
    if (slowIsDue) slowAtMs = performance.now()
    const live = [...sales.all()].filter((sale) => paceOf(sale) !== 'never')
    if (live.length === 0) silentSinceMs = performance.now()
    running = Promise.all(live.filter((sale) => slowIsDue || paceOf(sale) === 'fast').map(tick))
    schedule()
  }

  const schedule = () => {
    if (stopped) return
    clearTimeout(timer)
    sleeping = ![...sales.all()].some((sale) => paceOf(sale) === 'fast')
    timer = setTimeout(turn, sleeping ? untilNextPoll(slowTickMs) : tickMs - (Date.now() % tickMs))
  }

  return {
    start: schedule,
    wake: () => {
      if (sleeping) schedule()
    },
    stop: async () => {
      stopped = true
      clearTimeout(timer)
      await running
    },
    silentMs: () => performance.now() - silentSinceMs,
  }
}
