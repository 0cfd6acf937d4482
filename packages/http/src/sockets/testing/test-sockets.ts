import { silentLogger } from '@floodgate/testkit/fixtures'
import { createClientAddressOf } from '../../requests/client-address.ts'
import { createSocketServer, type SocketServer, type SocketServerOptions } from '../socket-server.ts'

/** Creates a socket server without limits, unless a test sets some. */
export function createTestSockets<Session>(
  options: Pick<SocketServerOptions<Session>, 'route'> & Partial<SocketServerOptions<Session>>,
): SocketServer {
  return createSocketServer({
    allowedOrigins: [],
    limits: { socketsMax: 0, socketsPerAddressMax: 0, socketsPerTicketMax: 0 },
    clientAddressOf: createClientAddressOf({ trustedHops: 0 }),
    countLimited: () => undefined,
    log: silentLogger,
    ...options,
  })
}
