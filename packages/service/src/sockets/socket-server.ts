import { type IncomingMessage, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { AppError } from '../app-error.ts'
import { problemBodyOf, toAppError } from '../http/problem-response.ts'
import { newTraceparent, traceIdOf } from '../trace-context.ts'
import { ServerSocket, type SocketConnection } from './connection.ts'
import { isOriginAllowed, socketToken } from './handshake.ts'
import { createHandshakes } from './handshakes.ts'

/** The subprotocol every socket speaks; a token may follow it as the second one. */
export const socketProtocol = 'floodgate.v1'

const payloadBytesMax = 4 * 1024
const pingEveryMs = 25_000
/** How long clients have to close when the server stops: a phone out of reach never does. */
const CLOSING_MS_MAX = 1_000
const RECONNECT_MS_MIN = 500
const RECONNECT_MS_MAX = 5_000
/** From the first close frame to the end of the connection, whether the client answers or not. */
const CLOSE_MS_MAX = 5_000

export interface SocketRoute<Session> {
  /** Whether this server answers the path; others get 404. */
  readonly matches: (pathname: string) => boolean
  /** Checks the bearer before the upgrade; throws an `AppError`, which is answered as an HTTP problem. */
  readonly authenticate: (request: {
    url: URL
    token: string | undefined
    cookie: string | undefined
  }) => Promise<Session>
  /** Called once per accepted socket. What it returns is called when the socket has closed. */
  readonly onOpen: (connection: SocketConnection, session: Session) => () => void
}

export interface SocketServer {
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
  readonly count: () => number
  /**
   * Refuses upgrades from now on (503), closes every socket with 1012 and a jittered pause until the client reconnects,
   * and destroys after `CLOSING_MS_MAX` whatever has not closed, handshakes included.
   */
  readonly close: () => Promise<void>
}

/** The refusal of an upgrade as an HTTP response: nothing else has been sent on the connection. */
function refusalOf(error: unknown, request: IncomingMessage): string {
  const problem = toAppError(error)
  const traceId = traceIdOf(request.headers.traceparent as string | undefined) ?? traceIdOf(newTraceparent()) ?? ''
  const body = JSON.stringify(problemBodyOf(problem, traceId))
  const headers = Object.entries(problem.headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return (
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ''}\r\ncontent-type: application/problem+json\r\n` +
    `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n${headers.join('')}\r\n${body}`
  )
}

function urlOf(request: IncomingMessage): URL {
  const path = request.url ?? '/'
  if (!URL.canParse(path, 'http://localhost')) throw new AppError('not-found')
  return new URL(path, 'http://localhost')
}

/**
 * A WebSocket server without compression, with a 4 KiB payload bound, an origin check, a token checked before the
 * upgrade, and one ping sweep for all sockets. The token comes from a cookie or as second subprotocol, never from the URL.
 */
export const createSocketServer = <Session>(options: {
  route: SocketRoute<Session>
  allowedOrigins: readonly string[]
}): SocketServer => {
  const server = new WebSocketServer<typeof ServerSocket>({
    noServer: true,
    WebSocket: ServerSocket,
    perMessageDeflate: false,
    // Spread, because the types of `ws` do not know it yet.
    ...{ closeTimeout: CLOSE_MS_MAX },
    maxPayload: payloadBytesMax,
    handleProtocols: (protocols) => (protocols.has(socketProtocol) ? socketProtocol : false),
  })
  const handshakes = createHandshakes()
  let isClosing = false
  const sweep = setInterval(() => {
    for (const socket of server.clients) {
      if (!socket.isAlive) socket.terminate()
      else socket.ping()
      socket.isAlive = false
    }
  }, pingEveryMs)
  sweep.unref()

  const refuseWhileClosing = () => {
    if (isClosing) throw new AppError('unavailable', { detail: 'This process is stopping.', retryAfterSeconds: 1 })
  }

  const accept = async (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    refuseWhileClosing()
    const url = urlOf(request)
    if (!options.route.matches(url.pathname)) throw new AppError('not-found')
    if (!isOriginAllowed(request.headers, options.allowedOrigins)) throw new AppError('origin-refused')
    const token = socketToken(request.headers['sec-websocket-protocol'], socketProtocol)
    const session = await options.route.authenticate({ url, token, cookie: request.headers.cookie })
    refuseWhileClosing()
    server.handleUpgrade(request, socket, head, (webSocket) => {
      handshakes.complete(socket)
      webSocket.listen()
      webSocket.onClosed = options.route.onOpen(webSocket, session)
    })
  }

  return {
    upgrade: (request, socket, head) => {
      if (!handshakes.begin(socket)) return
      accept(request, socket, head).catch((error: unknown) => handshakes.refuse(socket, refusalOf(error, request)))
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
