import type { Duplex } from 'node:stream'

/** From the upgrade request to the open socket, or to the end of its refusal. */
const HANDSHAKE_MS_MAX = 5_000
const SWEEP_EVERY_MS = 500
/** Handshakes and refusals in flight. A handshake takes milliseconds: more at once is an attack or an outage. */
const HANDSHAKES_MAX = 8_192

/**
 * Owns a connection between its upgrade request and the open socket. Node hands an upgraded connection over without any
 * timeout, reads nothing from it, and so never notices that the client is gone: every connection ends here, by an open
 * socket, by its refusal or by the deadline.
 */
export interface Handshakes {
  /** Starts the deadline. False when too many are in flight, or after `close`: the connection is destroyed already. */
  begin(socket: Duplex): boolean
  /** Hands the connection over to the open socket. */
  complete(socket: Duplex): void
  /** Sends a last response and destroys the connection, however much the client has sent and whether it reads. */
  refuse(socket: Duplex, response: string): void
  count(): number
  /** Destroys every connection in flight, and from now on every one that begins. */
  close(): void
}

/** One function for all: a closure would keep the request for as long as the socket lives. */
function destroyIt(this: Duplex): void {
  this.destroy()
}

export function createHandshakes({ countMax = HANDSHAKES_MAX, msMax = HANDSHAKE_MS_MAX } = {}): Handshakes {
  /** When each one began, oldest first: the sweep looks at the overdue ones and at one more. */
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
      // A client that resets in mid-handshake must not take the process down.
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
    refuse(socket, response) {
      if (socket.destroyed) return
      // The client's end of the connection is not waited for: unread bytes would hide it for ever.
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
