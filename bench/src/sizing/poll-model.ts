/** The waiting room's poll policy, summed up over a whole line: how often so many waiters ask. Pure. */

const WINDOW_PLACES_MIN = 50
const ASKED_SECONDS = 5
const WINDOW_SECONDS = 30
const POLL_SECONDS_MIN = 0.5
const POLL_SECONDS_MAX = 30
const POLL_IN_WINDOW_SECONDS_MAX = 5
/** Intervals are shortened by 0 to 15 %, evenly: so much oftener they ask on the average. */
const JITTER = -Math.log(1 - 0.15) / 0.15

export type Polls = {
  /** Of those at the head of the line, who are looked up in Redis. */
  readonly askedPerSecond: number
  /** Of the rest of the front window: answered from the snapshot, their presence noted. */
  readonly windowPerSecond: number
  /** Of all others, answered from the snapshot. */
  readonly behindPerSecond: number
}

/** Polls per second of a full line that moves at `rate`. */
export function pollsOf(waiters: number, rate: number): Polls {
  const placesOf = (seconds: number): number =>
    Math.min(waiters, Math.max(WINDOW_PLACES_MIN, Math.ceil(seconds * rate)))
  const [asked, window] = [placesOf(ASKED_SECONDS), placesOf(WINDOW_SECONDS)]
  const inWindow = (rank: number): number => clamp((rank + 1) / rate / 2, POLL_IN_WINDOW_SECONDS_MAX)
  const askedPerSecond = JITTER * sumOver(asked, inWindow)
  return {
    askedPerSecond,
    windowPerSecond: JITTER * sumOver(window, inWindow) - askedPerSecond,
    behindPerSecond: JITTER * sumOver(waiters - window, (behind) => clamp((behind + 1) / rate / 2, POLL_SECONDS_MAX)),
  }
}

const clamp = (seconds: number, most: number): number => Math.max(POLL_SECONDS_MIN, Math.min(most, seconds))

/** Ranks are taken in steps of one per cent: exact for the first hundred, close enough behind. */
function sumOver(ranks: number, intervalOf: (rank: number) => number): number {
  let sum = 0
  for (let rank = 0; rank < ranks; ) {
    const step = Math.min(ranks - rank, Math.max(1, Math.floor(rank / 100)))
    sum += step / intervalOf(rank + step / 2 - 0.5)
    rank += step
  }
  return sum
}
