export type Pause = (ms: number) => Promise<void>

/**
 * Creates a pause for thousands at once: all of them share one listener of the signal, since removing one listener
 * searches through all of them. A pause fails with the signal's reason.
 */
export function createPause(signal: AbortSignal): Pause {
  const waiting = new Set<() => void>()
  const endAll = (): void => {
    for (const end of waiting) end()
  }
  signal.addEventListener('abort', endAll, { once: true })
  return function pause(ms) {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason)
      const timer = setTimeout(() => {
        waiting.delete(end)
        resolve()
      }, ms)
      const end = (): void => {
        clearTimeout(timer)
        waiting.delete(end)
        reject(signal.reason)
      }
      waiting.add(end)
    })
  }
}
