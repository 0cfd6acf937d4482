import { AppError, type CountLimited, createBoundedMap, type NowOrLater, rateLimitFields } from '@floodgate/service'
import type { Bearer } from '../line/identify.ts'
import type { StatusReading } from './read-status.ts'

/** Bounds what the polls of one ticket cost, however often they come. */
export interface PollLimit {
  /**
   * Returns the last answer to a poll that is earlier than half its interval, with what is left of the interval: a client
   * that follows it reports when it was told to. Throws `too-many-requests` after `earlyMax` of those; calls `read` otherwise.
   */
  answer(bearer: Bearer, read: () => NowOrLater<StatusReading>): NowOrLater<StatusReading>
  /** After a join or a leave: the next poll is read again. */
  forget(bearer: Bearer): void
}

interface Entry {
  /** Being read: polls in between share it. */
  reading: Promise<StatusReading> | undefined
  last: StatusReading | undefined
  atMs: number
  early: number
}

const TICKETS_MAX = 200_000
/** Two generations of this hold every entry for longer than half the longest interval. */
const KEPT_MS = 20_000
const POLL_MS_MIN = 100

export function createPollLimit({
  earlyMax,
  countLimited,
  now = () => performance.now(),
}: {
  /** 0 turns the limit off. */
  readonly earlyMax: number
  readonly countLimited: CountLimited
  readonly now?: () => number
}): PollLimit {
  const entries = createBoundedMap<Entry>(TICKETS_MAX, { keptMs: KEPT_MS, now })
  // With the place: a buyer who joined again elsewhere must not get the answer for the place it left.
  const keyOf = ({ sale, buyer, place }: Bearer): string => `${sale} ${buyer} ${place}`

  function remainingMs({ last, atMs }: Entry): number {
    return Math.max(POLL_MS_MIN, Math.round((last?.status.pollAfterMs ?? POLL_MS_MIN) - (now() - atMs)))
  }

  function refusal(entry: Entry): AppError {
    countLimited('polls')
    const intervalMs = entry.last?.status.pollAfterMs ?? POLL_MS_MIN
    const resetMs = remainingMs(entry)
    return new AppError('too-many-requests', {
      detail: 'This ticket is polled too often. Poll again when `pollAfterMs` is over.',
      members: { limit: 'polls' },
      retryAfterSeconds: resetMs / 1_000,
      headers: rateLimitFields({ name: 'polls', quota: earlyMax, windowMs: intervalMs, resetMs }),
    })
  }

  function isEarly({ reading, last, atMs }: Entry): boolean {
    return reading !== undefined || (last !== undefined && now() - atMs < last.status.pollAfterMs / 2)
  }

  function keep(entry: Entry, reading: StatusReading): StatusReading {
    entry.reading = undefined
    entry.last = reading
    entry.atMs = now()
    return reading
  }

  return {
    answer: (bearer, read) => {
      if (earlyMax === 0) return read()
      const key = keyOf(bearer)
      const known = entries.get(key)
      if (known !== undefined && isEarly(known)) {
        known.early += 1
        if (known.early > earlyMax) throw refusal(known)
        if (known.reading !== undefined) return known.reading
        if (known.last !== undefined)
          return { asked: 'cached', status: { ...known.last.status, pollAfterMs: remainingMs(known) } }
      }
      const entry: Entry = { reading: undefined, last: undefined, atMs: now(), early: 0 }
      const reading = read()
      if (reading instanceof Promise) {
        entry.reading = reading.then((told) => keep(entry, told))
        // Told to everybody who shares it; the next poll reads again.
        entry.reading.catch(() => {
          entry.reading = undefined
        })
      } else keep(entry, reading)
      entries.set(key, entry)
      return entry.reading ?? reading
    },
    forget: (bearer) => entries.delete(keyOf(bearer)),
  }
}
