import { Agent } from 'undici'

export interface JsonCall {
  readonly method: 'GET' | 'POST'
  readonly headers?: Readonly<Record<string, string>>
  /** JSON. */
  readonly body?: string
  readonly signal: AbortSignal
  /** Maximum size of a response; a longer one fails. Default 256 KiB. */
  readonly responseBytesMax?: number
}

export interface JsonResponse {
  readonly status: number
  /** Undefined when it is not JSON. */
  readonly body: unknown
  /** The header `Retry-After`. */
  readonly retryAfter?: string | undefined
}

export type CallJson = (url: URL, call: JsonCall) => Promise<JsonResponse>

const RESPONSE_BYTES_MAX = 256 * 1024

/**
 * Calls a provider over kept connections. Rejects like `fetch`: with the network's error (see its `code`), or when the
 * signal aborts. Follows no redirect: money goes where the configuration says.
 *
 * Uses undici's `request`, not `fetch`: for a small JSON call `fetch` takes four times the CPU, 360 instead of 95 µs;
 * `node:http` takes 135 µs (Node 24, 64 calls at once, 2026-11; ADR 0045).
 */
export function createCallJson(): CallJson {
  const agent = new Agent()
  return async function callJson(url, call) {
    const { origin, pathname, search } = url
    const { method, body = null, signal, responseBytesMax = RESPONSE_BYTES_MAX } = call
    const headers = { ...basicAuthOf(url), ...call.headers }
    const response = await agent.request({ origin, path: pathname + search, method, headers, body, signal })
    const chunks: Buffer[] = []
    let bytes = 0
    for await (const chunk of response.body as AsyncIterable<Buffer>) {
      bytes += chunk.length
      // Leaving the loop destroys the connection.
      if (bytes > responseBytesMax) throw new Error(`the response is longer than ${responseBytesMax} bytes`)
      chunks.push(chunk)
    }
    const retryAfter = [response.headers['retry-after']].flat()[0]
    return { status: response.statusCode, body: parsed(Buffer.concat(chunks)), retryAfter }
  }
}

/** Returns the user and password of a URL as a header (RFC 7617), which undici leaves out. */
function basicAuthOf({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {}
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` }
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    return undefined
  }
}
