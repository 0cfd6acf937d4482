import { setTimeout as delay } from 'node:timers/promises'
import type { SimulatorControl } from '@floodgate/contracts'
import { AppError } from '@floodgate/runtime'
import type { BehaviourSwitch } from './behaviour.ts'

type Mode = SimulatorControl['mode']

/** The detail of the mode `limit`. */
export type WriteLimit = Pick<SimulatorControl, 'writesPerSecond'>

/** Runs the provider's calls as the control says, and tracks the keys in progress. */
export function createCalls(behaviour: BehaviourSwitch<Mode, WriteLimit>, stopped: AbortSignal) {
  const underWay = new Map<string, Promise<unknown>>()

  let changed = behaviour.changed()
  let pauseEnds = AbortSignal.any([changed, stopped])

  /**
   * Waits, but ends early when the control changes, so that a caller can hold a call for exactly as long as it needs
   * to.
   */
  const pause = async (ms: number) => {
    if (ms <= 0) return
    if (changed !== behaviour.changed()) {
      changed = behaviour.changed()
      pauseEnds = AbortSignal.any([changed, stopped])
    }
    await delay(ms, undefined, { signal: pauseEnds }).catch(() => stopped.throwIfAborted())
  }

  const hang = async (clientGone: AbortSignal, delayMs: number) => {
    if (delayMs > 0) return await pause(delayMs)
    const ended = Promise.withResolvers<void>()
    const signal = AbortSignal.any([clientGone, stopped])
    signal.addEventListener('abort', () => ended.resolve(), { once: true })
    if (!signal.aborted) await ended.promise
  }

  let second = 0
  let writes = 0
  const limitWrites = (writesPerSecond: number) => {
    const now = Math.floor(Date.now() / 1_000)
    if (now !== second) [second, writes] = [now, 0]
    writes += 1
    if (writes > writesPerSecond) throw new AppError('too-many-requests', { retryAfterSeconds: 1 })
  }

  const failIfToldTo = () => {
    if (behaviour.draw().mode === 'fail')
      throw new AppError('unavailable', { detail: 'The payment simulator fails, as it was told to.' })
  }

  return {
    /** Throws when the control says that this call fails. */
    failIfToldTo,

    /**
     * Runs a call that moves money. Late: it waits, then acts, even if the client has disconnected. Hanging: it acts at
     * once and responds late or never, as overloaded providers do. Only a hanging call checks whether the client has
     * disconnected, because that check creates a whole `Request`.
     */
    async act<Result>(key: string, clientGone: () => AbortSignal, act: (mode: Mode) => Result): Promise<Result> {
      const { mode, delayMs, detail } = behaviour.draw()
      if (mode === 'limit' && detail !== undefined) limitWrites(detail.writesPerSecond)
      if (mode === 'fail') {
        await pause(delayMs)
        throw new AppError('unavailable', { detail: 'The payment simulator fails, as it was told to.' })
      }
      if (mode === 'hang') {
        const result = act(mode)
        await hang(clientGone(), delayMs)
        return result
      }
      const acted = pause(delayMs).then(() => act(mode))
      const settled = acted.catch(() => undefined).finally(() => underWay.get(key) === settled && underWay.delete(key))
      underWay.set(key, settled)
      return await acted
    },

    /** Runs a call that only reads. Waits for a charge of that key in progress, so that "nothing" is true. */
    async look(key: string): Promise<void> {
      failIfToldTo()
      await underWay.get(key)
    },
  }
}
