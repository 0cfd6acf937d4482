import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** Node's connection, and the response in progress on it. */
type HttpSocket = Socket & { readonly _httpMessage?: ServerResponse | null }

/** The connections of a server that is about to close. */
export interface KeepAliveConnections {
  opened(socket: Socket): void
  trackResponse(response: ServerResponse): void
  /** Adds `Connection: close` to every response from now on, also to those in progress. */
  closeIdle(): void
}

/**
 * Tracks open connections. A proxy that reads `Connection: close` sends nothing more on that connection. Without it,
 * its next request may meet a closing connection, and the buyer gets 502.
 */
export function createKeepAliveConnections(): KeepAliveConnections {
  const open = new Set<HttpSocket>()
  let keepsNone = false
  return {
    opened(socket) {
      open.add(socket)
      socket.once('close', () => open.delete(socket))
    },
    trackResponse(response) {
      if (keepsNone) response.shouldKeepAlive = false
    },
    closeIdle() {
      keepsNone = true
      for (const { _httpMessage: response } of open) if (response) response.shouldKeepAlive = false
    },
  }
}
