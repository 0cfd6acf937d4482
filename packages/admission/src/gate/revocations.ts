import { isWorkers, singleFlight } from '../single-flight.ts'

const POLL_MS = 1_000
/** An older list is refreshed first: the first request after a quiet time does not use it. */
const FRESH_MS = 2_000
const TIMEOUT_MS = 1_500
/** How long the last list counts while none can be fetched. */
const STALE_MS = 30_000
const SALES_MAX = 100

interface RevokedSlots {
  slots: ReadonlySet<string>
  fetchedAtMs: number
  failedAtMs: number
  refresh(): Promise<boolean>
}

export interface Revocations {
  /** Tells whether the slot was given back; `unknown` while the last list is older than 30 s. */
  isRevoked(sale: string, slot: string): Promise<boolean | 'unknown'>
  /** Counts the listed slots, for a diagnosis. */
  seen(sale: string): { readonly slots: number; readonly ageSeconds: number } | undefined
}

/**
 * Reads the slots that were given back, each second while passes of the sale are judged. A revocation counts 2 s after it
 * was listed, at the latest.
 */
export function createRevocations(options: {
  readonly queueUrl: string
  /** Must not go back. */
  now(): number
  fetch(url: string, init: RequestInit): Promise<Response>
}): Revocations {
  const { queueUrl, now, fetch } = options

  const fetchSlots = async (url: string): Promise<ReadonlySet<string>> => {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) })
    if (response.status !== 200) {
      await response.body?.cancel()
      throw new Error(`${url} returned ${response.status}`)
    }
    const { revocations } = (await response.json()) as { revocations: { slot: string }[] }
    return new Set(revocations.map(({ slot }) => slot))
  }
  const sales = new Map<string, RevokedSlots>()

  const create = (sale: string): RevokedSlots => {
    const own: RevokedSlots = {
      slots: new Set(),
      fetchedAtMs: Number.NEGATIVE_INFINITY,
      failedAtMs: Number.NEGATIVE_INFINITY,
      refresh: singleFlight(async function readRevocations() {
        const startedAtMs = now()
        try {
          own.slots = await fetchSlots(`${queueUrl}/sales/${sale}/revocations`)
          own.fetchedAtMs = startedAtMs
        } catch (error) {
          own.failedAtMs = now()
          throw error
        }
      }),
    }
    const oldest = sales.size >= SALES_MAX ? sales.keys().next().value : undefined
    if (oldest !== undefined) sales.delete(oldest)
    sales.set(sale, own)
    return own
  }

  return {
    isRevoked: async (sale, slot) => {
      const own = sales.get(sale) ?? create(sale)
      const ageMs = now() - own.fetchedAtMs
      if (ageMs >= POLL_MS && now() - own.failedAtMs >= POLL_MS) {
        const refreshed = own.refresh()
        // After a failure no request waits for the next attempt: the last list counts, up to its bound.
        if (isWorkers() || (ageMs >= FRESH_MS && own.failedAtMs <= own.fetchedAtMs)) await refreshed
      }
      return now() - own.fetchedAtMs < STALE_MS ? own.slots.has(slot) : 'unknown'
    },
    seen: (sale) => {
      const own = sales.get(sale)
      if (own === undefined) return undefined
      return { slots: own.slots.size, ageSeconds: Math.round((now() - own.fetchedAtMs) / 1_000) }
    },
  }
}
