/** Of the time, so much is a round's at most: 1 of 4. */
const REST_SHARE = 4
const PACE_MS_MAX = 250

/**
 * When the next round may begin, by `performance.now()`: `paceMs` after the last one began, or four times as long as that
 * took, up to 250 ms. Where the machine is full rounds take longer; then they come less often and carry more, instead of
 * filling it with rounds of one event each. Pure.
 */
export const nextRoundAt = (round: {
  readonly beganAtMs: number
  readonly endedAtMs: number
  readonly paceMs: number
}): number => {
  const { beganAtMs, endedAtMs, paceMs } = round
  return beganAtMs + Math.max(paceMs, Math.min(PACE_MS_MAX, REST_SHARE * (endedAtMs - beganAtMs)))
}
