import { createBoundedMap } from '@floodgate/async'
import { type CountLimited, type MaybePromise, rateLimitFields } from '@floodgate/http'
import { AppError } from '@floodgate/runtime'
import type { TicketHolder } from '../tokens/identify.ts'
import type { StatusReading } from './read-status.ts'

/** Bounds the cost of the polls of one ticket, however often they come. */
export interface PollLimit {
  /**
   * Returns the last response to a poll that is earlier than half its interval, with the rest of the interval, so that
   * a client which follows it polls on schedule. Repeats a failed read half a second later at the earliest; polls until
   * then get the same error. Throws `too-many-requests` after `earlyMax` such polls; calls `read` otherwise.
   */
  respond(holder: TicketHolder, read: () => MaybePromise<StatusReading>): MaybePromise<StatusReading>
  /**
   * Forgets the last response after a join, a leave, or an extension request: the next poll is read again, whichever ID
   * token the account comes with.
   */
  forget(holder: Pick<TicketHolder, 'sale' | 'buyer' | 'place'>): void
}

interface Entry {
  /** The ID token of the poll: which ones have seen a pass is noted with each read, so that no other gets its response. */
  readonly idToken: string | undefined
  /** The read in progress: polls meanwhile share it. */
  reading: Promise<StatusReading> | undefined
  last: StatusReading | undefined
  failure: { readonly error: unknown } | undefined
  atMs: number
  early: number
}

const TICKETS_MAX = 200_000
/** Two generations of this length hold every entry for longer than half the longest interval. */
const KEPT_MS = 20_000
const POLL_MS_MIN = 100
/** The interval assumed for a failed read. */
const FAILED_POLL_MS = 1_000

export function createPollLimit({
  earlyMax,
  countLimited,
  now = () => performance.now(),
}: {
  /** 0 turns the limit off. */
  readonly earlyMax: number
  readonly countLimited: CountLimited
  now?(): number
}): PollLimit {
  const entries = createBoundedMap<Entry>(TICKETS_MAX, { keptMs: KEPT_MS, now })
  // Includes the place: a buyer who joined again elsewhere must not get the response for the place it left.
  const keyOf = ({ sale, buyer, place }: Pick<TicketHolder, 'sale' | 'buyer' | 'place'>): string =>
    `${sale} ${buyer} ${place}`

  function intervalMsOf({ last, failure }: Entry): number {
    if (failure !== undefined) return FAILED_POLL_MS
    return last?.status.pollAfterMs ?? POLL_MS_MIN
  }

  function remainingMs(entry: Entry): number {
    return Math.max(POLL_MS_MIN, Math.round(intervalMsOf(entry) - (now() - entry.atMs)))
  }

  function problem(entry: Entry): AppError {
    countLimited('polls')
    const resetMs = remainingMs(entry)
    return new AppError('too-many-requests', {
      detail: 'This ticket is polled too often. Poll again when `pollAfterMs` is over.',
      members: { limit: 'polls' },
      retryAfterSeconds: resetMs / 1_000,
      headers: rateLimitFields({ name: 'polls', quota: earlyMax, windowMs: intervalMsOf(entry), resetMs }),
    })
  }

  function isEarly(entry: Entry): boolean {
    return entry.reading !== undefined || now() - entry.atMs < intervalMsOf(entry) / 2
  }

  function fail(entry: Entry, error: unknown): void {
    entry.reading = undefined
    entry.failure = { error }
    entry.atMs = now()
  }

  function keep(entry: Entry, reading: StatusReading): StatusReading {
    entry.reading = undefined
    entry.last = reading
    entry.atMs = now()
    return reading
  }

  return {
    respond: (holder, read) => {
      if (earlyMax === 0) return read()
      const key = keyOf(holder)
      const known = entries.get(key)
      const { idToken } = holder
      let early = 0
      if (known !== undefined && isEarly(known)) {
        known.early += 1
        if (known.early > earlyMax) throw problem(known)
        if (known.idToken === idToken) {
          if (known.reading !== undefined) return known.reading
          if (known.failure !== undefined) throw known.failure.error
          if (known.last !== undefined)
            return { source: 'cached', status: { ...known.last.status, pollAfterMs: remainingMs(known) } }
        }
        early = known.early
      }
      const entry: Entry = { idToken, reading: undefined, last: undefined, failure: undefined, atMs: now(), early }
      entries.set(key, entry)
      let reading: MaybePromise<StatusReading>
      try {
        reading = read()
      } catch (error) {
        fail(entry, error)
        throw error
      }
      if (!(reading instanceof Promise)) return keep(entry, reading)
      entry.reading = reading.then((told) => keep(entry, told))
      // Every poll that shares the read gets the error.
      entry.reading.catch((error: unknown) => fail(entry, error))
      return entry.reading
    },
    forget: (holder) => entries.delete(keyOf(holder)),
  }
}
