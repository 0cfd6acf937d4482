import { Socket } from 'node:net'

export interface OpenSockets {
  /** Creates a socket for `pg` to connect with (its `stream` option). */
  open(): Socket
  /** Resolves when none is open. */
  allClosed(): Promise<void>
  /** Destroys all of them: calls that wait for a response fail as lost connections. */
  destroy(): void
}

/** Tracks the sockets of connections, because `pg` waits without a limit for the server to close one. */
export function trackSockets(): OpenSockets {
  const sockets = new Set<Socket>()
  const waiting = new Set<() => void>()
  function forget(socket: Socket): void {
    sockets.delete(socket)
    if (sockets.size > 0) return
    for (const resolve of waiting) resolve()
    waiting.clear()
  }
  return {
    open() {
      const socket = new Socket()
      sockets.add(socket)
      socket.once('close', () => forget(socket))
      return socket
    },
    async allClosed() {
      if (sockets.size > 0) await new Promise<void>((resolve) => waiting.add(resolve))
    },
    destroy() {
      for (const socket of sockets) socket.destroy()
    },
  }
}
