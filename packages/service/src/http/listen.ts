import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { getRequestListener, type Http2Bindings, type HttpBindings } from '@hono/node-server'
import { thisWorker } from '../workers/identity.ts'
import type { TakeRequest } from './hot-routes.ts'
import { claimPort, portsCanBeShared } from './shared-port.ts'

export interface Listening {
  readonly url: string
  readonly port: number
  /**
   * Stops listening at once, lets running requests end for `graceMs`, then cuts what is left. Upgraded connections are
   * waited for: close the socket server at the same time.
   */
  close(graceMs: number): Promise<void>
}

/** `env` is what Hono's adapter adds, Node's request among it: without it a limit cannot tell clients apart. */
type Fetch = (request: Request, env: HttpBindings | Http2Bindings) => Response | Promise<Response>
export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void

/** How often connections are looked at that have become idle since the server stopped listening. */
const IDLE_LOOK_EVERY_MS = 50

const closeServer = async (server: Server, graceMs: number): Promise<void> => {
  const closed = Promise.withResolvers<void>()
  server.close(() => closed.resolve())
  server.closeIdleConnections()
  // Node looks once: a connection whose response ends later would be kept alive until the grace is over.
  const looking = setInterval(() => server.closeIdleConnections(), IDLE_LOOK_EVERY_MS)
  const cut = setTimeout(() => server.closeAllConnections(), graceMs)
  await closed.promise
  clearInterval(looking)
  clearTimeout(cut)
}

/** Hono answers what the hot routes leave to it. */
const requestListener = (fetch: Fetch, takeRequest: TakeRequest | undefined): RequestListener => {
  // HTTP/1.0 knows no `Host`, and health checks of balancers still speak it. HTTP/1.1 without one is 400 by Node.
  const answer = getRequestListener(fetch, { hostname: 'localhost' })
  if (takeRequest === undefined) return answer
  return function answerRequest(request, response) {
    // The adapter answers whatever goes wrong by itself.
    if (!takeRequest(request, response)) void answer(request, response)
  }
}

export interface ListenOptions {
  readonly fetch: Fetch
  /** Is offered every request first (see `createHotRoutes`). */
  readonly takeRequest?: TakeRequest
  readonly host: string
  readonly port: number
  readonly onUpgrade?: UpgradeHandler
  /** Listening sockets of this process on its port, where the system can share one. */
  readonly acceptorsMax?: number
}

/**
 * Sockets of one process on its port. libuv takes one connection per socket and turn of the event loop (libuv#3696): in
 * a rush, when a turn takes long, thousands would wait at a single door while those inside are served at once.
 */
const ACCEPTORS = 16
/** A flash sale is a connection storm: the default of 511 would drop SYNs. */
const backlog = 4_096

/** Serves a Hono app over HTTP/1.1. Rejects when the port is taken. Port 0 picks a free one. */
export const listen = async (options: ListenOptions): Promise<Listening> => {
  const { host } = options
  const isWorker = thisWorker(process.env) !== undefined
  // Sockets that share do not notice that somebody else has the port. Workers' primary has looked.
  if (portsCanBeShared && options.port !== 0 && !isWorker) await claimPort(options)
  const acceptors = portsCanBeShared ? (options.acceptorsMax ?? ACCEPTORS) : 1
  const first = await openAcceptor(options, options.port)
  const { port } = first.address() as AddressInfo
  const others = await Promise.all(Array.from({ length: acceptors - 1 }, () => openAcceptor(options, port)))
  const servers = [first, ...others]
  return {
    port,
    url: `http://${host === '0.0.0.0' ? '127.0.0.1' : host}:${port}`,
    close: async (graceMs) => void (await Promise.all(servers.map((server) => closeServer(server, graceMs)))),
  }
}

/**
 * A client that stops half-way in its request gives the connection back: one that never sends its head would hold a
 * descriptor for a minute by Node's defaults, which look at all connections every half minute.
 */
const HEAD_MS_MAX = 5_000
const REQUEST_MS_MAX = 30_000
const LOOK_EVERY_MS = 1_000

/**
 * An `Upgrade` to anything else than WebSocket is an offer that a server may ignore (RFC 9110 §7.8): `curl --http2` and
 * Java's `HttpClient` make it with every request.
 */
function isWebSocketUpgrade({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket'
}

const openAcceptor = async ({ fetch, takeRequest, onUpgrade, host }: ListenOptions, port: number): Promise<Server> => {
  const serverOptions = {
    shouldUpgradeCallback: isWebSocketUpgrade,
    keepAliveTimeout: 65_000,
    headersTimeout: HEAD_MS_MAX,
    requestTimeout: REQUEST_MS_MAX,
    connectionsCheckingInterval: LOOK_EVERY_MS,
  }
  const server = createServer(serverOptions, requestListener(fetch, takeRequest))
  if (onUpgrade) server.on('upgrade', onUpgrade)
  const listening = Promise.withResolvers<void>()
  server.once('error', listening.reject)
  server.listen({ host, port, backlog, reusePort: portsCanBeShared }, () => listening.resolve())
  await listening.promise
  server.off('error', listening.reject)
  return server
}
