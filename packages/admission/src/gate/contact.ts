type Fetch = (url: string, init: RequestInit) => Promise<Response>

/**
 * Calls the waiting room, within 3 s or as long as `init.signal` says. A call that fails after the abort of `givenUp`
 * does not count: aborted requests of buyers must not open the gate.
 */
export type Call = (url: string, init: RequestInit, givenUp?: AbortSignal) => Promise<Response>

export const CALL_TIMEOUT_MS = 3_000

/** The calls to the waiting room, and their outcomes. */
export interface Contact {
  readonly fetch: Call
  /** Calls in a row that failed until now. */
  failures: number
  /** One of the calls succeeded. */
  wasReached: boolean
  triedAtMs: number
}

/** Makes all calls to the waiting room. Any response below 500 is a sign of life. */
export function createContact(now: () => number, call: Fetch): Contact {
  const contact: Contact = {
    failures: 0,
    wasReached: false,
    triedAtMs: Number.NEGATIVE_INFINITY,
    fetch: async (url, init, givenUp) => {
      contact.triedAtMs = now()
      let isAlive = false
      try {
        const response = await call(url, { signal: AbortSignal.timeout(CALL_TIMEOUT_MS), redirect: 'manual', ...init })
        isAlive = response.status < 500
        return response
      } finally {
        contact.wasReached ||= isAlive
        if (isAlive) contact.failures = 0
        else if (!givenUp?.aborted) contact.failures += 1
      }
    },
  }
  return contact
}
