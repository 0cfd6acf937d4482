export interface BackOff {
  readonly minMs: number
  readonly maxMs: number
}

/** Keeps the power finite for any number of attempts. */
const EXPONENT_MAX = 30

/** Milliseconds that double with each attempt (0, 1, …), from `minMs` to `maxMs`. Pure. */
export function doublingMs({ minMs, maxMs }: BackOff, attempt: number): number {
  return Math.min(maxMs, minMs * 2 ** Math.min(Math.max(0, attempt), EXPONENT_MAX))
}

/**
 * The pause before attempt `attempt + 1`: {@link doublingMs}, its upper half random, so that a server that was restarted
 * is not met by all clients at once. `random` is in [0, 1). Pure.
 */
export function backOffMs(backOff: BackOff, attempt: number, random: number): number {
  return Math.round(doublingMs(backOff, attempt) * (0.5 + random / 2))
}
