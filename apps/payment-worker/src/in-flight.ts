import { raceSignal } from '@floodgate/async'

/** Runs a bounded number of tasks at once, never two for one key. */
export interface InFlight {
  /**
   * Waits for a free slot, then starts the work and resolves at once; `work` must not reject. Ignores a key that is
   * already in progress. Throws the signal's reason when it aborts while waiting.
   */
  start(key: string, work: () => Promise<void>, signal: AbortSignal): Promise<void>
  free(): number
  size(): number
  /** Resolves when no task is running. */
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
