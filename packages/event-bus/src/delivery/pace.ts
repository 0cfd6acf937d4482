import { setTimeout as delay } from 'node:timers/promises'

/** Of the time, so much is a round's at most: 1 of 4. */
const REST_SHARE = 4
const PACE_MS_MAX = 250

interface Round {
  /** By `performance.now()`. */
  readonly beganAtMs: number
  /** What was done in it took so long, without what it waited for. */
  readonly workedMs: number
  /** The least between the beginnings of two rounds. */
  readonly paceMs: number
}

/** When the next round may begin, by `performance.now()`: see `restAfterRound`. Pure. */
export const nextRoundAt = ({ beganAtMs, workedMs, paceMs }: Round): number =>
  beganAtMs + Math.max(paceMs, Math.min(PACE_MS_MAX, REST_SHARE * workedMs))

/**
 * Rests after a round until `paceMs` after it began, or four times as long as it worked, up to 250 ms. Where the machine
 * is full rounds take longer; then they come less often and carry more, instead of filling it with rounds of one event
 * each. Resolves at once when that moment is over, and when the signal aborts. Never throws.
 */
export async function restAfterRound(round: Round, signal: AbortSignal): Promise<void> {
  const ms = nextRoundAt(round) - performance.now()
  // An abort only ends the rest.
  if (ms > 0) await delay(ms, undefined, { signal }).catch(() => undefined)
}
