import type { HttpClient } from './http-client.ts'
import type { CrowdObserver, Operation } from './observer.ts'
import type { Pause } from './pause.ts'

export interface CallResponse {
  readonly status: number
  readonly body: unknown
  readonly retryAfterSeconds: number | undefined
}

export interface Call {
  readonly operation: Operation
  readonly method: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

/** Calls one service until it responds. */
export interface Caller {
  call(call: Call): Promise<CallResponse>
  /** Returns the URL of the next replica. */
  nextUrl(): string
}

const SECOND = 1_000
const RETRY_MS = 500
const RETRY_MS_MAX = 5 * SECOND
const ATTEMPTS_MAX = 120

/**
 * Creates a retrying client: it uses the replicas in turn, and repeats requests that were lost or got 5xx or 429. Every
 * request of a buyer may be repeated, since a join and an order carry their key. Reports every attempt to the observer.
 */
export function createCaller(
  urls: readonly string[],
  around: { readonly client: HttpClient; readonly observer: CrowdObserver; readonly pause: Pause },
): Caller {
  const { client, observer, pause } = around
  let turn = 0
  const nextUrl = (): string => urls[turn++ % urls.length] ?? ''

  async function attempt(call: Call): Promise<CallResponse | { readonly tryAgainMs: number }> {
    const { operation, path, ...request } = call
    const askedAt = performance.now()
    try {
      const response = await client.ask({ ...request, url: `${nextUrl()}${path}` })
      const { status, body, retryAfterSeconds } = response
      observer.onResponse?.({ operation, status, ms: performance.now() - askedAt })
      if (status >= 500 || status === 429) {
        return { tryAgainMs: Math.min(RETRY_MS_MAX, (retryAfterSeconds ?? 0) * SECOND || RETRY_MS) }
      }
      return { status, body: parseOrNothing(body), retryAfterSeconds }
    } catch {
      // The process was killed or is restarting: the next attempt uses another one.
      observer.onResponse?.({ operation, status: undefined, ms: performance.now() - askedAt })
      return { tryAgainMs: RETRY_MS }
    }
  }

  return {
    nextUrl,
    async call(call) {
      for (let attempts = 1; ; attempts += 1) {
        const response = await attempt(call)
        if ('status' in response) return response
        if (attempts === ATTEMPTS_MAX) {
          throw new Error(`${call.method} ${call.path}: no response after ${ATTEMPTS_MAX} attempts.`)
        }
        await pause(response.tryAgainMs)
      }
    },
  }
}

function parseOrNothing(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}
