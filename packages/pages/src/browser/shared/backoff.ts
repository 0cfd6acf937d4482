const SECOND = 1_000
const firstPauseMs = SECOND
const LONGEST_PAUSE_MS = 15 * SECOND

/**
 * How long to wait after `failures` failures in a row: doubling, and anywhere in the upper half of it, so that a crowd
 * that lost the server at the same moment does not come back at the same moment. Not packages/async's: each further module is
 * one more request of every buyer. `chance` is in [0, 1).
 */
export function pauseMs(failures: number, chance: number): number {
  const whole = Math.min(LONGEST_PAUSE_MS, firstPauseMs * 2 ** Math.max(0, failures - 1))
  return Math.round(whole * (0.5 + chance / 2))
}

/** The server's wish, spread over a tenth less: who reports later than told may be taken for absent. */
export function spreadMs(ms: number, chance: number): number {
  return Math.round(ms * (1 - chance / 10))
}
