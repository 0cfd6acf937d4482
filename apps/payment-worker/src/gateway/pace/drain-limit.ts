const DOUBLES_EVERY_MS = 10_000
const DOUBLINGS_MAX = 10
/** How long a drain limits anything. */
export const DRAIN_MS: number = DOUBLINGS_MAX * DOUBLES_EVERY_MS

/**
 * Returns how many writes a second a provider gets that came back `sinceMs` ago: the setting at first, twice as many every
 * ten seconds, and any number after a hundred. So a backlog arrives at a bounded rate, and a setting below the rate of
 * new orders cannot keep it growing for ever. A setting of 0 bounds nothing. Pure.
 */
export function drainLimit(perSecond: number, sinceMs: number): number {
  const doublings = Math.floor(sinceMs / DOUBLES_EVERY_MS)
  if (perSecond === 0 || doublings >= DOUBLINGS_MAX) return Number.POSITIVE_INFINITY
  return perSecond * 2 ** doublings
}
