import { setTimeout as delay } from 'node:timers/promises'

/** Resolves at that moment of `performance.now()`, at once when it is over or the signal aborts. Never throws. */
export async function restUntil(atMs: number, signal: AbortSignal): Promise<void> {
  const ms = atMs - performance.now()
  // An abort only ends the rest.
  if (ms > 0) await delay(ms, undefined, { signal }).catch(() => undefined)
}
