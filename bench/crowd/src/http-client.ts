import http from 'node:http'
import https from 'node:https'

export type HttpRequest = {
  readonly method: string
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: object
}

export type HttpAnswer = {
  readonly status: number
  readonly body: string
  readonly retryAfterSeconds: number | undefined
}

export type HttpClient = {
  /** Rejects when there is no answer, not even a bad one, within ten seconds. */
  ask(request: HttpRequest): Promise<HttpAnswer>
  close(): void
}

const ANSWER_MS_MAX = 10_000
const BODY_BYTES_MAX = 1024 ** 2

/**
 * One keep-alive client for a whole crowd. Its sockets are bounded, since thousands of buyers who ask now and then need
 * few connections; who finds all of them busy waits for one, and that wait counts as a part of the answer's time.
 */
export function createHttpClient(connections: number): HttpClient {
  const options = { keepAlive: true, maxSockets: connections, scheduling: 'fifo' } as const
  const agents = { 'http:': new http.Agent(options), 'https:': new https.Agent(options) }
  return {
    ask({ method, url, headers, body }) {
      const address = new URL(url)
      const { request, agent } =
        address.protocol === 'https:'
          ? { request: https.request, agent: agents['https:'] }
          : { request: http.request, agent: agents['http:'] }
      const text = body === undefined ? undefined : JSON.stringify(body)
      return new Promise((resolve, reject) => {
        const asked = request(address, {
          method,
          agent,
          headers: {
            ...headers,
            ...(text === undefined
              ? {}
              : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
          },
        })
        const timer = setTimeout(() => asked.destroy(new Error(`No answer within ${ANSWER_MS_MAX} ms.`)), ANSWER_MS_MAX)
        asked.once('close', () => clearTimeout(timer))
        asked.once('error', reject)
        asked.once('response', (response) => {
          readBody(response).then(
            (answer) =>
              resolve({
                status: response.statusCode ?? 0,
                body: answer,
                retryAfterSeconds: secondsOf(response.headers['retry-after']),
              }),
            reject,
          )
        })
        asked.end(text)
      })
    },
    close() {
      agents['http:'].destroy()
      agents['https:'].destroy()
    },
  }
}

function readBody(response: http.IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    response.setEncoding('utf8')
    response.on('data', (chunk: string) => {
      text += chunk
      if (text.length > BODY_BYTES_MAX) response.destroy(new Error('The answer is too large.'))
    })
    response.once('end', () => resolve(text))
    response.once('error', reject)
    response.once('aborted', () => reject(new Error('The answer broke off.')))
  })
}

const secondsOf = (header: string | undefined): number | undefined => {
  const seconds = Number(header)
  return header === undefined || !Number.isFinite(seconds) || seconds < 0 ? undefined : seconds
}
