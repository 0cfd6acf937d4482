/** The parts of a request besides its method and path. */
export interface Outgoing {
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON. */
  readonly body?: unknown
  /** Sent unchanged, for bodies that are not JSON. */
  readonly raw?: string
  readonly signal?: AbortSignal | undefined
}

/** A response as received. */
export interface Received {
  /** `POST http://…/orders`, for messages. */
  readonly request: string
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** How often the request was sent until this response. */
  readonly attempts: number
}

/** Sends a request to an app and reads the whole response. Throws without a response. */
export type Send = (method: string, path: string, outgoing?: Outgoing) => Promise<Received>

export interface SendOptions {
  /** The app's replicas, used in turn, with or without a trailing slash. */
  readonly urls: readonly string[]
  /** The time limit of one response. */
  readonly msMax: number
  readonly fetch?: typeof globalThis.fetch
}

/** Follows no redirect, so that the admin token is sent only to the given URLs. */
export function createSend({ urls, msMax, fetch = globalThis.fetch }: SendOptions): Send {
  let turn = Math.floor(Math.random() * urls.length)
  return async function send(method, path, { headers, body, raw, signal } = {}) {
    turn += 1
    const url = `${urls[turn % urls.length]?.replace(/\/+$/, '')}${path}`
    const content = raw ?? (body === undefined ? undefined : JSON.stringify(body))
    const limit = AbortSignal.timeout(msMax)
    const response = await fetch(url, {
      method,
      redirect: 'manual',
      headers: { ...(content !== undefined && { 'content-type': 'application/json' }), ...headers },
      signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
      ...(content !== undefined && { body: content }),
    })
    const { status } = response
    return { request: `${method} ${url}`, status, headers: response.headers, text: await response.text(), attempts: 1 }
  }
}
