import { setTimeout as delay } from 'node:timers/promises'

type Answer = { readonly status: number; readonly body: unknown }
type Request = { readonly headers?: Readonly<Record<string, string>>; readonly body?: object }

const ANSWER_MS_MAX = 10_000
const RETRY_MS = 500
const ATTEMPTS_MAX = 120

export type Caller = { call(method: string, path: string, request?: Request): Promise<Answer> }

/**
 * A patient client: it goes to the replicas in turn, and repeats what failed on the way or was answered 5xx or 429.
 * Every request of a buyer may be repeated: a join and an order carry their key.
 */
export function createCaller(urls: readonly string[], signal: AbortSignal): Caller {
  let turn = 0
  return {
    async call(method, path, request = {}) {
      for (let attempt = 1; ; attempt += 1) {
        const url = urls[turn++ % urls.length]
        const answer = await attemptCall(method, `${url}${path}`, request, signal)
        if (answer !== undefined) return answer
        if (attempt === ATTEMPTS_MAX) throw new Error(`${method} ${path}: no answer after ${ATTEMPTS_MAX} attempts.`)
        await delay(RETRY_MS, undefined, { signal })
      }
    },
  }
}

async function attemptCall(
  method: string,
  url: string,
  request: Request,
  signal: AbortSignal,
): Promise<Answer | undefined> {
  try {
    const response = await fetch(url, {
      method,
      headers: { ...request.headers, ...(request.body === undefined ? {} : { 'content-type': 'application/json' }) },
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS_MAX)]),
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
    })
    const text = await response.text()
    if (response.status >= 500 || response.status === 429) return undefined
    return { status: response.status, body: text === '' ? undefined : (JSON.parse(text) as unknown) }
  } catch {
    signal.throwIfAborted()
    // The process was killed or is starting again: the next attempt goes to another one.
    return undefined
  }
}
