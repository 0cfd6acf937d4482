import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { getRequestListener } from '@hono/node-server'
import { sharesPort } from '../workers/shared-port.ts'
import type { TakeRequest } from './hot-routes.ts'

export interface Listening {
  readonly url: string
  readonly port: number
  /** Stops taking connections, lets running requests end for `graceMs`, then cuts what is left. */
  close(graceMs: number): Promise<void>
}

type Fetch = (request: Request) => Response | Promise<Response>
export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void

const closeServer = async (server: Server, graceMs: number): Promise<void> => {
  const closed = Promise.withResolvers<void>()
  server.close(() => closed.resolve())
  server.closeIdleConnections()
  const cut = setTimeout(() => server.closeAllConnections(), graceMs)
  await closed.promise
  clearTimeout(cut)
}

/** Hono answers what the hot routes leave to it. */
const requestListener = (fetch: Fetch, takeRequest: TakeRequest | undefined): RequestListener => {
  const answer = getRequestListener(fetch)
  if (takeRequest === undefined) return answer
  return function answerRequest(request, response) {
    // The adapter answers whatever goes wrong by itself.
    if (!takeRequest(request, response)) void answer(request, response)
  }
}

/** Serves a Hono app over HTTP/1.1. Rejects when the port is taken. Port 0 picks a free one. */
export const listen = async (options: {
  fetch: Fetch
  /** Is offered every request first (see `createHotRoutes`). */
  takeRequest?: TakeRequest
  host: string
  port: number
  onUpgrade?: UpgradeHandler
}): Promise<Listening> => {
  const server = createServer({ keepAliveTimeout: 65_000 }, requestListener(options.fetch, options.takeRequest))
  if (options.onUpgrade) server.on('upgrade', options.onUpgrade)
  const listening = Promise.withResolvers<void>()
  server.once('error', listening.reject)
  // A flash sale is a connection storm: the default backlog of 511 would drop SYNs.
  server.listen({ host: options.host, port: options.port, backlog: 4_096, reusePort: sharesPort() }, () =>
    listening.resolve(),
  )
  await listening.promise
  server.off('error', listening.reject)
  const { port } = server.address() as AddressInfo
  return {
    port,
    url: `http://${options.host === '0.0.0.0' ? '127.0.0.1' : options.host}:${port}`,
    close: (graceMs) => closeServer(server, graceMs),
  }
}
