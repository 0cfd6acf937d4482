import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { thisWorker } from './identity.ts'

/**
 * Whether this process listens with a socket of its own on a port that others listen on, too: a worker does, and the
 * kernel spreads the connections. Elsewhere than on Linux the primary hands them on, as `node:cluster` does by itself.
 */
export const sharesPort = (): boolean => process.platform === 'linux' && thisWorker(process.env) !== undefined

/**
 * The port that the workers are going to share: one that is free where 0 is asked for. Rejects when somebody has it, as
 * listening alone would; the workers, who may share, would not notice.
 */
export const claimPort = async ({ host, port }: { host: string; port: number }): Promise<number> => {
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
