import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { AppError, type Logger, type SocketLimits } from '@floodgate/runtime'
import { newTraceparent, traceIdOf } from '@floodgate/tracing'
import { WebSocketServer } from 'ws'
import type { CountLimited } from '../limits/limits.ts'
import type { ClientAddressOf } from '../requests/client-address.ts'
import { rawProblem } from '../responses/client-errors.ts'
import { toAppError } from '../responses/problem-response.ts'
import { createInTime } from '../responses/respond-in-time.ts'
import { securityFields } from '../responses/security-headers.ts'
import { ServerSocket, type SocketConnection } from './connection.ts'
import { isOriginAllowed, socketToken } from './handshake.ts'
import { createHandshakes } from './handshakes.ts'
import { createSocketClaims } from './socket-claims.ts'

/** The subprotocol of every socket; a token may follow it as the second one. */
export const socketProtocol = 'floodgate.v1'

const PAYLOAD_BYTES_MAX = 4 * 1024
/** Interval of pings. A client that responds to none is cut off after one to two of these (ADR 0021). */
const PING_EVERY_MS = 25_000
/** Time that clients have to close when the server stops: an unreachable phone never closes. */
const CLOSING_MS_MAX = 1_000
const RECONNECT_MS_MIN = 500
const RECONNECT_MS_MAX = 5_000
/** Time limit from the first close frame to the end of the connection, whether or not the client responds. */
const CLOSE_MS_MAX = 5_000

export interface SocketRoute<Session> {
  /** Tells whether this path has sockets. */
  matches(pathname: string): boolean
  /** Authenticates the client before the upgrade; throws an `AppError`, which becomes an HTTP problem. */
  authenticate(request: { url: URL; token: string | undefined; cookie: string | undefined }): Promise<Session>
  /** Returns the owner of the socket, who may have `socketsPerTicketMax`; undefined for a socket that anybody may open. */
  holderOf(session: Session): string | undefined
  /** Called once per accepted socket. Returns the function to call when the socket has closed. */
  onOpen(connection: SocketConnection, session: Session): () => void
}

export interface SocketServerOptions<Session> {
  readonly route: SocketRoute<Session>
  readonly allowedOrigins: readonly string[]
  /** The URL that buyers use: its origin is accepted, whatever `Host` a proxy sends. */
  readonly publicUrl?: string
  /** `answerMsMax`: time limit of `authenticate`, after which the upgrade is rejected with 503. Default: no limit. */
  readonly limits: SocketLimits & { readonly ipv6SiteFactor?: number; readonly answerMsMax?: number }
  readonly clientAddressOf: ClientAddressOf
  readonly countLimited: CountLimited
  readonly log: Logger
  /** Default 25 s. */
  readonly pingEveryMs?: number
}

export interface SocketServer {
  /**
   * Tells whether a request that offers an upgrade is for a socket: a `GET` of its path. Any other is an ordinary
   * request.
   */
  takes(request: Pick<IncomingMessage, 'method' | 'url'>): boolean
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
  /** Rejects an upgrade as `upgrade` would, with the caller's reason. */
  reject(request: IncomingMessage, socket: Duplex, error: AppError): void
  count(): number
  /**
   * Rejects upgrades from now on (503), closes every socket with 1012 and a jittered reconnect pause, and after
   * `CLOSING_MS_MAX` destroys whatever has not closed, handshakes included.
   */
  close(): Promise<void>
}

const traceparentOf = ({ headers }: IncomingMessage): string => {
  const { traceparent } = headers
  return newTraceparent(typeof traceparent === 'string' ? traceIdOf(traceparent) : undefined)
}

const urlOf = ({ url = '/' }: Pick<IncomingMessage, 'url'>): URL | null => URL.parse(url, 'http://localhost')

/**
 * Creates a WebSocket server without compression, with a 4 KiB payload bound, an origin check, a token check before the
 * upgrade, and one ping sweep for all sockets. The token comes from a cookie or as second subprotocol, never from the
 * URL.
 */
export function createSocketServer<Session>(options: SocketServerOptions<Session>): SocketServer {
  const { route, limits, clientAddressOf, countLimited, log } = options
  const origins = options.publicUrl === undefined ? [] : [new URL(options.publicUrl).origin]
  const allowedOrigins = new Set([...origins, ...options.allowedOrigins])
  const server = new WebSocketServer<typeof ServerSocket>({
    noServer: true,
    WebSocket: ServerSocket,
    perMessageDeflate: false,
    // Spread, because the types of `ws` lack it.
    ...{ closeTimeout: CLOSE_MS_MAX },
    maxPayload: PAYLOAD_BYTES_MAX,
    handleProtocols: (protocols) => (protocols.has(socketProtocol) ? socketProtocol : false),
  })
  const handshakes = createHandshakes()
  const inTime = createInTime({ answerMsMax: limits.answerMsMax ?? 0, countLimited })
  const always = securityFields(options.publicUrl)
  const claims = createSocketClaims(limits, countLimited)
  let isClosing = false
  const sweep = setInterval(() => {
    for (const socket of server.clients) {
      if (!socket.isAlive) socket.terminate()
      else socket.ping()
      socket.isAlive = false
    }
  }, options.pingEveryMs ?? PING_EVERY_MS)
  sweep.unref()

  const rejectWhileClosing = () => {
    if (isClosing) throw new AppError('unavailable', { detail: 'This process is stopping.', retryAfterSeconds: 1 })
  }

  const accept = async (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    rejectWhileClosing()
    const url = urlOf(request)
    if (url === null || !route.matches(url.pathname)) throw new AppError('not-found')
    if (!isOriginAllowed(request.headers, allowedOrigins)) throw new AppError('origin-refused')
    claims.claim(socket, clientAddressOf(request))
    const token = socketToken(request.headers['sec-websocket-protocol'], socketProtocol)
    const session = await inTime(route.authenticate({ url, token, cookie: request.headers.cookie }))
    rejectWhileClosing()
    const holder = route.holderOf(session)
    if (holder !== undefined) claims.claimHolder(socket, holder)
    server.handleUpgrade(request, socket, head, (webSocket) => {
      handshakes.complete(socket)
      webSocket.listen()
      webSocket.onClosed = route.onOpen(webSocket, session)
    })
  }

  const reject = (request: IncomingMessage, socket: Duplex, error: unknown) => {
    const problem = toAppError(error)
    const traceparent = traceparentOf(request)
    if (problem.status >= 500) log.warn({ traceId: traceIdOf(traceparent), error }, 'upgrade failed')
    const acceptLanguage = request.headers['accept-language']
    handshakes.reject(socket, rawProblem(problem, { always, traceparent, acceptLanguage }))
  }

  return {
    takes(request) {
      const url = urlOf(request)
      return request.method === 'GET' && url !== null && route.matches(url.pathname)
    },
    upgrade: (request, socket, head) => {
      if (!handshakes.begin(socket)) return
      accept(request, socket, head).catch((error: unknown) => reject(request, socket, error))
    },
    reject: (request, socket, error) => {
      if (handshakes.begin(socket)) reject(request, socket, error)
    },
    count: () => server.clients.size,
    close: async () => {
      isClosing = true
      clearInterval(sweep)
      const sockets = [...server.clients]
      const closed = sockets.map((socket) => {
        const gone = Promise.withResolvers<void>()
        socket.once('close', () => gone.resolve())
        const jitterMs = Math.floor(Math.random() * (RECONNECT_MS_MAX - RECONNECT_MS_MIN))
        socket.close(1012, JSON.stringify({ reconnectAfterMs: RECONNECT_MS_MIN + jitterMs }))
        return gone.promise
      })
      const cut = setTimeout(() => {
        for (const socket of sockets) socket.terminate()
      }, CLOSING_MS_MAX)
      await Promise.all(closed)
      clearTimeout(cut)
      handshakes.close()
      server.close()
    },
  }
}
