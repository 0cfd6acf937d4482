import { connect, type Socket } from 'node:net'

/** Connections opened at once in one wave. */
const WAVE = 200
/** A client without a response ends after this time; the test then checks what is left. */
const CLIENT_MS_MAX = 15_000

export interface HostileTarget {
  readonly url: string
  /** Source addresses for the clients, all local (127.0.0.0/8). */
  readonly sources?: readonly string[]
}

/** Builds the bytes of an upgrade request, complete to its empty line. */
export function upgradeHead(path: string, headers: Readonly<Record<string, string>> = {}): string {
  const lines = Object.entries({
    host: 'floodgate',
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    ...headers,
  })
  return `GET ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`
}

/**
 * Sends the bytes on `count` connections, waits for the first response on each, sends one more byte and vanishes: the
 * byte stays unread, and hides the end of the connection. Resolves to the number of responses.
 */
export async function sendAndVanish(target: HostileTarget, bytes: string, count: number): Promise<number> {
  let responded = 0
  const visit = (index: number) =>
    new Promise<void>((resolve) => {
      const socket = open(target, index)
      const end = () => {
        clearTimeout(patience)
        socket.destroy()
        resolve()
      }
      const patience = setTimeout(end, CLIENT_MS_MAX)
      socket.once('connect', () => socket.write(bytes, 'latin1'))
      socket.once('data', () => {
        responded += 1
        socket.end('x', end)
      })
      socket.once('error', end)
      socket.once('close', end)
    })
  for (let at = 0; at < count; at += WAVE)
    await Promise.all(Array.from({ length: Math.min(WAVE, count - at) }, (_, index) => visit(at + index)))
  return responded
}

/**
 * Sends the bytes on `count` connections and then neither reads nor closes. Resolves when all bytes are sent, to the
 * function that ends the connections from this side.
 */
export async function sendAndHold(target: HostileTarget, bytes: string, count: number): Promise<() => void> {
  const held = new Set<Socket>()
  const hold = (index: number) =>
    new Promise<void>((resolve) => {
      const socket = open(target, index)
      held.add(socket)
      socket.pause()
      socket.once('connect', () => socket.write(bytes, 'latin1', () => resolve()))
      socket.on('error', () => resolve())
      socket.once('close', () => {
        held.delete(socket)
        resolve()
      })
    })
  for (let at = 0; at < count; at += WAVE)
    await Promise.all(Array.from({ length: Math.min(WAVE, count - at) }, (_, index) => hold(at + index)))
  return function release() {
    for (const socket of held) socket.destroy()
  }
}

function open({ url, sources = [] }: HostileTarget, index: number): Socket {
  const { hostname, port } = new URL(url)
  const source = sources[index % Math.max(1, sources.length)]
  return connect({ host: hostname, port: Number(port), ...(source !== undefined && { localAddress: source }) })
}
