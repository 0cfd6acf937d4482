import type { Snapshot } from './snapshot.ts'

type Line = Pick<Snapshot, 'marks'>
type LineWithReturners = Pick<Snapshot, 'marks' | 'returners'>

/**
 * Returns how many stand before a place (0-based), by interpolation between the snapshot's marks. Never past the line's
 * end.
 */
export function rankOf({ marks }: Line, place: number): number {
  const first = marks[0]
  // The line is empty: a buyer with a place is a returner or has been admitted, as Redis knows.
  if (first === undefined) return 0
  if (place <= first[1]) return first[0]
  let low = 0
  let high = marks.length - 1
  const last = marks[high]
  // A buyer who joined after the snapshot stands behind all buyers in it, by at most the places given since.
  if (last !== undefined && place > last[1]) return last[0] + (place - last[1])
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if ((marks[middle]?.[1] ?? Number.POSITIVE_INFINITY) <= place) low = middle
    else high = middle
  }
  const [lowRank, lowPlace] = marks[low] ?? first
  const [highRank, highPlace] = marks[high] ?? first
  if (place >= highPlace) return highRank
  return lowRank + Math.floor(((highRank - lowRank) * (place - lowPlace)) / (highPlace - lowPlace))
}

/**
 * Tells whether a place is before the whole line: a waiting buyer there was set aside and returned. Only Redis knows
 * how many stand before it.
 */
export function isBeforeLine({ marks: [first], returners }: LineWithReturners, place: number): boolean {
  return returners > 0 && (first === undefined || place < first[1])
}

/** A position, and the number of returners when it was read. */
export interface ReadPosition {
  readonly position: number
  readonly returners: number
  /** Exact as read: for a returner, read from Redis, or during a recovery. */
  readonly isTakenAsRead?: boolean
}

/**
 * Returns the position to show after `shown`. It may be worse by the number of buyers who have returned since and go
 * first; an older snapshot or the interpolation between two marks makes it no worse.
 */
export function nextPosition(shown: ReadPosition | undefined, read: ReadPosition): number {
  if (shown === undefined || read.isTakenAsRead === true) return read.position
  return Math.min(read.position, shown.position + Math.max(0, read.returners - shown.returners))
}
