import { WebSocket } from 'ws'

export interface SocketConnection {
  /** Sends the newest state. A slow client has only the newest message waiting; older ones are dropped. */
  push(message: string): void
  /** Pings the client and calls back at its next pong; never without one. A later call replaces an earlier one. */
  probe(onAlive: () => void): void
  close(code: number, reason: string): void
}

/** Above this many unsent bytes a client counts as slow. */
const BUFFERED_BYTES_MAX = 16 * 1024

/**
 * One of the ten thousand sockets of a server. Its state is in its fields, and all sockets share the same listener
 * functions: a closure for each would keep its scope alive as long as the socket, for instance the whole request of the
 * upgrade.
 */
export class ServerSocket extends WebSocket implements SocketConnection {
  /** Whether it has responded since the last ping. */
  isAlive = true
  /** Called once, when the socket has closed. */
  onClosed: (() => void) | undefined
  /** Waits for the next pong. */
  onAlive: (() => void) | undefined
  #newest: string | undefined
  #isSlow = false

  listen(): void {
    this.on('pong', noteAlive)
    this.on('error', this.terminate)
    this.on('close', callOnClosed)
  }

  push(message: string): void {
    this.#newest = message
    this.#flush()
  }

  probe(onAlive: () => void): void {
    if (this.readyState !== WebSocket.OPEN) return
    this.onAlive = onAlive
    this.ping()
  }

  #flush(): void {
    const message = this.#newest
    if (this.#isSlow || message === undefined || this.readyState !== WebSocket.OPEN) return
    this.#newest = undefined
    if (this.bufferedAmount + message.length <= BUFFERED_BYTES_MAX) {
      this.send(message)
      return
    }
    this.#isSlow = true
    this.send(message, () => {
      this.#isSlow = false
      this.#flush()
    })
  }
}

function noteAlive(this: WebSocket): void {
  if (!(this instanceof ServerSocket)) return
  this.isAlive = true
  const { onAlive } = this
  this.onAlive = undefined
  onAlive?.()
}

function callOnClosed(this: WebSocket): void {
  if (this instanceof ServerSocket) this.onClosed?.()
}
