import { doublingMs } from '@floodgate/async'

const PAUSE_MS_MIN = 100
/** Divides the slots after any fault except a rejected login: a recipient that fails slowly must not be the only probe. */
const PROBES_SHARE = 4
/** Servers count wrong passwords, and lock the account. */
const LOGIN_PAUSE_MS_MIN = 1_000
const PAUSE_MS_MAX = 10_000
/** How long a fault is reported after the last one: longer than any delivery waits for its next attempt. */
const REPORTED_MS_MAX = 15 * 60 * 1_000

/** Where a fault of the server was: everything fails alike until it is mended. */
export type SenderCause = 'connection' | 'authentication' | 'sender'

export interface SenderFault {
  readonly cause: SenderCause
  readonly detail: string
}

/**
 * Controls how many deliveries may be in progress at once, by the server's last reactions. Times are of a monotonic
 * clock.
 */
export interface ServerPace {
  places(nowMs: number): number
  /** Returns how long nothing may be sent; 0 when something may. */
  pausedMs(nowMs: number): number
  /** Records that the server took a delivery, so it is up and accepts our login. */
  onResponse(): void
  /**
   * Records that a delivery got no further than the connection, the login or the sender. Returns true when the sender
   * pauses for it.
   */
  onFault(fault: SenderFault, times: { readonly startedMs: number; readonly nowMs: number }): boolean
  /** Records a fault that does not stop other deliveries. */
  onSuspicion(detail: string): void
  /**
   * Returns what is wrong with the server; undefined since it last took a delivery, and a quarter of an hour after the
   * last fault: other processes may have delivered meanwhile.
   */
  fault(): string | undefined
}

/**
 * Starts at `placesMax`. After a fault, sending pauses, for a time that doubles up to 10 s, and continues with a
 * quarter of the slots, or with one after a rejected login. Each accepted one doubles the slots again and halves the
 * next pause, so that a single delivery that looks like a fault of the server costs the others a tenth of a second. A wrong
 * password starts with a second, and is forgotten only when all slots work again.
 */
export function createServerPace({
  placesMax,
  now = performance.now.bind(performance),
}: {
  readonly placesMax: number
  now?(): number
}): ServerPace {
  let places = placesMax
  let faults = 0
  let cause: SenderCause = 'connection'
  let detail: string | undefined
  let failedAtMs = Number.NEGATIVE_INFINITY
  let pausedFromMs = Number.NEGATIVE_INFINITY
  let pausedUntilMs = Number.NEGATIVE_INFINITY
  return {
    places: (nowMs) => (nowMs < pausedUntilMs ? 0 : places),
    pausedMs: (nowMs) => Math.max(0, pausedUntilMs - nowMs),
    onResponse() {
      detail = undefined
      places = Math.min(placesMax, places * 2)
      if (places === placesMax) faults = 0
      else if (cause !== 'authentication') faults = Math.floor(faults / 2)
    },
    onFault(fault, { startedMs, nowMs }) {
      detail = fault.detail
      failedAtMs = nowMs
      // Of the deliveries in progress at the same time, the first one paused for all.
      if (startedMs <= pausedFromMs) return false
      faults += 1
      cause = fault.cause
      places = cause === 'authentication' ? 1 : Math.ceil(placesMax / PROBES_SHARE)
      pausedFromMs = nowMs
      const minMs = cause === 'authentication' ? LOGIN_PAUSE_MS_MIN : PAUSE_MS_MIN
      pausedUntilMs = nowMs + doublingMs({ minMs, maxMs: PAUSE_MS_MAX }, faults - 1)
      return true
    },
    onSuspicion(suspected) {
      detail = suspected
      failedAtMs = now()
    },
    fault: () => (now() - failedAtMs < REPORTED_MS_MAX ? detail : undefined),
  }
}
