import { createSteadyClock } from '../steady-clock.ts'

/**
 * Calls a URL, within 3 s or as long as `init.signal` says. A call that `givenUp` aborts says nothing about the waiting
 * room: whoever aborts requests of buyers must not open the gate.
 */
export type Call = (url: string, init: RequestInit, givenUp?: AbortSignal) => Promise<Response>

const CALL_TIMEOUT_MS = 3_000

/** The calls to the waiting room, and how they went. Calls to other hosts, which may have its keys, do not count. */
export interface Contact {
  readonly fetch: Call
  /** Calls in a row that failed until now. */
  failures: number
  /** One of the calls succeeded. */
  wasReached: boolean
  /** How long ago the last call began. */
  ageMs(): number
}

/** Makes all calls to the waiting room. A response below 500 is a sign of life, whatever it says. */
export function createContact(options: {
  readonly queueUrl: string
  now(): number
  fetch?(url: string, init: RequestInit): Promise<Response>
}): Contact {
  const { queueUrl, fetch: call = globalThis.fetch } = options
  const now = createSteadyClock(options.now)
  let triedAtMs = Number.NEGATIVE_INFINITY
  const contact: Contact = {
    failures: 0,
    wasReached: false,
    ageMs: () => now() - triedAtMs,
    fetch: async (url, init, givenUp) => {
      const limit = init.signal ?? AbortSignal.timeout(CALL_TIMEOUT_MS)
      const signal = givenUp === undefined ? limit : AbortSignal.any([limit, givenUp])
      const isOfRoom = url.startsWith(`${queueUrl}/`)
      if (isOfRoom) triedAtMs = now()
      let isAlive = false
      try {
        const response = await call(url, { redirect: 'manual', ...init, signal })
        isAlive = response.status < 500
        return response
      } finally {
        if (isOfRoom && (isAlive || givenUp?.aborted !== true)) {
          contact.failures = isAlive ? 0 : contact.failures + 1
          contact.wasReached ||= isAlive
        }
      }
    },
  }
  return contact
}
