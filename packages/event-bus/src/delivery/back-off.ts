import { setTimeout as delay } from 'node:timers/promises'

const BACK_OFF_MS_MIN = 100
const BACK_OFF_MS_MAX = 5_000

/** The wait before the n-th repetition (1, 2, …): doubles from 100 ms to 5 s, its upper half random. */
export function backOffMs(repetition: number, random: number): number {
  const ceiling = Math.min(BACK_OFF_MS_MIN * 2 ** Math.min(repetition - 1, 16), BACK_OFF_MS_MAX)
  return Math.round(ceiling / 2 + (ceiling / 2) * random)
}

/** Waits before the n-th repetition. Throws the signal's reason. */
export async function backOff(repetition: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  await delay(backOffMs(repetition, Math.random()), undefined, { signal }).catch(() => undefined)
  signal.throwIfAborted()
}

/** Repeats an act until it succeeds. Throws the signal's reason. */
export async function untilDone<Result>(
  act: () => Promise<Result>,
  options: { readonly signal: AbortSignal; readonly onFailure: (error: unknown) => void },
): Promise<Result> {
  for (let failures = 1; ; failures += 1) {
    try {
      return await act()
    } catch (error) {
      options.signal.throwIfAborted()
      options.onFailure(error)
      await backOff(failures, options.signal)
    }
  }
}

/** Waits for a call, but not longer than the signals allow; the call itself goes on. Throws the aborted signal's reason. */
export async function unlessAborted<Result>(
  call: Promise<Result>,
  ...signals: readonly (AbortSignal | undefined)[]
): Promise<Result> {
  const given = signals.filter((signal) => signal !== undefined)
  for (const signal of given) signal.throwIfAborted()
  const aborted = Promise.withResolvers<never>()
  const listeners = given.map((signal) => ({ signal, onAbort: () => aborted.reject(signal.reason) }))
  for (const { signal, onAbort } of listeners) signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([call, aborted.promise])
  } finally {
    for (const { signal, onAbort } of listeners) signal.removeEventListener('abort', onAbort)
  }
}
