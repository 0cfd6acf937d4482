import { setTimeout as sleep } from 'node:timers/promises'

export interface Bell {
  /** Rings; a ring that nobody waits for is kept for the next wait. Many are one. */
  ring(): void
  /** Resolves at the next ring, after `ms`, or when `signal` aborts. */
  wait(ms: number, signal: AbortSignal): Promise<void>
}

/** A sleep that can be ended from elsewhere, without losing a ring between two sleeps. */
export function createBell(): Bell {
  let rung = false
  let wake = new AbortController()
  return {
    ring() {
      // An abort makes an error object, and every order of a busy second rings.
      if (rung) return
      rung = true
      wake.abort()
    },
    async wait(ms, signal) {
      if (!rung) await sleep(ms, undefined, { signal: AbortSignal.any([wake.signal, signal]) }).catch(() => undefined)
      rung = false
      wake = new AbortController()
    },
  }
}
