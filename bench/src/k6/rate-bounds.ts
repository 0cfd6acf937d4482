import type { DryPeriod } from './dry-periods.ts'

const SECOND = 1_000
const WINDOW_SECONDS = 10

export interface RateReport {
  /** Number of windows of ten seconds with demand from beginning to end. */
  readonly windows: number
  /** The largest deviation of one of them below the rate, and of any window above it, in admissions. */
  readonly worstBelow: number
  readonly worstAbove: number
  /** The allowed deviation in admissions. */
  readonly offMax: number
  /** The maximum in any one second. */
  readonly mostInSecond: number
  readonly inSecondMax: number
  readonly held: boolean
}

/**
 * Compares a sale's admissions with its rate. Over any ten seconds at most 1 %, or one admission, above the rate; and
 * at most that below it if buyers waited all the time. In any second at most 1.2 times the rate, or one above it.
 * `times` in milliseconds, `dry` the periods in which nobody waited. Pure.
 */
export function holdAgainstRate(
  times: readonly number[],
  { rate, dry = [] }: { readonly rate: number; readonly dry?: readonly DryPeriod[] },
): RateReport {
  const sorted = times.toSorted((one, other) => one - other)
  const last = sorted.at(-1) ?? 0
  // One more admission, because a window that begins with one counts a tick at both of its ends.
  const offMax = Math.max(Math.ceil(0.01 * WINDOW_SECONDS * rate), 1)
  const inSecondMax = Math.max(1.2 * rate, rate + 1)
  const secondEnds = windowEnds(sorted, SECOND)
  const windowsEnd = windowEnds(sorted, WINDOW_SECONDS * SECOND)
  let [mostInSecond, worstBelow, worstAbove, windows] = [0, 0, 0, 0]
  for (const [index, from] of sorted.entries()) {
    const to = from + WINDOW_SECONDS * SECOND
    const aboveRate = (windowsEnd[index] ?? 0) - index - WINDOW_SECONDS * rate
    mostInSecond = Math.max(mostInSecond, (secondEnds[index] ?? 0) - index)
    worstAbove = Math.max(worstAbove, aboveRate)
    if (to > last || from === sorted[index - 1] || dry.some((period) => period.from < to && period.to > from)) continue
    windows += 1
    worstBelow = Math.max(worstBelow, -aboveRate)
  }
  const held = windows > 0 && Math.max(worstBelow, worstAbove) <= offMax && mostInSecond <= inSecondMax
  return { windows, worstBelow, worstAbove, offMax, mostInSecond, inSecondMax, held }
}

/** Returns for each time the index of the first one that is not within `lengthMs` of it. */
function windowEnds(sorted: readonly number[], lengthMs: number): number[] {
  let end = 0
  return sorted.map((from) => {
    while (end < sorted.length && (sorted[end] ?? 0) < from + lengthMs) end += 1
    return end
  })
}
