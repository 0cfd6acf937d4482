/** Wakes whoever waits: the network is back, the page is looked at again. */
export type Nudges = EventTarget

/** Resolves after `ms`, at a nudge, or when aborted, whichever comes first. */
export function waitFor(ms: number, { signal, nudges }: { signal: AbortSignal; nudges?: Nudges | undefined }) {
  return new Promise<void>((resolve) => {
    if (signal.aborted) return resolve()
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      nudges?.removeEventListener('nudge', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
    nudges?.addEventListener('nudge', done)
  })
}
