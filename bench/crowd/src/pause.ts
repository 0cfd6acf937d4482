export type Pause = (ms: number) => Promise<void>

/**
 * Waiting for thousands at once: all of them listen to the signal through one listener, since taking a listener off a
 * signal looks through all the others. A pause ends with the signal's reason as its failure.
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
