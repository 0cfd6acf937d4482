/** How often the event loop's lag is sampled while requests arrive. */
const LOOK_EVERY_MS = 50

export interface LoadShedder {
  /** Tells whether to reject new work. Call it once for each request: nothing is measured without requests. */
  isOverloaded(): boolean
}

interface Clock {
  nowMs(): number
  setTimer(run: () => void, ms: number): void
}

const REAL_CLOCK: Clock = {
  nowMs: () => performance.now(),
  setTimer: (run, ms) => void setTimeout(run, ms).unref(),
}

/**
 * Detects overload: the event loop was later than `lagMsMax` in the last two samples. A single late sample is a garbage
 * collection or a paused machine. A sample is a timer that measures its own delay. It runs only while requests arrive,
 * so that an idle process costs nothing (a sampler such as `monitorEventLoopDelay` costs 0.5 % of a core, measured
 * 2026-11), and each request pays for one comparison. 0 turns it off.
 */
export function createLoadShedder(lagMsMax: number, { nowMs, setTimer }: Clock = REAL_CLOCK): LoadShedder {
  let isOverloaded = false
  let wasLate = false
  let isLooking = false
  let requests = 0

  function look(dueAtMs: number): void {
    const isLate = nowMs() - dueAtMs > lagMsMax
    isOverloaded = isLate && wasLate
    wasLate = isLate
    if (requests > 0) {
      schedule()
      return
    }
    // A sample from before an idle time says nothing about the load after it.
    isLooking = false
    isOverloaded = false
    wasLate = false
  }
  function schedule(): void {
    isLooking = true
    requests = 0
    const dueAtMs = nowMs() + LOOK_EVERY_MS
    setTimer(() => look(dueAtMs), LOOK_EVERY_MS)
  }
  return {
    isOverloaded() {
      if (lagMsMax === 0) return false
      if (!isLooking) schedule()
      requests += 1
      return isOverloaded
    },
  }
}
