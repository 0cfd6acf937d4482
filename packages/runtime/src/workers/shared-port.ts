import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'

/**
 * Whether several sockets may listen on one port and the kernel spreads the connections (`SO_REUSEPORT`). Elsewhere than
 * on Linux libuv refuses it, or one socket would get them all.
 */
export const portsCanBeShared = process.platform === 'linux'

/**
 * A port that is going to be shared: one that is free where 0 is asked for. Rejects when somebody has it, as listening
 * alone would; those who may share would not notice.
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
