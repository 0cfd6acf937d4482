import { setTimeout as sleep } from 'node:timers/promises'
import { untilNextPoll } from '@floodgate/database'
import type { Logger } from '@floodgate/runtime'

const batchMax = 500
const lookEveryMs = 1_000
/** Without a look for this long, holds are no longer given back in time. */
const lookAgeMsMax = 10_000

export interface Expiry {
  start(): void
  stop(): Promise<void>
  health(): { readonly ready: boolean; readonly detail?: string }
}

/**
 * Cancels orders whose hold is over, within a second of it, and confirms those that cost nothing. Every process does it;
 * Postgres' clock and the order row alone decide, so it does not matter which one is first, or whose clock is wrong.
 */
export const createExpiry = (options: {
  expire: (max: number) => Promise<number>
  /** Confirms free orders whose process died behind their commit. */
  confirmFree: (max: number) => Promise<number>
  /** Called after each look. */
  countParked?: () => Promise<void>
  log: Logger
}): Expiry => {
  const stopping = new AbortController()
  let running: Promise<unknown> = Promise.resolve()
  let lookedAtMs = Number.NEGATIVE_INFINITY

  const look = async () => {
    try {
      while (!stopping.signal.aborted && (await options.expire(batchMax)) === batchMax);
      lookedAtMs = performance.now()
      await options.countParked?.()
    } catch (error) {
      options.log.warn({ error }, 'orders could not be expired; trying again')
    }
  }
  /** By itself: free orders of a sale whose rows somebody keeps locked must not keep the others from expiring. */
  const lookForFree = async () => {
    try {
      await options.confirmFree(batchMax)
    } catch (error) {
      options.log.warn({ error }, 'free orders could not be confirmed; trying again')
    }
  }
  const repeat = async (work: () => Promise<void>) => {
    while (!stopping.signal.aborted) {
      await work()
      // An abort only ends the pause.
      await sleep(untilNextPoll(lookEveryMs), undefined, { signal: stopping.signal }).catch(() => undefined)
    }
  }

  return {
    start: () => {
      running = Promise.all([repeat(look), repeat(lookForFree)])
    },
    stop: async () => {
      stopping.abort()
      await running
    },
    health: () =>
      performance.now() - lookedAtMs < lookAgeMsMax
        ? { ready: true }
        : { ready: false, detail: 'overdue holds are not being looked for' },
  }
}
