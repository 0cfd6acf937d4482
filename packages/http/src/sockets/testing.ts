import type { Logger } from '@floodgate/runtime'
import { createClientAddressOf } from '../requests/client-address.ts'
import { createSocketServer, type SocketServer, type SocketServerOptions } from './socket-server.ts'

const log: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => log }

/** A socket server without limits, unless a test sets some. */
export const createTestSockets = <Session>(
  options: Pick<SocketServerOptions<Session>, 'route'> & Partial<SocketServerOptions<Session>>,
): SocketServer =>
  createSocketServer({
    allowedOrigins: [],
    limits: { socketsMax: 0, socketsPerAddressMax: 0, socketsPerTicketMax: 0 },
    clientAddressOf: createClientAddressOf({ trustedHops: 0 }),
    countLimited: () => undefined,
    log,
    ...options,
  })
