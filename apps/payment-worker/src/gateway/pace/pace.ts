import { createMicroBatcher, pause } from '@floodgate/async'
import { drainLimit } from './drain-limit.ts'
import type { PaceMetrics } from './pace-metrics.ts'
import type { Lane, PaceStore } from './pace-store.ts'

const SECOND = 1_000
/** A write that would wait longer is given back: well within the lease of its charge. */
const WAIT_MS_MAX = 10_000
const WRITES_PER_RESERVATION_MAX = 32
/** How often the rest looks for a free write, in steps of the rate. */
const LOOK_EVERY_STEPS = 3
const LOOK_MS_MIN = 20

/** A write that was not sent, because too many wait before it. Its charge or refund is retried later. */
export class NotSent extends Error {
  override readonly name = 'NotSent'
}

export interface Pace {
  /**
   * Resolves when one write may be sent. Throws `NotSent` when that is too far away, or Postgres does not tell, and the
   * signal's reason when it aborts.
   */
  take(lane: Lane, signal: AbortSignal): Promise<void>
  /** Counts a rejection as too many, and sends nothing for so long: the provider asked for it. */
  holdOff(ms: number): void
  /** Begins to drain, in all processes: the provider has just come back. */
  drain(): void
}

export interface SharedPace extends Pace {
  /** Joins a drain that another process has begun. `atStart`: begins one where no worker was left to charge orders. */
  follow(options: { readonly atStart: boolean }): Promise<void>
}

/**
 * Paces writes to the provider: together all processes send at most `writesPerSecondMax` (0: any number), and at most
 * `drainPerSecond` after an outage, see `drainLimit`. Charges go before the rest.
 */
export function createPace(options: {
  readonly store: PaceStore
  readonly writesPerSecondMax: number
  readonly drainPerSecond: number
  readonly metrics: PaceMetrics
}): SharedPace {
  const { store, metrics } = options
  let drainingSinceMs = Number.NEGATIVE_INFINITY
  let heldUntilMs = Number.NEGATIVE_INFINITY
  let restTurn: Promise<unknown> = Promise.resolve()

  function limit(): number {
    const { writesPerSecondMax: max } = options
    const drain = drainLimit(options.drainPerSecond, performance.now() - drainingSinceMs)
    return Math.min(max === 0 ? Number.POSITIVE_INFINITY : max, drain)
  }

  /** Charges of one turn of the event loop share a reservation; returns when each of them begins. */
  const reserveCharge = createMicroBatcher<undefined, number | undefined>({
    itemsMax: WRITES_PER_RESERVATION_MAX,
    send: async (step, items) => {
      const stepMs = Number(step)
      const waitMs = await store.reserve('charge', { count: items.length, stepMs, waitMsMax: WAIT_MS_MAX })
      return items.map((_, index) => (waitMs === undefined ? undefined : waitMs + index * stepMs))
    },
  })

  /** One at a time looks for a write that no charge needs. */
  async function reserveRest(stepMs: number, deadlineMs: number, signal: AbortSignal): Promise<number | undefined> {
    while (performance.now() < deadlineMs && !signal.aborted) {
      const waitMs = await store.reserve('rest', { count: 1, stepMs, waitMsMax: WAIT_MS_MAX })
      if (waitMs !== undefined) return waitMs
      await pause(Math.max(LOOK_MS_MIN, LOOK_EVERY_STEPS * stepMs), signal)
    }
    return undefined
  }

  function reserve(lane: Lane, stepMs: number, signal: AbortSignal): Promise<number | undefined> {
    if (lane === 'charge') return reserveCharge(String(stepMs), undefined)
    const deadlineMs = performance.now() + WAIT_MS_MAX
    const turn = restTurn.then(() => reserveRest(stepMs, deadlineMs, signal))
    restTurn = turn.catch(() => undefined) // Its own caller gets the error.
    return turn
  }

  async function reserveOrGiveUp(lane: Lane, perSecond: number, signal: AbortSignal): Promise<number> {
    const waitMs = await reserve(lane, SECOND / perSecond, signal).catch((cause: unknown) => {
      throw new NotSent('Postgres did not tell when it may be sent', { cause })
    })
    if (waitMs === undefined) throw new NotSent('too many writes wait for the rate of the provider')
    return waitMs
  }

  return {
    async take(lane, signal) {
      const startedMs = performance.now()
      if (heldUntilMs - startedMs > WAIT_MS_MAX) throw new NotSent('the provider asked to wait')
      const perSecond = limit()
      const waitMs = Number.isFinite(perSecond) ? await reserveOrGiveUp(lane, perSecond, signal) : 0
      const reservedMs = performance.now()
      const untilMs = Math.max(reservedMs + waitMs, heldUntilMs)
      if (untilMs > performance.now()) await pause(untilMs - performance.now(), signal)
      signal.throwIfAborted()
      metrics.writes.inc({ lane })
      metrics.waitSeconds.observe({ lane }, (performance.now() - startedMs) / SECOND)
    },
    holdOff(ms) {
      metrics.limited.inc()
      heldUntilMs = Math.max(heldUntilMs, performance.now() + ms)
      // The other processes get their own rejection if this write fails.
      if (ms > 0 && Number.isFinite(limit())) void store.holdOff(ms).catch(() => undefined)
    },
    drain() {
      drainingSinceMs = performance.now()
      // The other processes drain when their own breakers close, if this write fails.
      if (options.drainPerSecond > 0) void store.beginDrain().catch(() => undefined)
    },
    async follow({ atStart }) {
      if (options.drainPerSecond === 0) return
      if (atStart) await store.beginDrainOfLeft()
      const ageMs = await store.drainAgeMs()
      if (ageMs !== undefined) drainingSinceMs = Math.max(drainingSinceMs, performance.now() - ageMs)
    },
  }
}
