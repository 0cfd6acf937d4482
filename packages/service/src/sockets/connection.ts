import { WebSocket } from 'ws'

export interface SocketConnection {
  /** Sends the newest state. While the client is slow only the newest message waits; older ones are dropped. */
  push(message: string): void
  close(code: number, reason: string): void
}

/** Above this many unsent bytes a client counts as slow. */
const bufferedBytesMax = 16 * 1024

export const createConnection = (socket: WebSocket): SocketConnection => {
  let newest: string | undefined
  let sending = false
  const flush = () => {
    if (sending || newest === undefined || socket.readyState !== WebSocket.OPEN) return
    const message = newest
    newest = undefined
    sending = socket.bufferedAmount + message.length > bufferedBytesMax
    socket.send(message, () => {
      sending = false
      flush()
    })
  }
  return {
    push: (message) => {
      newest = message
      flush()
    },
    close: (code, reason) => socket.close(code, reason),
  }
}
