import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'

/** Sends bytes and returns the whole response until the server closes the connection. */
export async function exchange(port: number, bytes: string): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port })
  await once(socket, 'connect')
  socket.write(bytes)
  return await text(socket)
}

/** Returns the status of a response, 0 without one. */
export function statusIn(response: string): number {
  return Number(/^HTTP\/1\.[01] (\d{3})/.exec(response)?.[1] ?? 0)
}

/** Builds a request of a load balancer with only HTTP/1.0: without `Host`. */
export function oldRequest(method: string, path: string): string {
  return `${method} ${path} HTTP/1.0\r\n\r\n`
}
/** Builds the same in HTTP/1.1. */
export function newRequest(method: string, path: string): string {
  return `${method} ${path} HTTP/1.1\r\nHost: floodgate\r\nConnection: close\r\n\r\n`
}
