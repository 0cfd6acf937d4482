import { pollAfterMs, redisLookupWindow, windowPlaces } from '../../../apps/waiting-room/src/snapshot/poll-policy.ts'
import { paceAt } from '../baseline/poll-after.ts'

/** Intervals are shortened by 0 to 15 %, evenly: on average buyers poll more often by this factor. */
const JITTER = -Math.log(1 - 0.15) / 0.15

export interface Polls {
  /** Polls from the head of the line, looked up in Redis. */
  readonly askedPerSecond: number
  /** Polls from the rest of the window, served from the snapshot, with presence recorded. */
  readonly windowPerSecond: number
  /** Polls of all others, served from the snapshot. */
  readonly behindPerSecond: number
}

/** Returns polls per second of a full line that moves at `rate`, by the waiting room's own poll policy. */
export function pollsOf(waiters: number, rate: number): Polls {
  const pace = paceAt(rate)
  const pollsBefore = (rank: number): number =>
    JITTER * sumOver(Math.min(waiters, rank), (at) => pollAfterMs(pace, at, 0) / 1_000)
  const askedPerSecond = pollsBefore(redisLookupWindow(pace))
  const inWindow = pollsBefore(windowPlaces(rate))
  return {
    askedPerSecond,
    windowPerSecond: inWindow - askedPerSecond,
    behindPerSecond: pollsBefore(waiters) - inWindow,
  }
}

/** Sums over ranks in steps of one per cent: exact for the first hundred, close enough behind. */
function sumOver(ranks: number, intervalOf: (rank: number) => number): number {
  let sum = 0
  for (let rank = 0; rank < ranks; ) {
    const step = Math.min(ranks - rank, Math.max(1, Math.floor(rank / 100)))
    sum += step / intervalOf(rank + step / 2 - 0.5)
    rank += step
  }
  return sum
}
