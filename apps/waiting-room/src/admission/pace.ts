import type { Tick } from './admission-scripts.ts'

/**
 * How often a sale is ticked by its process.
 * - `fast`: ten times a second, while somebody waits in an open sale or its schedule is about to act.
 * - `slow`: once a second; only slots past their deadline, the schedule and acts wait for these ticks.
 * - `over`: closed, nobody inside, and written down. Never again.
 */
export type Pace = 'fast' | 'slow' | 'over'

const SCHEDULE_NEAR_MS = 3_000

export function paceAfter(tick: Extract<Tick, { kind: 'ok' }>): Pace {
  const { state, waiting, active, due, nowMs, scheduledMs } = tick
  if (state === 'closed') return active === 0 && due === undefined ? 'over' : 'slow'
  if (state === 'open' && waiting > 0) return 'fast'
  return scheduledMs > 0 && scheduledMs - nowMs < SCHEDULE_NEAR_MS ? 'fast' : 'slow'
}
