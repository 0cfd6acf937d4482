import { setTimeout as delay } from 'node:timers/promises'
import { untilNextPoll } from '@floodgate/database'
import type { Logger } from '@floodgate/runtime'

/** Runs `sweep` again and again, at the multiples of `everyMs`, until the signal aborts. Its failures are logged; the next round is the retry. */
export const sweepUntilStopped = async (options: {
  name: string
  everyMs: number
  signal: AbortSignal
  log: Logger
  sweep: (round: number) => Promise<void>
}): Promise<void> => {
  for (let round = 0; !options.signal.aborted; round += 1) {
    try {
      await options.sweep(round)
    } catch (error) {
      if (!options.signal.aborted) options.log.warn({ sweep: options.name, error }, 'sweep failed; trying again')
    }
    // An abort only ends the pause.
    await delay(untilNextPoll(options.everyMs), undefined, { signal: options.signal }).catch(() => undefined)
  }
}
