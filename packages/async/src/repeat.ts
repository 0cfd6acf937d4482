import { untilNextPoll } from './poll-times.ts'

export interface RepeatOptions {
  /** A number: rounds begin at its multiples ({@link untilNextPoll}). A function returns the pause after each round. */
  readonly everyMs: number | (() => number)
  /** Pause before the first round. Default 0: it begins at once, within the call. */
  readonly startAfterMs?: number
  /** Ends the repetition, as `stop` does. */
  readonly signal?: AbortSignal
  /** Does one round, counted from 0. Rounds never overlap. `stopping` aborts when the round must end. */
  work(stopping: AbortSignal, round: number): Promise<unknown>
  /** Called with the error of a failed round, but not after a stop. The next round is the retry. */
  onError(error: unknown): void
}

export interface Repeated {
  /**
   * Makes the next round begin within `withinMs` (default: at once); a call during a round counts for the pause after
   * it.
   */
  runSooner(withinMs?: number): void
  /** Resolves when the current round has ended; no other follows. Never rejects. */
  stop(): Promise<void>
  /** Returns the milliseconds since the end of the last successful round; Infinity before. */
  lastSuccessAgeMs(): number
}

/** Runs `work` again and again, with a pause after each round, until it is stopped. */
export function repeat({ everyMs, startAfterMs = 0, signal, work, onError }: RepeatOptions): Repeated {
  const stopping = new AbortController()
  let timer: NodeJS.Timeout | undefined
  let dueAtMs = Number.POSITIVE_INFINITY
  let round = 0
  let running: Promise<void> = Promise.resolve()
  let succeededAtMs = Number.NEGATIVE_INFINITY

  function schedule(ms: number): void {
    clearTimeout(timer)
    dueAtMs = performance.now() + ms
    timer = setTimeout(begin, ms)
  }

  function begin(): void {
    timer = undefined
    dueAtMs = Number.POSITIVE_INFINITY
    running = runRound()
  }

  async function runRound(): Promise<void> {
    try {
      await work(stopping.signal, round)
      succeededAtMs = performance.now()
    } catch (error) {
      if (!stopping.signal.aborted) onError(error)
    }
    round += 1
    if (stopping.signal.aborted) return
    const pauseMs = typeof everyMs === 'number' ? untilNextPoll(everyMs) : everyMs()
    // A sooner run may have been requested during the round.
    schedule(Math.max(0, Math.min(pauseMs, dueAtMs - performance.now())))
  }

  function stop(): Promise<void> {
    stopping.abort()
    clearTimeout(timer)
    signal?.removeEventListener('abort', stop)
    return running
  }

  signal?.addEventListener('abort', stop, { once: true })
  if (signal?.aborted) stopping.abort()
  else if (startAfterMs > 0) schedule(startAfterMs)
  else begin()

  return {
    runSooner(withinMs = 0) {
      if (stopping.signal.aborted || performance.now() + withinMs >= dueAtMs) return
      if (timer === undefined) dueAtMs = performance.now() + withinMs
      else schedule(withinMs)
    },
    stop,
    lastSuccessAgeMs: () => performance.now() - succeededAtMs,
  }
}
