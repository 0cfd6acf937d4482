import type { PrismaClient } from './generated/client.ts'
import { connectionOptions } from './pool.ts'

export interface LazyPrisma {
  /** The client; the first call loads it. */
  client(): Promise<PrismaClient>
  /** Ends its connections, if there ever were any. */
  close(): Promise<void>
}

/**
 * A Prisma client on the plain driver, no engine binary. For plain reads; what locks rows or carries a batch goes
 * through `createPool`. Client and driver are loaded at the first use: they take 12 MB (measured 2026-11), and only
 * operators' reads need them.
 */
export function createPrisma(url: string, options: { readonly connectionsMax: number }): LazyPrisma {
  let opening: Promise<PrismaClient> | undefined
  const client = (): Promise<PrismaClient> => {
    opening ??= open(url, options)
    return opening
  }
  return { client, close: async () => (await opening)?.$disconnect() }
}

async function open(url: string, { connectionsMax }: { readonly connectionsMax: number }): Promise<PrismaClient> {
  const [{ PrismaPg }, generated] = await Promise.all([import('@prisma/adapter-pg'), import('./generated/client.ts')])
  const { types: _, ...connection } = connectionOptions(url, 'floodgate-prisma')
  return new generated.PrismaClient({ adapter: new PrismaPg({ ...connection, max: connectionsMax }) })
}
