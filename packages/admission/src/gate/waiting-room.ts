import { CALL_TIMEOUT_MS, type Call } from './contact.ts'
import type { Pass } from './pass.ts'

/** The waiting room's reply to a request for more time. */
export type Extension =
  | { readonly kind: 'extended'; readonly admission: string }
  /** Such as `extensions-used`, `extensions-off`, `no-turn`, `turn-has-order`. */
  | { readonly kind: 'rejected'; readonly code: string }
  | { readonly kind: 'unavailable' }

/** The waiting room's reply to a slot that is given back. */
export type Return =
  | { readonly kind: 'finished' }
  | { readonly kind: 'rejected'; readonly code: string }
  /** No attempt was confirmed. The slot returns at its deadline, or by another call. */
  | { readonly kind: 'unavailable' }

const FINISH_PAUSES_MS = [0, 200, 800]

export interface WaitingRoom {
  extend(pass: Pass, number: number, signal?: AbortSignal): Promise<Extension>
  finish(pass: Pass, signal?: AbortSignal): Promise<Return>
}

/** Calls the waiting room about one turn. */
export function createWaitingRoom({
  queueUrl,
  fetch,
}: {
  readonly queueUrl: string
  readonly fetch: Call
}): WaitingRoom {
  async function post(
    { sale, token }: Pass,
    action: string,
    body: object | undefined,
    signal: AbortSignal | undefined,
  ) {
    const headers = { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) }
    const timeout = AbortSignal.timeout(CALL_TIMEOUT_MS)
    const init = {
      method: 'POST',
      headers,
      ...(body && { body: JSON.stringify(body) }),
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    }
    return fetch(`${queueUrl}/sales/${sale}/admission/${action}`, init, signal)
  }

  return {
    extend: async (pass, number, signal) => {
      try {
        const response = await post(pass, 'extension', { number }, signal)
        const body = await readJson(response)
        if (response.status === 200 && typeof body.admission === 'string')
          return { kind: 'extended', admission: body.admission }
        return isFinal(response.status) ? { kind: 'rejected', code: codeOf(body) } : { kind: 'unavailable' }
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
          if (isFinal(response.status)) return { kind: 'rejected', code: codeOf(body) }
        } catch {
          // Retried: giving a slot back twice equals once.
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
