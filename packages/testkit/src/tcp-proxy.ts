import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

/** A network path between an app and a server that a test can disturb. */
export interface TcpProxy {
  /** The server's URL with this proxy's host and port. */
  readonly url: string
  /** Returns the number of open client connections. */
  connections(): number
  /** Delays every byte by this much, in both directions. 0 ends it. */
  delay(ms: number): void
  /** Resets every connection. New ones pass. */
  cut(): void
  /**
   * Accepts connections and bytes and forwards nothing, neither bytes nor ends: connections are half-open until `heal`,
   * which forwards what was held back, as TCP does after a broken path.
   */
  blackhole(): void
  heal(): void
  close(): Promise<void>
}

interface Pair {
  readonly client: Socket
  readonly server: Socket
}

/** Starts a proxy in front of a URL's server, on a free local port. */
export async function startTcpProxy(target: string): Promise<TcpProxy> {
  const url = new URL(target)
  const to = { host: url.hostname, port: Number(url.port) }
  const pairs = new Set<Pair>()
  let delayMs = 0
  let opened: Promise<void> = Promise.resolve()
  let open = (): void => undefined

  /** Forwards a stream. Chunks and the end keep their order, whatever the delay becomes meanwhile. */
  function forward(from: Socket, into: Socket): void {
    let flow = Promise.resolve()
    function later(act: () => void): void {
      const dueMs = performance.now() + delayMs
      flow = flow.then(async () => {
        await opened
        const waitMs = dueMs - performance.now()
        if (waitMs > 0) await delay(waitMs)
        if (!into.destroyed) act()
      })
    }
    from.on('data', (chunk) => later(() => into.write(chunk)))
    from.once('end', () => later(() => into.end()))
  }

  const listener = createServer({ allowHalfOpen: true }, (client) => {
    const server = connect({ ...to, allowHalfOpen: true })
    const pair = { client, server }
    pairs.add(pair)
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      one.setNoDelay(true)
      forward(one, other)
      // A reset ends the connection as well.
      one.on('error', () => undefined)
      one.once('close', () => {
        if (one === client) pairs.delete(pair)
        void opened.then(() => other.destroy())
      })
    }
  })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { port } = listener.address() as AddressInfo
  const own = new URL(target)
  own.hostname = '127.0.0.1'
  own.port = String(port)

  function cut(): void {
    for (const { client, server } of pairs) {
      client.resetAndDestroy()
      server.resetAndDestroy()
    }
  }
  function heal(): void {
    open()
    opened = Promise.resolve()
  }
  return {
    url: own.href,
    connections: () => pairs.size,
    delay(ms) {
      delayMs = ms
    },
    cut,
    blackhole() {
      open()
      opened = new Promise((resolve) => {
        open = resolve
      })
    },
    heal,
    async close() {
      listener.close()
      heal()
      cut()
      await once(listener, 'close')
    },
  }
}
