const SECOND = 1_000
const WINDOW_SECONDS = 30

/** When the waiting room would tell a buyer to ask again who has `rank` others before it, at this rate. As it does, jittered. */
export function pollAfterMs(rank: number, rate: number): number {
  const behind = rank - Math.max(50, WINDOW_SECONDS * rate)
  const base =
    behind > 0
      ? Math.min(30 * SECOND, ((behind / rate) * SECOND) / 2)
      : Math.min(5 * SECOND, (((rank + 1) / rate) * SECOND) / 2)
  return Math.round(Math.max(500, base) * (1 - 0.15 * Math.random()))
}

/** How often it would tell a socket its position. */
export const tellAfterMs = (rank: number, rate: number): number =>
  Math.max(SECOND, Math.min(5 * SECOND, (((rank + 1) / rate) * SECOND) / 10))
