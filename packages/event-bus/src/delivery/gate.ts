/** Lets handler calls through, or holds them while the subscription is paused. */
export interface Gate {
  readonly paused: boolean
  pause(): void
  resume(): void
  /** Resolves when open. Throws the signal's reason. */
  passed(signal: AbortSignal): Promise<void>
}

export function createGate(): Gate {
  let paused = false
  const waiting = new Set<() => void>()
  return {
    get paused() {
      return paused
    },
    pause() {
      paused = true
    },
    resume() {
      paused = false
      for (const wake of [...waiting]) wake()
    },
    async passed(signal) {
      while (paused) await aborted(signal, (wake) => subscribeTo(waiting, wake))
      signal.throwIfAborted()
    },
  }
}

function subscribeTo(waiting: Set<() => void>, wake: () => void): () => void {
  waiting.add(wake)
  return () => waiting.delete(wake)
}

/** Waits for what `listen` calls back, or throws the signal's reason. `listen` returns how to stop listening. */
function aborted(signal: AbortSignal, listen: (wake: () => void) => () => void): Promise<void> {
  signal.throwIfAborted()
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => () => {
      unlisten()
      signal.removeEventListener('abort', onAbort)
      act()
    }
    const onAbort = settle(() => reject(signal.reason))
    const unlisten = listen(settle(resolve))
    signal.addEventListener('abort', onAbort, { once: true })
  })
}
