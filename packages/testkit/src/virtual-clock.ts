/** A clock that stands still until a test moves it. */
export interface VirtualClock {
  /** Returns milliseconds since 1970, like Date.now. */
  now(): number
  /** Advances time and returns the new time. */
  advance(ms: number): number
  /** Sets time back, as a failover to a server with another clock does. */
  setBack(ms: number): number
}

/** Creates a clock that starts at `startMs`. */
export function virtualClock(startMs: number): VirtualClock {
  let nowMs = startMs
  return {
    now: () => nowMs,
    advance(ms) {
      if (!(ms >= 0)) throw new RangeError(`Time cannot be moved by ${ms} ms.`)
      nowMs += ms
      return nowMs
    },
    setBack(ms) {
      nowMs -= ms
      return nowMs
    },
  }
}
