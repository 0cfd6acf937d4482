import type { LogEntry } from '@floodgate/contracts'

/** A time with an empty line, in milliseconds. */
export interface DryPeriod {
  readonly from: number
  readonly to: number
}

/**
 * Returns when the line was empty, by its log: buyers who joined (each tick reports their number) less those who were
 * admitted, left or were set aside as absent. A returner does not count: its place has been passed already (`place` of
 * a join is the last one given so far). The time after the last entry is also dry. Pure.
 */
export function dryPeriods(log: readonly LogEntry[]): DryPeriod[] {
  const periods: DryPeriod[] = []
  let waiting = 0
  let passed = 0
  let drySince: number | undefined = Number.NEGATIVE_INFINITY
  for (const [index, entry] of log.entries()) {
    const { kind, place = 0, count = 0, at } = entry
    if (kind === 'joined') waiting += count
    if ((kind === 'admitted' || kind === 'left') && place > passed) waiting -= 1
    if (kind === 'admitted') passed = Math.max(passed, place)
    if (kind === 'set-aside') waiting -= count
    // The entries of one tick have one time: only the last one shows whether any buyer was left.
    if (at === log[index + 1]?.at) continue
    const now = Date.parse(at)
    if (waiting > 0 && drySince !== undefined) {
      periods.push({ from: drySince, to: now })
      drySince = undefined
    }
    if (waiting <= 0) drySince ??= now
  }
  if (drySince !== undefined) periods.push({ from: drySince, to: Number.POSITIVE_INFINITY })
  return periods
}
