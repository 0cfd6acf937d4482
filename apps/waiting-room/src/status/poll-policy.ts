import type { Snapshot } from './snapshot.ts'

/** What of a snapshot tells how fast the line moves. */
export type Pace = Pick<
  Snapshot,
  'publicState' | 'admitPerSecond' | 'maxActive' | 'consumedIn10s' | 'openedAtMs' | 'number' | 'counts'
>

const SECOND = 1_000
const windowSeconds = 30
const askedSeconds = 5
/** In a short line asking Redis costs nothing worth saving. */
const windowPlacesMin = 50
const pollMsMin = 500
const pollMsMax = 30 * SECOND
const pollInWindowMsMax = 5 * SECOND
/** How often all sockets of a sale are looked at. */
export const sweepEveryMs = SECOND
const tellMsMax = 5 * SECOND
const pollWhenOverMs = 15 * SECOND

/** Places consumed per second lately; undefined when that can not be told. Right after the opening: what the rate promises. */
const consumedPerSecond = (pace: Pace): number | undefined => {
  if (pace.publicState !== 'open') return undefined
  const measured = pace.consumedIn10s / 10
  // As long as there is room the line moves at the rate, and faster over absent buyers: one that has just begun to move
  // has not been measured for 10 s yet.
  if (pace.counts.active < pace.maxActive) return Math.max(measured, pace.admitPerSecond)
  if (pace.number - pace.openedAtMs < 10 * SECOND) return pace.admitPerSecond
  return measured > 0 ? measured : undefined
}

const fastest = (pace: Pace): number => Math.max(pace.consumedIn10s / 10, pace.admitPerSecond)

/**
 * How many places from the head of the line must be known to be there: what 30 s consume. While the line stands still
 * because all slots are taken, up to `maxActive` may come back at once, and their takers must be known to be there.
 */
export const frontWindow = (pace: Pace): number =>
  Math.max(
    windowPlacesMin,
    Math.ceil((windowSeconds / 10) * pace.consumedIn10s),
    Math.min(Math.ceil(windowSeconds * pace.admitPerSecond), pace.maxActive),
  )

/**
 * How many places from the head of the line are asked for in Redis: what 5 s consume at most, since only their turn may
 * have come since the snapshot. Of the rest of the front window presence is noted, many in a call.
 */
export const askedWindow = (pace: Pace): number =>
  Math.min(frontWindow(pace), Math.max(windowPlacesMin, Math.ceil(askedSeconds * fastest(pace))))

/** Seconds until the turn of whoever has `rank` before it; null when nobody can know: paused, or nothing moves. */
export const etaSeconds = (pace: Pace, rank: number): number | null => {
  const speed = consumedPerSecond(pace)
  return speed === undefined ? null : Math.max(1, Math.ceil((rank + 1) / speed))
}

/**
 * When to ask again. Behind the front window: half the time until it reaches the buyer, at most, so that everybody has
 * been seen before its turn. Inside: half the time until the turn, so that a buyer asks a dozen times in all and is told
 * within half a second. `random` in [0, 1) shortens it by up to 15 %: a crowd that came at once must not ask at once.
 */
export const pollAfterMs = (pace: Pace, rank: number, random: number): number => {
  const behind = rank - frontWindow(pace)
  const base =
    behind > 0
      ? Math.min(pollMsMax, ((behind / fastest(pace)) * SECOND) / 2)
      : Math.min(pollInWindowMsMax, (((rank + 1) / fastest(pace)) * SECOND) / 2)
  return Math.round(Math.max(pollMsMin, base) * (1 - 0.15 * random))
}

/**
 * How often a socket is told its position: ten times until its turn, with each sweep at most and every five seconds at least. Each message is a third
 * of a poll's CPU, and ten thousand a second were a third of a core.
 */
export const tellAfterMs = (pace: Pace, rank: number): number =>
  Math.round(Math.max(sweepEveryMs, Math.min(tellMsMax, (((rank + 1) / fastest(pace)) * SECOND) / 10)))

/** Four polls of the rarest kind: what is remembered of a buyer who was silent for longer can be found out again. */
export const silentMs = 4 * pollMsMax

/** For buyers who no longer wait. */
export const pollAfterOverMs = (random: number): number => Math.round(pollWhenOverMs * (1 - 0.15 * random))

/** How long a buyer counts as there after it was told to ask again in so many milliseconds. */
export const presentMs = (pollMs: number): number => 2 * pollMs + 2 * SECOND

/** The same for whoever was told to ask again as late as anybody in the front window. */
export const presentInWindowMs = presentMs(pollInWindowMsMax)
