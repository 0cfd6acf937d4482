import type { Snapshot } from '../snapshot/snapshot.ts'

/** When the schedule of a sale acts next, by Redis' clock; infinite when it does not. In the past: no tick has acted yet. */
export function actsAtMs({
  state,
  opensAtMs,
  closesAtMs,
}: Pick<Snapshot, 'state' | 'opensAtMs' | 'closesAtMs'>): number {
  const opens = state === 'scheduled' ? opensAtMs : undefined
  const closes = state === 'closed' ? undefined : closesAtMs
  return Math.min(opens ?? Number.POSITIVE_INFINITY, closes ?? Number.POSITIVE_INFINITY)
}

/** For how long a tick has been due: of a line in which buyers wait, or of an act of the schedule. */
export function missedForMs(snapshot: Snapshot): number {
  const { publicState, counts, number, tickedAtMs } = snapshot
  const hasWaiters = publicState === 'open' && counts.waiting > 0
  return number - Math.min(actsAtMs(snapshot), hasWaiters ? tickedAtMs : Number.POSITIVE_INFINITY)
}
