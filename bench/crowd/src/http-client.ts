import { Agent } from 'undici'

export interface HttpRequest {
  readonly method: string
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

export interface HttpResponse {
  readonly status: number
  readonly body: string
  readonly retryAfterSeconds: number | undefined
}

export interface HttpClient {
  /** Rejects when there is no response at all within ten seconds. */
  ask(request: HttpRequest): Promise<HttpResponse>
  close(): void
}

const RESPONSE_MS_MAX = 10_000
const BODY_BYTES_MAX = 1024 ** 2

/**
 * Creates one keep-alive client for a whole crowd. Its connections are bounded, since thousands of buyers who poll now
 * and then need few of them; a caller who finds all of them busy waits for one, and that wait counts towards the
 * response time.
 */
export function createHttpClient(connections: number): HttpClient {
  const agent = new Agent({ connections, maxResponseSize: BODY_BYTES_MAX })
  return {
    async ask({ method, url, headers, body }) {
      const { origin, pathname, search } = new URL(url)
      const response = await agent.request({
        ...{ origin, path: pathname + search, method },
        headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
        body: body === undefined ? null : JSON.stringify(body),
        signal: AbortSignal.timeout(RESPONSE_MS_MAX),
      })
      return {
        status: response.statusCode,
        body: await response.body.text(),
        retryAfterSeconds: secondsOf(response.headers['retry-after']),
      }
    },
    close: () => void agent.destroy(),
  }
}

function secondsOf(header: string | string[] | undefined): number | undefined {
  const seconds = Number(header)
  return header === undefined || !Number.isFinite(seconds) || seconds < 0 ? undefined : seconds
}
