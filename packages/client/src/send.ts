/** What a request has besides its method and path. */
export interface Outgoing {
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON. */
  readonly body?: unknown
  /** Sent as it is: for bodies that are no JSON. */
  readonly raw?: string
  readonly signal?: AbortSignal | undefined
}

/** A response as it came, whatever it is. */
export interface Received {
  /** `POST http://…/orders`, for messages. */
  readonly request: string
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** How often the request was sent until this response came. */
  readonly attempts: number
}

/** Sends a request to an app and reads the whole response. Throws when there is none. */
export type Send = (method: string, path: string, outgoing?: Outgoing) => Promise<Received>

export interface SendOptions {
  /** Of the app's replicas, called in turn; with or without a slash in the end. */
  readonly urls: readonly string[]
  /** Of one response. */
  readonly msMax: number
  readonly fetch?: typeof globalThis.fetch
}

/** Follows no redirect: an operator's token goes nowhere but where it was sent. */
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
