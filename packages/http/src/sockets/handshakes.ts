import type { Duplex } from 'node:stream'

/** Time limit from the upgrade request to the open socket, or to the end of the rejection. */
const HANDSHAKE_MS_MAX = 5_000
const SWEEP_EVERY_MS = 500
/**
 * Maximum number of handshakes and rejections in progress. A handshake takes milliseconds: more at once is an attack or
 * an outage.
 */
const HANDSHAKES_MAX = 8_192

/**
 * Owns a connection between its upgrade request and the open socket. Node hands over an upgraded connection without any
 * timeout and reads nothing from it, so that it never notices a lost client: here every connection ends, by an open
 * socket, by its rejection or by the deadline.
 */
export interface Handshakes {
  /**
   * Starts the deadline. Returns false when too many are in progress, or after `close`: the connection is already
   * destroyed.
   */
  begin(socket: Duplex): boolean
  /** Passes the connection to the open socket. */
  complete(socket: Duplex): void
  /**
   * Sends a last response and destroys the connection, however much the client has sent and whether it reads or not.
   */
  reject(socket: Duplex, response: string): void
  count(): number
  /** Destroys every connection in progress, and every later one. */
  close(): void
}

/** One function for all sockets: a closure would keep the request in memory as long as the socket. */
function destroyIt(this: Duplex): void {
  this.destroy()
}

export function createHandshakes({ countMax = HANDSHAKES_MAX, msMax = HANDSHAKE_MS_MAX } = {}): Handshakes {
  /** Start times, oldest first: a sweep visits the overdue ones and one more. */
  const begun = new Map<Duplex, number>()
  let isClosed = false

  function forget(this: Duplex): void {
    begun.delete(this)
  }

  function destroyOverdue(): void {
    const overdue = performance.now() - msMax
    for (const [socket, atMs] of begun) {
      if (atMs > overdue) return
      begun.delete(socket)
      socket.destroy()
    }
  }
  const sweep = setInterval(destroyOverdue, SWEEP_EVERY_MS)
  sweep.unref()

  return {
    begin(socket) {
      // A client that resets during the handshake must not crash the process.
      socket.on('error', destroyIt)
      if (isClosed || begun.size >= countMax) {
        socket.destroy()
        return false
      }
      begun.set(socket, performance.now())
      socket.on('close', forget)
      return true
    },
    complete(socket) {
      begun.delete(socket)
      socket.off('close', forget)
      // From here on the open socket's own listener handles errors.
      socket.off('error', destroyIt)
    },
    reject(socket, response) {
      if (socket.destroyed) return
      // Does not wait for the client to end the connection: unread bytes would hide that end forever.
      socket.once('finish', destroyIt)
      socket.end(response)
    },
    count: () => begun.size,
    close() {
      isClosed = true
      clearInterval(sweep)
      for (const socket of begun.keys()) socket.destroy()
    },
  }
}
