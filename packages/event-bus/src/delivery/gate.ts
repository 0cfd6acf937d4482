import { raceSignal } from '@floodgate/async'

/** Delays handler calls while the subscription is paused. */
export interface Gate {
  readonly paused: boolean
  pause(): void
  resume(): void
  /** Resolves when the gate is open. Throws the signal's reason. */
  passed(signal: AbortSignal): Promise<void>
}

export function createGate(): Gate {
  let resumed: PromiseWithResolvers<void> | undefined
  return {
    get paused() {
      return resumed !== undefined
    },
    pause() {
      resumed ??= Promise.withResolvers()
    },
    resume() {
      resumed?.resolve()
      resumed = undefined
    },
    async passed(signal) {
      while (resumed !== undefined) await raceSignal(resumed.promise, signal)
      signal.throwIfAborted()
    },
  }
}
