/**
 * Settles as `call` does, or rejects with the reason of the first signal that aborts. The call itself continues; its
 * later failure is ignored.
 */
export function raceSignal<Result>(
  call: Promise<Result>,
  ...signals: readonly (AbortSignal | undefined)[]
): Promise<Result> {
  return new Promise((resolve, reject) => {
    function onAbort(this: AbortSignal): void {
      reject(this.reason)
      stopListening()
    }
    function stopListening(): void {
      for (const signal of signals) signal?.removeEventListener('abort', onAbort)
    }
    call.then(resolve, reject).finally(stopListening)
    for (const signal of signals) {
      if (signal?.aborted) return onAbort.call(signal)
      signal?.addEventListener('abort', onAbort, { once: true })
    }
  })
}

/** Resolves to true when `work` has settled, fulfilled or rejected, and to false after `ms`. The work continues. */
export function settledWithin(ms: number, work: Promise<unknown> | undefined): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms, false)
    function settle(): void {
      clearTimeout(timer)
      resolve(true)
    }
    Promise.resolve(work).then(settle, settle)
  })
}
