import { isWorkers, singleFlight } from '../single-flight.ts'
import type { Pass } from './pass.ts'

type Fetch = (url: string, init: RequestInit) => Promise<Response>

/** The waiting room's reply to a request for more time. */
export type Extension =
  | { readonly kind: 'extended'; readonly admission: string }
  /** Such as `extensions-used`, `extensions-off`, `no-turn`, `turn-has-order`. */
  | { readonly kind: 'refused'; readonly code: string }
  | { readonly kind: 'unavailable' }

/** The waiting room's reply to a slot that is given back. */
export type Return =
  | { readonly kind: 'finished' }
  | { readonly kind: 'refused'; readonly code: string }
  /** No attempt was confirmed. The slot returns at its deadline, or by another call. */
  | { readonly kind: 'unavailable' }

const CALL_TIMEOUT_MS = 3_000
const FINISH_PAUSES_MS = [0, 200, 800]
/** How old the last contact may be before a new one is tried. */
const CONTACT_MS = 5_000
const FAILURES_OF_DOWN = 2

export interface WaitingRoom {
  readonly fetch: Fetch
  extend(pass: Pass, number: number, signal?: AbortSignal): Promise<Extension>
  finish(pass: Pass, signal?: AbortSignal): Promise<Return>
  /** Tells whether the last calls failed. Tries again by itself, 5 s after the last contact. */
  isDown(): Promise<boolean>
}

/** Calls the waiting room, each time within 3 s, and notices when it does not respond. */
export function createWaitingRoom(options: {
  readonly queueUrl: string
  readonly probeUrl: string
  now(): number
  readonly fetch: Fetch | undefined
}): WaitingRoom {
  const { queueUrl, now } = options
  const call = options.fetch ?? globalThis.fetch
  let failures = 0
  let wasReached = false
  let triedAtMs = Number.NEGATIVE_INFINITY

  /** A response below 500 is a sign of life, whatever it says. */
  async function watched(url: string, init: RequestInit): Promise<Response> {
    triedAtMs = now()
    let isAlive = false
    try {
      const response = await call(url, { signal: AbortSignal.timeout(CALL_TIMEOUT_MS), redirect: 'manual', ...init })
      isAlive = response.status < 500
      return response
    } finally {
      failures = isAlive ? 0 : failures + 1
      wasReached ||= isAlive
    }
  }

  const probe = singleFlight(async function probeWaitingRoom() {
    await discard(await watched(options.probeUrl, {}))
  })

  async function post(
    { sale, token }: Pass,
    action: string,
    body: object | undefined,
    signal: AbortSignal | undefined,
  ) {
    const timeout = AbortSignal.timeout(CALL_TIMEOUT_MS)
    const headers = { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) }
    return watched(`${queueUrl}/sales/${sale}/admission/${action}`, {
      method: 'POST',
      headers,
      ...(body && { body: JSON.stringify(body) }),
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    })
  }

  return {
    fetch: watched,
    isDown: async () => {
      if (now() - triedAtMs >= CONTACT_MS) {
        const probed = probe()
        if (!wasReached || isWorkers()) await probed
      }
      return failures >= (wasReached ? FAILURES_OF_DOWN : 1)
    },
    extend: async (pass, number, signal) => {
      try {
        const response = await post(pass, 'extension', { number }, signal)
        const body = await readJson(response)
        if (response.status === 200 && typeof body.admission === 'string')
          return { kind: 'extended', admission: body.admission }
        return isFinal(response.status) ? { kind: 'refused', code: codeOf(body) } : { kind: 'unavailable' }
      } catch {
        return { kind: 'unavailable' }
      }
    },
    finish: async (pass, signal) => {
      for (const pauseMs of FINISH_PAUSES_MS) {
        if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs))
        if (signal?.aborted) break
        try {
          const response = await post(pass, 'finished', undefined, signal)
          const body = await readJson(response)
          if (response.status === 204) return { kind: 'finished' }
          if (isFinal(response.status)) return { kind: 'refused', code: codeOf(body) }
        } catch {
          // Tried again: giving a slot back twice is giving it back once.
        }
      }
      return { kind: 'unavailable' }
    },
  }
}

const isFinal = (status: number) => status >= 400 && status < 500 && status !== 429 && status !== 408

const codeOf = (body: Readonly<Record<string, unknown>>) =>
  typeof body.code === 'string' ? body.code : 'invalid-response'

/** Reads a JSON object; an empty one for anything else. */
async function readJson(response: Response): Promise<Readonly<Record<string, unknown>>> {
  const body: unknown = await response.json().catch(() => undefined)
  return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {}
}

async function discard(response: Response): Promise<void> {
  await response.body?.cancel()
}
