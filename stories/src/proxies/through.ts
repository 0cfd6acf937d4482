import type { IncomingHttpHeaders } from 'node:http'
import { request } from 'node:https'
import { buffer } from 'node:stream/consumers'
import { WebSocket } from 'ws'

export interface Through {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  /** One of this machine's 127.0.0.x: the client address that the proxy sees. */
  readonly from?: string
}

export interface Reply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** As received, compressed or not. */
  readonly body: Buffer
}

const RESPONSE_MS_MAX = 60_000

/** Sends one request over TLS, on a new connection. */
export function through(origin: string, path: string, { method = 'GET', headers, from }: Through = {}): Promise<Reply> {
  const reply = Promise.withResolvers<Reply>()
  const sent = request(
    `${origin}${path}`,
    {
      method,
      agent: false,
      ...(headers !== undefined && { headers }),
      ...(from !== undefined && { localAddress: from, family: 4 }),
      signal: AbortSignal.timeout(RESPONSE_MS_MAX),
    },
    (response) => {
      buffer(response).then(
        (body) => reply.resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
        reply.reject,
      )
    },
  )
  sent.once('error', reply.reject)
  sent.end()
  return reply.promise
}

/** Returns the status of an upgrade from a page of `origin`; 101 for a socket that opens. */
export function upgradeStatus(url: string, token: string, origin: string): Promise<number> {
  const socket = new WebSocket(url.replace(/^http/, 'ws'), ['floodgate.v1', token], { origin })
  const status = Promise.withResolvers<number>()
  socket.once('open', () => {
    status.resolve(101)
    socket.terminate()
  })
  socket.once('unexpected-response', (_, response) => {
    status.resolve(response.statusCode ?? 0)
    socket.terminate()
  })
  socket.on('error', (error) => status.reject(error))
  return status.promise
}
