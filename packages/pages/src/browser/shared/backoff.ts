const SECOND = 1_000
const firstPauseMs = SECOND
const LONGEST_PAUSE_MS = 15 * SECOND

/**
 * Returns the pause after `failures` failures in a row: doubling, with a random upper half, so that a crowd that lost
 * the server at the same moment does not return at the same moment. Not packages/async's: each further module is one
 * more request of every buyer. `chance` is in [0, 1).
 */
export function pauseMs(failures: number, chance: number): number {
  const whole = Math.min(LONGEST_PAUSE_MS, firstPauseMs * 2 ** Math.max(0, failures - 1))
  return Math.round(whole * (0.5 + chance / 2))
}

/** Spreads the server's interval over a tenth less: a late poll may count as absence. */
export function spreadMs(ms: number, chance: number): number {
  return Math.round(ms * (1 - chance / 10))
}
