/**
 * Resolves after `ms`, or as soon as `signal` aborts. Never rejects: a loop must check the signal itself, or it never yields
 * to the event loop again once that has aborted.
 */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve()
    const timer = setTimeout(end, ms)
    signal?.addEventListener('abort', end, { once: true })
    function end(): void {
      clearTimeout(timer)
      signal?.removeEventListener('abort', end)
      resolve()
    }
  })
}

/** Resolves at that time of `performance.now()`, at once when it has passed or `signal` aborts. Never rejects. */
export async function pauseUntil(atMs: number, signal: AbortSignal): Promise<void> {
  const ms = atMs - performance.now()
  if (ms > 0) await pause(ms, signal)
}
