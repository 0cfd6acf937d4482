type Fetch = (url: string, init: RequestInit) => Promise<Response>

export const CALL_TIMEOUT_MS = 3_000

/** The calls to the waiting room, and how they went. */
export interface Contact {
  /** Calls the waiting room, within 3 s. */
  readonly fetch: Fetch
  /** Calls in a row that failed until now. */
  failures: number
  /** One of the calls succeeded. */
  wasReached: boolean
  triedAtMs: number
}

/** Makes all calls to the waiting room. A response below 500 is a sign of life, whatever it says. */
export function createContact(now: () => number, call: Fetch = globalThis.fetch): Contact {
  const contact: Contact = {
    failures: 0,
    wasReached: false,
    triedAtMs: Number.NEGATIVE_INFINITY,
    fetch: async (url, init) => {
      contact.triedAtMs = now()
      let isAlive = false
      try {
        const response = await call(url, { signal: AbortSignal.timeout(CALL_TIMEOUT_MS), redirect: 'manual', ...init })
        isAlive = response.status < 500
        return response
      } finally {
        contact.failures = isAlive ? 0 : contact.failures + 1
        contact.wasReached ||= isAlive
      }
    },
  }
  return contact
}
