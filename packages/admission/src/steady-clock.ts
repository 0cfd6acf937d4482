/**
 * Returns a clock that never goes back: where `now` was set back, it goes on from the latest time that it returned. Ages
 * are measured by it, or what is due each second would not be done until the old time comes again.
 */
export function createSteadyClock(now: () => number): () => number {
  let last = now()
  let lostMs = 0
  return function steadyNow() {
    const read = now()
    lostMs += Math.max(0, last - read)
    last = read
    return read + lostMs
  }
}
