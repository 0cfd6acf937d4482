const SECOND = 1_000
const WINDOW_SECONDS = 10

export type RateReport = {
  /** Full windows of ten seconds that were looked at. */
  readonly windows: number
  /** The most that a window of ten seconds was off, in admissions. */
  readonly worstOff: number
  /** By how many admissions it may be off. */
  readonly offMax: number
  /** The most in any one second. */
  readonly mostInSecond: number
  readonly inSecondMax: number
  readonly held: boolean
}

/**
 * Holds a sale's admissions against its rate, as long as there was demand: over any ten seconds within 1 %, or one
 * admission, of the rate; in any second no more than 1.2 times the rate, or one above it. Windows begin right at and
 * right after every admission, where the counts are largest and smallest. `times` in milliseconds. Pure.
 */
export function holdAgainstRate(times: readonly number[], rate: number): RateReport {
  const sorted = times.toSorted((one, other) => one - other)
  const last = sorted.at(-1) ?? 0
  const offMax = Math.max(0.01 * WINDOW_SECONDS * rate, 1)
  const inSecondMax = Math.max(1.2 * rate, rate + 1)
  const secondEnds = windowEnds(sorted, SECOND)
  const windowsEnd = windowEnds(sorted, WINDOW_SECONDS * SECOND)
  let mostInSecond = 0
  let worstOff = 0
  let windows = 0
  for (const [index, from] of sorted.entries()) {
    mostInSecond = Math.max(mostInSecond, (secondEnds[index] ?? 0) - index)
    if (from + WINDOW_SECONDS * SECOND > last || from === sorted[index - 1]) continue
    windows += 1
    const inWindow = (windowsEnd[index] ?? 0) - index
    worstOff = Math.max(worstOff, Math.abs(inWindow - WINDOW_SECONDS * rate))
  }
  const held = windows > 0 && worstOff <= offMax && mostInSecond <= inSecondMax
  return { windows, worstOff, offMax, mostInSecond, inSecondMax, held }
}

/** For each time, the index of the first one that is not within `lengthMs` of it. */
function windowEnds(sorted: readonly number[], lengthMs: number): number[] {
  let end = 0
  return sorted.map((from) => {
    while (end < sorted.length && (sorted[end] ?? 0) < from + lengthMs) end += 1
    return end
  })
}
