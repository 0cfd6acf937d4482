/**
 * Returns a clock that never goes back: where `now` was set back, it continues from the latest time that it returned. It
 * measures ages: by `now` itself, work that is due each second would stop until the old time comes again.
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
