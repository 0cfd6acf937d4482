import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from './generated/client.ts'
import { connectionOptions } from './pool.ts'

/**
 * A Prisma client on the plain driver, no engine binary. For plain reads; what locks rows or carries a batch goes
 * through `createPool`. Connects when first used; `$disconnect()` ends it.
 */
export function createPrisma(url: string, options: { readonly connectionsMax: number }): PrismaClient {
  const { types: _, ...connection } = connectionOptions(url, 'floodgate-prisma')
  return new PrismaClient({ adapter: new PrismaPg({ ...connection, max: options.connectionsMax }) })
}
