import type { Snapshot } from '../snapshot/snapshot.ts'

/**
 * Returns when the schedule of a sale acts next, by Redis' clock; infinite when it does not. In the past: no tick has
 * acted yet.
 */
export function actsAtMs({
  state,
  opensAtMs,
  closesAtMs,
}: Pick<Snapshot, 'state' | 'opensAtMs' | 'closesAtMs'>): number {
  const opens = state === 'scheduled' ? opensAtMs : undefined
  const closes = state === 'closed' ? undefined : closesAtMs
  return Math.min(opens ?? Number.POSITIVE_INFINITY, closes ?? Number.POSITIVE_INFINITY)
}

/** Returns how long a tick has been due: for a line with waiting buyers, or for an act of the schedule. */
export function missedForMs(snapshot: Snapshot): number {
  const { publicState, counts, number, tickedAtMs } = snapshot
  const hasWaiters = publicState === 'open' && counts.waiting > 0
  return number - Math.min(actsAtMs(snapshot), hasWaiters ? tickedAtMs : Number.POSITIVE_INFINITY)
}
