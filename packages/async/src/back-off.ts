export interface BackOff {
  readonly minMs: number
  readonly maxMs: number
}

/** Keeps the power finite for any number of attempts. */
const EXPONENT_MAX = 30

/** Returns milliseconds that double with each attempt (0, 1, …), from `minMs` to `maxMs`. Pure. */
export function doublingMs({ minMs, maxMs }: BackOff, attempt: number): number {
  return Math.min(maxMs, minMs * 2 ** Math.min(Math.max(0, attempt), EXPONENT_MAX))
}

/**
 * Returns the pause before attempt `attempt + 1`: {@link doublingMs} with a random upper half, so that clients do not
 * return to a restarted server all at once. `random` is in [0, 1). Pure.
 */
export function backOffMs(backOff: BackOff, attempt: number, random: number): number {
  return Math.round(doublingMs(backOff, attempt) * (0.5 + random / 2))
}
