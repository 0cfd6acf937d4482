/** Wakes waiting code: the network is back, the page is visible again. */
export type Waker = EventTarget

/** Resolves after `ms`, when woken or when aborted, whichever comes first. */
export function waitFor(ms: number, { signal, waker }: { signal: AbortSignal; waker?: Waker | undefined }) {
  return new Promise<void>((resolve) => {
    if (signal.aborted) return resolve()
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      waker?.removeEventListener('wake', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
    waker?.addEventListener('wake', done)
  })
}
