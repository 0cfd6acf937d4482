import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import {
  AppError,
  type ConnectionConfig,
  claimPort,
  connectionDefaults,
  portsCanBeShared,
  thisWorker,
} from '@floodgate/runtime'
import { newTraceparent, traceIdOf } from '@floodgate/tracing'
import { getRequestListener, type Http2Bindings, type HttpBindings, RequestError } from '@hono/node-server'
import type { TryFastPath } from '../fast-path/fast-path.ts'
import type { CountLimited } from '../limits/limits.ts'
import { createClientErrorHandler } from '../responses/client-errors.ts'
import { problemParts, toAppError } from '../responses/problem-response.ts'
import { securityFields } from '../responses/security-headers.ts'
import type { ConnectionLimits } from './connection-limits.ts'
import { createKeepAliveConnections, type KeepAliveConnections } from './keep-alive-connections.ts'

export interface Listening {
  readonly url: string
  readonly port: number
  /**
   * Stops listening at once, lets running requests end for `graceMs`, then cuts the rest. Waits for upgraded
   * connections: close the socket server at the same time.
   */
  close(graceMs: number): Promise<void>
}

/** `env` is what Hono's adapter adds, including Node's request: without it a limit cannot tell clients apart. */
type Fetch = (request: Request, env: HttpBindings | Http2Bindings) => Response | Promise<Response>
export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void

/** Interval of closing idle connections after the server stopped listening. */
const IDLE_LOOK_EVERY_MS = 50

const closeServer = async (server: Server, graceMs: number): Promise<void> => {
  const closed = Promise.withResolvers<void>()
  server.close(() => closed.resolve())
  server.closeIdleConnections()
  // Node closes them once: a connection whose response ends later would stay open until the grace ends.
  const looking = setInterval(() => server.closeIdleConnections(), IDLE_LOOK_EVERY_MS)
  const cut = setTimeout(() => server.closeAllConnections(), graceMs)
  await closed.promise
  clearInterval(looking)
  clearTimeout(cut)
}

/** Serves the requests that the fast path leaves to Hono. */
const requestListener = (
  { fetch, tryFastPath, publicUrl }: ListenOptions,
  keepAliveConnections: KeepAliveConnections,
): RequestListener => {
  const always = securityFields(publicUrl)
  // HTTP/1.0 has no `Host`, and health checks of load balancers still use it.
  const listener = getRequestListener(fetch, { hostname: 'localhost', errorHandler: rejectTarget })
  return function respond(request, response) {
    keepAliveConnections.trackResponse(response)
    if (request.httpVersion === '1.1' && request.headers.host === undefined) {
      const { status, headers, body } = problemOf(
        new AppError('invalid-request', { detail: 'There is no Host header.' }),
      )
      response.writeHead(status, [...Object.entries({ ...headers, connection: 'close' }), ...always].flat()).end(body)
      return
    }
    // `*` is the server as a whole (RFC 9110 §9.3.7). It is not a URL, and the adapter would reject it.
    if (request.method === 'OPTIONS' && request.url === '*') request.url = '/'
    if (tryFastPath?.(request, response) === true) return
    // The adapter itself responds to requests that never reach the app, such as one with an invalid target.
    for (const [name, value] of always) response.setHeader(name, value)
    void listener(request, response)
  }
}

/** Returns the problem of a request whose target or `Host` is invalid. */
function rejectTarget(cause: unknown): Response {
  const problem =
    cause instanceof RequestError ? new AppError('invalid-request', { detail: 'The address is no URL.', cause }) : cause
  const { status, headers, body } = problemOf(toAppError(problem))
  return new Response(body, { status, headers })
}

const problemOf = (error: AppError) => problemParts(error, { traceId: traceIdOf(newTraceparent()) ?? '' })

export interface ListenOptions {
  readonly fetch: Fetch
  /** Gets every request first (see `createFastPath`). */
  readonly tryFastPath?: TryFastPath
  readonly host: string
  readonly port: number
  readonly onUpgrade?: UpgradeHandler
  /**
   * Selects the upgrades to WebSocket for `onUpgrade`; the others are ordinary requests. All of them when undefined.
   */
  takesUpgrade?(request: IncomingMessage): boolean
  /** Number of listening sockets of this process on its port, where the system can share a port. */
  readonly acceptorsMax?: number
  /** Times and sizes; the documented defaults when undefined. `limits` covers the counts. */
  readonly connections?: ConnectionConfig
  readonly limits?: ConnectionLimits
  readonly countLimited?: CountLimited
  /** The URL of clients; with https every response carries HSTS. */
  readonly publicUrl?: string | undefined
}

/**
 * Listening sockets of one process on its port. libuv accepts one connection per socket and turn of the event loop
 * (libuv#3696): in a rush, when a turn takes long, thousands would wait at a single socket while connected clients are
 * served at once.
 */
const ACCEPTORS = 16
/** A flash sale is a connection storm: the default of 511 would drop SYNs. */
const BACKLOG = 4_096

/** Serves a Hono app over HTTP/1.1. Rejects when the port is taken. Port 0 picks a free one. */
export async function listen(options: ListenOptions): Promise<Listening> {
  const { host } = options
  const isWorker = thisWorker(process.env) !== undefined
  // Sockets that share a port do not notice another owner. The workers' primary has checked the port.
  if (portsCanBeShared && options.port !== 0 && !isWorker) await claimPort(options)
  const acceptors = portsCanBeShared ? (options.acceptorsMax ?? ACCEPTORS) : 1
  const keepAliveConnections = createKeepAliveConnections()
  const first = await openAcceptor({ ...options, keepAliveConnections }, options.port)
  const { port } = first.address() as AddressInfo
  const others = await Promise.all(
    Array.from({ length: acceptors - 1 }, () => openAcceptor({ ...options, keepAliveConnections }, port)),
  )
  const servers = [first, ...others]
  return {
    port,
    url: `http://${host === '0.0.0.0' ? '127.0.0.1' : host}:${port}`,
    async close(graceMs) {
      keepAliveConnections.closeIdle()
      await Promise.all(servers.map((server) => closeServer(server, graceMs)))
    },
  }
}

/** Interval of checking for requests that take too long to arrive; Node's default is half a minute. */
const LOOK_EVERY_MS = 1_000
const SECOND = 1_000

/**
 * Selects upgrades to WebSocket. An `Upgrade` is an offer that a server may ignore (RFC 9110 §7.8): `curl --http2` and
 * Java's `HttpClient` make one with every request, and any client can offer WebSocket to any path. Node cuts the
 * connection of an accepted upgrade without a handler. An upgrade with too many header fields is rejected as a request.
 */
const upgradesToWebSocket = ({ onUpgrade, takesUpgrade }: ListenOptions, headersMax: number) =>
  function isWebSocketUpgrade(request: IncomingMessage): boolean {
    if (onUpgrade === undefined || request.headers.upgrade?.toLowerCase() !== 'websocket') return false
    return request.rawHeaders.length <= 2 * headersMax && takesUpgrade?.(request) !== false
  }

const openAcceptor = async (
  options: ListenOptions & { readonly keepAliveConnections: KeepAliveConnections },
  port: number,
): Promise<Server> => {
  const { onUpgrade, host, limits, connections = connectionDefaults, countLimited } = options
  const serverOptions = {
    shouldUpgradeCallback: upgradesToWebSocket(options, connections.headersMax),
    // The listener itself rejects these with a problem.
    requireHostHeader: false,
    maxHeaderSize: connections.headersMaxBytes,
    keepAliveTimeout: connections.keepAliveSeconds * SECOND,
    headersTimeout: connections.headersSeconds * SECOND,
    requestTimeout: connections.requestSeconds * SECOND,
    connectionsCheckingInterval: LOOK_EVERY_MS,
  }
  const respond = requestListener(options, options.keepAliveConnections)
  const server = createServer(serverOptions, respond)
  // Node silently drops fields above the bound: one more is kept, so that the excess can be detected and rejected.
  server.maxHeadersCount = connections.headersMax + 1
  cutStalledResponses(server, connections.responseSeconds * SECOND, countLimited)
  // Ignores unknown expectations (RFC 9110 §10.1.1); Node would send 417 without a body.
  server.on('checkExpectation', respond)
  server.on('clientError', createClientErrorHandler({ countLimited, publicUrl: options.publicUrl }))
  if (limits !== undefined) server.on('connection', limits.admit)
  server.on('connection', options.keepAliveConnections.opened)
  if (onUpgrade) server.on('upgrade', onUpgrade)
  const listening = Promise.withResolvers<void>()
  server.once('error', listening.reject)
  server.listen({ host, port, backlog: BACKLOG, reusePort: portsCanBeShared }, () => listening.resolve())
  await listening.promise
  server.off('error', listening.reject)
  return server
}

/**
 * Cuts responses that stall, by Node's own connection timer. That timer also ends connections idle for
 * `keepAliveSeconds`, which are not counted.
 */
const cutStalledResponses = (server: Server, stalledMsMax: number, countLimited: CountLimited | undefined): void => {
  server.setTimeout(stalledMsMax, (socket: Socket & { _httpMessage?: ServerResponse | null }) => {
    if (socket._httpMessage) countLimited?.('response-time')
    socket.destroy()
  })
}
