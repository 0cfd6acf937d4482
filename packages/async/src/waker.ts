export interface Waker {
  /** Ends the current wait, or the next one when there is none. Many calls count as one. Never throws. */
  wake(): void
  /** Resolves at the next `wake`, after `ms`, or when `signal` aborts; never rejects. One caller at a time. */
  wait(ms: number, signal: AbortSignal): Promise<void>
}

/** Creates a pause that other code can end, without losing a call between two pauses. */
export function createWaker(): Waker {
  let isAwake = false
  let endWait: (() => void) | undefined

  function waitOnce(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(end, ms)
      signal.addEventListener('abort', end, { once: true })
      endWait = end
      function end(): void {
        clearTimeout(timer)
        signal.removeEventListener('abort', end)
        endWait = undefined
        resolve()
      }
    })
  }

  return {
    wake() {
      isAwake = true
      endWait?.()
    },
    async wait(ms, signal) {
      if (!isAwake && !signal.aborted) await waitOnce(ms, signal)
      isAwake = false
    },
  }
}
