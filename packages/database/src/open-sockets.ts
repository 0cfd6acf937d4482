import { Socket } from 'node:net'

export interface OpenSockets {
  /** Makes a socket for `pg` to connect with (its `stream` option). */
  open(): Socket
  /** Resolves when none is open. */
  allClosed(): Promise<void>
  /** Breaks all of them: what waits for an answer on one fails as a lost connection. */
  destroy(): void
}

/** Remembers the sockets of connections, because `pg` waits for a server's goodbye without a limit. */
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
