import { settledWithin } from '@floodgate/async'
import pg from 'pg'
import { CLIENT_OF_POOL } from './database-client.ts'
import type { PrismaClient } from './generated/client.ts'
import { type OpenSockets, trackSockets } from './open-sockets.ts'
import { connectionOptions, timeouts } from './pool.ts'

const CLOSE_MS_MAX = 2_000

export interface LazyPrisma {
  /** Returns the client; the first call loads it. */
  client(): Promise<PrismaClient>
  /** Closes its connections, if any, within two seconds: reads in progress fail then. */
  close(): Promise<void>
}

/**
 * Creates a Prisma client on the plain driver, without an engine binary. For plain reads; locking statements and
 * batches use `createPool`. Client and driver are loaded at first use: they take 12 MB (measured 2026-11), and only
 * operators' reads need them.
 */
export function createPrisma(url: string, options: { readonly connectionsMax: number }): LazyPrisma {
  const sockets = trackSockets()
  let opening: Promise<PrismaClient> | undefined
  function client(): Promise<PrismaClient> {
    opening ??= open(url, { ...options, stream: sockets.open })
    return opening
  }
  async function disconnect(): Promise<void> {
    await (await opening)?.$disconnect()
  }
  async function close(): Promise<void> {
    await settledWithin(CLOSE_MS_MAX, disconnect())
    sockets.destroy()
  }
  return { client, close }
}

async function open(
  url: string,
  { connectionsMax, stream }: { readonly connectionsMax: number; readonly stream: OpenSockets['open'] },
): Promise<PrismaClient> {
  const [{ PrismaPg }, generated] = await Promise.all([import('@prisma/adapter-pg'), import('./generated/client.ts')])
  const { types: _, ...connection } = connectionOptions(url, 'floodgate-prisma')
  const pool = new pg.Pool({ ...connection, ...timeouts(), Client: CLIENT_OF_POOL, stream, max: connectionsMax })
  // The query in progress reports a broken connection.
  pool.on('error', () => undefined)
  return new generated.PrismaClient({ adapter: new PrismaPg(pool, { disposeExternalPool: true }) })
}
