import type { Logger } from '@floodgate/service'
import type { LineRedis } from '../line/line-redis.ts'
import type { LiveSale, LiveSales } from '../sales/live-sales.ts'
import { type Admitted, admit, returnSlots } from './admission-scripts.ts'

const tickMs = 100
/** Sales nobody can enter now: only slots past their deadline and the schedule wait for them. */
const slowTicks = 10

export interface TickerDeps {
  readonly line: LineRedis
  readonly sales: LiveSales
  readonly log: Logger
  readonly kid: () => string
  readonly onTick: (sale: string, tick: { admitted: readonly Admitted[]; setAside: number; ms: number }) => void
  readonly onDue: (sale: string, act: 'open' | 'close') => void
}

export interface Ticker {
  readonly start: () => void
  readonly stop: () => Promise<void>
  /** Milliseconds since a tick last reached Redis. */
  readonly idleMs: () => number
}

/** Which of the 10 ticks of a second a sale needs. A closed one without anybody inside costs nothing. */
const needsTick = ({ snapshot }: Pick<LiveSale, 'snapshot'>, turn: number): boolean => {
  const { state, counts, opensAtMs, closesAtMs, isDue } = snapshot
  if (state === 'open') return true
  if (state === 'closed' && counts.active === 0 && !isDue) return false
  const isSoon = (atMs: number | undefined) => atMs !== undefined && atMs - snapshot.number < 3_000
  if (state === 'scheduled' && (isSoon(opensAtMs) || isSoon(closesAtMs))) return true
  return turn % slowTicks === 0
}

/**
 * Runs the tick of every live sale ten times a second, at absolute times: a late timer moves the next one nearer. All
 * sales' scripts travel in one write.
 */
export const createTicker = (deps: TickerDeps): Ticker => {
  const { line, sales, log } = deps
  let timer: NodeJS.Timeout | undefined
  let running: Promise<unknown> = Promise.resolve()
  let tickedAtMs = performance.now()
  let stopped = false
  const busy = new Set<string>()

  const tick = async ({ id }: LiveSale): Promise<void> => {
    // A tick that still hangs is not overtaken by the next: Redis is slow enough then.
    if (busy.has(id)) return
    busy.add(id)
    const startedMs = performance.now()
    try {
      const result = await admit(line, id, deps.kid())
      tickedAtMs = performance.now()
      if (result.kind !== 'ok') {
        await sales.restore(id, result.kind)
        return
      }
      deps.onTick(id, { ...result, ms: tickedAtMs - startedMs })
      if (result.due !== undefined) deps.onDue(id, result.due)
      if (result.overdue > 0) await returnOverdue(id)
    } catch (error) {
      log.debug({ sale: id, error }, 'tick failed')
    } finally {
      busy.delete(id)
    }
  }

  const returnOverdue = async (id: string) => {
    const slots = await returnSlots(line, id, { reason: 'expired' })
    if (slots.length > 0) log.info({ step: 'slot.returned', sale: id, slots, reason: 'expired' }, 'slots returned')
  }

  const schedule = () => {
    if (stopped) return
    const now = Date.now()
    timer = setTimeout(
      () => {
        const turn = Math.floor(Date.now() / tickMs)
        running = Promise.all([...sales.all()].filter((sale) => needsTick(sale, turn)).map(tick))
        schedule()
      },
      tickMs - (now % tickMs),
    )
  }

  return {
    start: schedule,
    stop: async () => {
      stopped = true
      clearTimeout(timer)
      await running
    },
    idleMs: () => performance.now() - tickedAtMs,
  }
}
