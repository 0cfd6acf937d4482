import type { Tick } from './admit.ts'

/**
 * How often a sale is ticked by its process. - `fast`: ten times a second, while buyers wait in an open sale or its
 * schedule is about to act.
 * - `slow`: once a second; only slots past their deadline, the schedule and acts wait for these ticks.
 * - `over`: never again; the sale is closed and empty, and that is recorded.
 */
export type TickPace = 'fast' | 'slow' | 'over'

/**
 * Longer than the lease of a process at rest (3.5 s), the second in which the others learn of its end, and a slow tick.
 * A process that dies before an act of the schedule is either replaced in time, or already had a short lease.
 */
export const SCHEDULE_NEAR_MS = 6_000

export function paceAfter(tick: Extract<Tick, { kind: 'ok' }>): TickPace {
  const { state, waiting, active, due, nowMs, scheduledMs } = tick
  if (state === 'closed') return active === 0 && due === undefined ? 'over' : 'slow'
  if (state === 'open' && waiting > 0) return 'fast'
  return scheduledMs > 0 && scheduledMs - nowMs < SCHEDULE_NEAR_MS ? 'fast' : 'slow'
}
