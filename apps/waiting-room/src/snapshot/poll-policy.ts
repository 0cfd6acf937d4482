import type { Snapshot } from './snapshot.ts'

/** The parts of a snapshot that determine how fast the line moves and who is judged by presence. */
export type Pace = Pick<
  Snapshot,
  | 'publicState'
  | 'admitPerSecond'
  | 'maxActive'
  | 'consumedIn10s'
  | 'presentShare'
  | 'window'
  | 'openedAtMs'
  | 'number'
  | 'counts'
>

const SECOND = 1_000
/** The window holds the buyers that 90 s admit, or the whole line if it is shorter (window.inc.lua). */
const WINDOW_SECONDS = 90
const WINDOW_PLACES_MIN = 50
const LOOKUP_SECONDS = 5
/** In a short line a Redis look-up is too cheap to avoid. */
const LOOKUP_PLACES_MIN = 50
const POLL_MS_MIN = 500
/**
 * The longest interval of any buyer in the line. A place matures 17 s after the window's edge passed it
 * (window.inc.lua): all buyers have reported by then, so that no buyer who polls on time is overtaken (ADR 0017).
 */
export const POLL_MS_MAX = 15 * SECOND
const BEHIND_MS_MIN = 2 * SECOND
const NEAR_MS = 30 * SECOND
const NEAR_POLL_MS_MAX = 5 * SECOND
/** Below this share of present buyers, the line does not count as faster. */
const PRESENT_SHARE_MIN = 0.05
/** Interval of the sweeps over all sockets of a sale. */
export const sweepEveryMs = SECOND
const PUSH_MS_MAX = 5 * SECOND
const POLL_WHEN_OVER_MS = 15 * SECOND

/**
 * Returns places consumed per second lately; undefined when that is unknown. Right after the opening, the rate decides.
 */
const consumedPerSecond = (pace: Pace): number | undefined => {
  if (pace.publicState !== 'open') return undefined
  const measured = pace.consumedIn10s / 10
  // While slots are free the line moves at the rate, and faster over absent buyers: a line that has just begun to move
  // has no 10 s of measurement yet.
  if (pace.counts.active < pace.maxActive) return Math.max(measured, pace.admitPerSecond)
  if (pace.number - pace.openedAtMs < 10 * SECOND) return pace.admitPerSecond
  return measured > 0 ? measured : undefined
}

/** Returns the maximum places per second of the line: absent buyers cost no admission. */
const fastest = (pace: Pace): number =>
  Math.max(pace.consumedIn10s / 10, pace.admitPerSecond / Math.max(PRESENT_SHARE_MIN, pace.presentShare))

/** Returns the shortest time in milliseconds until the turn of the buyer with `rank` before it. */
const untilTurnMs = (pace: Pace, rank: number): number => ((rank + 1) / fastest(pace)) * SECOND

/**
 * Returns how many places from the head of the line are looked up in Redis: at most those that 5 s consume, since only
 * their turn may have come since the snapshot. In the rest of the window presence is recorded, many buyers in a call.
 */
export function redisLookupWindow(pace: Pace): number {
  return Math.max(LOOKUP_PLACES_MIN, Math.ceil(LOOKUP_SECONDS * Math.max(pace.consumedIn10s / 10, pace.admitPerSecond)))
}

/** Returns the minimum of present buyers in the window, if that many wait. */
export function windowPlaces(rate: number): number {
  return Math.max(WINDOW_PLACES_MIN, Math.ceil(WINDOW_SECONDS * rate))
}

/**
 * Returns the seconds until the turn of the buyer with `rank` before it; null when unknown: paused, or nothing moves.
 */
export function etaSeconds(pace: Pace, rank: number): number | null {
  const speed = consumedPerSecond(pace)
  return speed === undefined ? null : Math.max(1, Math.ceil((rank + 1) / speed))
}

/**
 * Returns the interval until the next poll. Behind the window: half the time until its edge could come, at most 15 s.
 * Inside: a sixth of the time until the turn, and half of it in the last half minute, at least 5 s. `random` in [0, 1)
 * shortens it by up to 15 %: a crowd that came at once must not poll at once.
 */
export function pollAfterMs(pace: Pace, rank: number, random: number): number {
  const behind = rank - Math.max(pace.window, windowPlaces(pace.admitPerSecond))
  const turnMs = untilTurnMs(pace, rank)
  const inside = turnMs > NEAR_MS ? Math.min(POLL_MS_MAX, turnMs / 6) : Math.min(NEAR_POLL_MS_MAX, turnMs / 2)
  const outside = Math.min(POLL_MS_MAX, Math.max(BEHIND_MS_MIN, ((behind / fastest(pace)) * SECOND) / 2))
  return Math.round(Math.max(POLL_MS_MIN, behind > 0 ? outside : inside) * (1 - 0.15 * random))
}

/**
 * Returns the interval between two positions pushed to a socket: ten of them until its turn, one to five seconds apart.
 */
export function pushAfterMs(pace: Pace, rank: number): number {
  return Math.round(Math.max(sweepEveryMs, Math.min(PUSH_MS_MAX, untilTurnMs(pace, rank) / 10)))
}

/** Returns the interval for buyers who no longer wait. */
export function pollAfterOverMs(random: number): number {
  return Math.round(POLL_WHEN_OVER_MS * (1 - 0.15 * random))
}

/** Returns how long a buyer counts as present after it was given an interval: two of them and 2 s. */
export function presentMs(pollMs: number): number {
  return 2 * pollMs + 2 * SECOND
}

/** How often sockets are reported present, and for how long: like polls of the near part of the window. */
export const SOCKET_PRESENCE_EVERY_MS = 4 * SECOND
export const socketPresentMs = presentMs(NEAR_POLL_MS_MAX)
