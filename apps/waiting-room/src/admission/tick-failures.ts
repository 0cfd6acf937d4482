import { AppError, type Logger } from '@floodgate/service'
import { createRareWarnings } from '../rare-warnings.ts'

interface Failing {
  readonly sinceMs: number
  readonly state: string
}

export interface TickFailures {
  readonly note: (sale: string, failure: { state: string; error: unknown }) => void
  readonly clear: (sale: string) => void
  readonly isFailing: (sale: string) => boolean
  /** How many sales' last ticks failed, by state of the sale. */
  readonly byState: () => ReadonlyMap<string, number>
  /** For operators: which sales, and for how long. Undefined when there are none. */
  readonly detail: () => string | undefined
}

const NAMED_MAX = 5

/** Keeps the sales whose ticks fail, and warns of each once in ten seconds. An outage of Redis is one warning for all. */
export function createTickFailures({ log, count }: { log: Logger; count: (state: string) => void }): TickFailures {
  const failing = new Map<string, Failing>()
  const warn = createRareWarnings(log)
  return {
    note: (sale, { state, error }) => {
      count(state)
      const nowMs = performance.now()
      const sinceMs = failing.get(sale)?.sinceMs ?? nowMs
      failing.set(sale, { sinceMs, state })
      const isOutage = error instanceof AppError && error.code === 'unavailable'
      const fields = { sale, state, error, failingMs: Math.round(nowMs - sinceMs) }
      if (isOutage) warn('outage', fields, 'ticks do not reach Redis')
      else warn(`sale ${sale}`, fields, 'tick failed')
    },
    clear: (sale) => void failing.delete(sale),
    isFailing: (sale) => failing.has(sale),
    byState: () => {
      const counts = new Map<string, number>()
      for (const { state } of failing.values()) counts.set(state, (counts.get(state) ?? 0) + 1)
      return counts
    },
    detail: () => {
      if (failing.size === 0) return undefined
      const nowMs = performance.now()
      const named = [...failing].slice(0, NAMED_MAX).map(([sale, { state, sinceMs }]) => {
        return `${sale} (${state}, for ${Math.round((nowMs - sinceMs) / 1_000)} s)`
      })
      const more = failing.size > NAMED_MAX ? ` and ${failing.size - NAMED_MAX} more` : ''
      return `ticks fail: ${named.join(', ')}${more}`
    },
  }
}
