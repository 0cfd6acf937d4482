import { type Repeated, repeat } from '@floodgate/async'
import type { Logger } from '@floodgate/runtime'

const BATCH_MAX = 500
const EXPIRE_EVERY_MS = 1_000
/** After this long without a round, holds are no longer released in time. */
const EXPIRY_AGE_MS_MAX = 10_000

export interface Expiry {
  start(): void
  stop(): Promise<void>
  health(): { readonly ready: boolean; readonly detail?: string }
}

/**
 * Cancels orders whose hold is over, within a second of it, and confirms those that cost nothing. Every process does
 * it; Postgres' clock and the order row alone decide, so it does not matter which one is first, or whose clock is
 * wrong.
 */
export function createExpiry(options: {
  expire(max: number): Promise<number>
  /** Confirms free orders whose process died after their commit. */
  confirmFree(max: number): Promise<number>
  /** Called after each round. */
  countParked?(): Promise<void>
  log: Logger
}): Expiry {
  const { log } = options
  let looking: Repeated | undefined
  let confirming: Repeated | undefined

  async function look(stopping: AbortSignal): Promise<void> {
    while (!stopping.aborted && (await options.expire(BATCH_MAX)) === BATCH_MAX);
    await options.countParked?.().catch((error: unknown) => log.warn({ error }, 'parked orders not counted'))
  }

  return {
    start() {
      looking = repeat({
        everyMs: EXPIRE_EVERY_MS,
        work: look,
        onError: (error) => log.warn({ error }, 'orders not expired; retrying'),
      })
      // Separate: locked free orders of one sale must not keep the others from expiring.
      confirming = repeat({
        everyMs: EXPIRE_EVERY_MS,
        work: () => options.confirmFree(BATCH_MAX),
        onError: (error) => log.warn({ error }, 'free orders not confirmed; retrying'),
      })
    },
    async stop() {
      await Promise.all([looking?.stop(), confirming?.stop()])
    },
    health: () =>
      (looking?.lastSuccessAgeMs() ?? Number.POSITIVE_INFINITY) < EXPIRY_AGE_MS_MAX
        ? { ready: true }
        : { ready: false, detail: 'overdue holds are not being looked for' },
  }
}
