import { raceSignal } from '@floodgate/async'

/** Work that runs side by side, bounded, and never twice at once for one key. */
export interface InFlight {
  /**
   * Waits for a free place, then lets the work run and resolves at once; `work` must not reject. A key that is already
   * being worked on is left alone. Throws the signal's reason when it aborts while waiting.
   */
  start(key: string, work: () => Promise<void>, signal: AbortSignal): Promise<void>
  free(): number
  size(): number
  /** Resolves when nothing runs any more. */
  idle(): Promise<void>
}

export function createInFlight(max: number): InFlight {
  const running = new Map<string, Promise<void>>()
  let ended = Promise.withResolvers<void>()

  const finish = (key: string) => {
    running.delete(key)
    const previous = ended
    ended = Promise.withResolvers<void>()
    previous.resolve()
  }

  return {
    start: async (key, work, signal) => {
      signal.throwIfAborted()
      while (running.size >= max) await raceSignal(ended.promise, signal)
      if (running.has(key)) return
      running.set(
        key,
        work().finally(() => finish(key)),
      )
    },
    free: () => max - running.size,
    size: () => running.size,
    idle: async () => {
      while (running.size > 0) await Promise.all(running.values())
    },
  }
}
