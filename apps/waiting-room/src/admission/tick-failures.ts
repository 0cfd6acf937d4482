import { isWriteRejected } from '@floodgate/redis'
import { AppError, createRareWarnings, type Logger } from '@floodgate/runtime'

interface Failing {
  readonly sinceMs: number
  readonly state: string
}

export interface TickFailures {
  note(sale: string, failure: { state: string; error: unknown }): void
  clear(sale: string): void
  /** Records that the process could not renew its lease: sales may be ticked by two processes, or late. */
  noteBeat(error: unknown): void
  clearBeat(): void
  isFailing(sale: string): boolean
  /** Counts the sales whose last tick failed, by state of the sale. */
  byState(): ReadonlyMap<string, number>
  /** Describes for operators which sales fail, and for how long. Undefined when nothing fails. */
  detail(): string | undefined
}

const NAMED_MAX = 5

/**
 * Tells whether Redis was unreachable. All other errors are error replies, or our own: even a full Redis replies, and
 * buyers can be served.
 */
export function isOutage(error: unknown): boolean {
  return error instanceof AppError && error.code === 'unavailable' && !isWriteRejected(error.cause)
}

/** Tells whether Redis rejects admissions at the moment, such as when its memory is full. */
export function isRejection(error: unknown): boolean {
  return error instanceof AppError && isWriteRejected(error.cause)
}

/**
 * Tracks the sales whose ticks fail, and warns of each once in ten seconds. An outage of Redis is one warning for all.
 */
export function createTickFailures({
  log,
  count,
  countBeat = () => undefined,
}: {
  log: Pick<Logger, 'warn'>
  count(state: string): void
  countBeat?(): void
}): TickFailures {
  const failing = new Map<string, Failing>()
  let beatFailsSinceMs: number | undefined
  const warn = createRareWarnings(log)
  const secondsSince = (sinceMs: number) => Math.round((performance.now() - sinceMs) / 1_000)

  function failingSales(): string[] {
    if (failing.size === 0) return []
    const named = [...failing].slice(0, NAMED_MAX).map(([sale, { state, sinceMs }]) => {
      return `${sale} (${state}, for ${secondsSince(sinceMs)} s)`
    })
    const more = failing.size > NAMED_MAX ? ` and ${failing.size - NAMED_MAX} more` : ''
    return [`ticks fail: ${named.join(', ')}${more}`]
  }

  return {
    note: (sale, { state, error }) => {
      count(state)
      const nowMs = performance.now()
      const sinceMs = failing.get(sale)?.sinceMs ?? nowMs
      failing.set(sale, { sinceMs, state })
      const fields = { sale, state, error, failingMs: Math.round(nowMs - sinceMs) }
      if (isOutage(error)) warn('outage', fields, 'ticks do not reach Redis')
      else warn(`sale ${sale}`, fields, 'tick failed')
    },
    clear: (sale) => void failing.delete(sale),
    isFailing: (sale) => failing.has(sale),
    byState: () => {
      const counts = new Map<string, number>()
      for (const { state } of failing.values()) counts.set(state, (counts.get(state) ?? 0) + 1)
      return counts
    },
    noteBeat: (error) => {
      countBeat()
      beatFailsSinceMs ??= performance.now()
      if (isOutage(error)) warn('outage', { error }, 'ticks do not reach Redis')
      else warn('beat', { error }, 'beat failed')
    },
    clearBeat: () => {
      beatFailsSinceMs = undefined
    },
    detail: () => {
      const beat = beatFailsSinceMs === undefined ? [] : [`beats fail, for ${secondsSince(beatFailsSinceMs)} s`]
      const all = [...failingSales(), ...beat]
      return all.length === 0 ? undefined : all.join('; ')
    },
  }
}
