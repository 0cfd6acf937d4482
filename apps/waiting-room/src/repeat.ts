/** Work that comes again and again. */
export interface Recurring {
  /** There is reason to believe that the pause is shorter now: it is asked for again, and never lengthened. */
  readonly hurry: () => void
  /** Aborts the signal of the round under way and resolves when it is over; no other follows. */
  readonly stop: () => Promise<void>
}

/** Calls `work` again and again with pauses in between, and never two at once. A failure is told and tried again. */
export const every = (
  pauseMs: () => number,
  work: (stopping: AbortSignal) => Promise<unknown>,
  onFailure: (error: unknown) => void,
): Recurring => {
  let timer: NodeJS.Timeout | undefined
  let dueAtMs = 0
  let running: Promise<unknown> = Promise.resolve()
  const stopping = new AbortController()
  const pause = (ms: number) => {
    dueAtMs = performance.now() + ms
    timer = setTimeout(round, ms)
  }
  const round = () => {
    timer = undefined
    running = work(stopping.signal)
      .catch(onFailure)
      .then(() => {
        if (!stopping.signal.aborted) pause(pauseMs())
      })
  }
  round()
  return {
    hurry: () => {
      // During a round the pause is yet to be asked.
      if (timer === undefined || stopping.signal.aborted) return
      const ms = pauseMs()
      if (performance.now() + ms >= dueAtMs) return
      clearTimeout(timer)
      pause(ms)
    },
    stop: async () => {
      stopping.abort()
      clearTimeout(timer)
      await running
    },
  }
}
