import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'

/**
 * Whether several sockets may listen on one port with connections spread by the kernel (`SO_REUSEPORT`). Outside Linux,
 * libuv rejects this, or one socket gets all connections.
 */
export const portsCanBeShared = process.platform === 'linux'

/**
 * Claims a port to share; picks a free one for 0. Rejects when another process has it, as listening without sharing
 * would; sockets that share a port would not notice.
 */
export async function claimPort({ host, port }: { host: string; port: number }): Promise<number> {
  const server = createServer()
  const listening = Promise.withResolvers<void>()
  server.once('error', listening.reject)
  server.listen({ host, port }, () => listening.resolve())
  await listening.promise
  const claimed = (server.address() as AddressInfo).port
  const closed = Promise.withResolvers<void>()
  server.close(() => closed.resolve())
  await closed.promise
  return claimed
}
