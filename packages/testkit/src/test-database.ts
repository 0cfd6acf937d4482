import { closePool, createPool, migrate } from '@floodgate/database'
import type { Pool } from 'pg'
import type { FreshDatabase } from './fresh-database.ts'
import { migratedDatabase } from './migrated-database.ts'

export interface TestDatabase {
  readonly url: string
  readonly pool: Pool
  /** Closes the pool and deletes the database, even with connected clients. */
  remove(): Promise<void>
}

/** Creates a migrated database for one test file, or migrates the `given` one, and a pool of connections to it. */
export async function createTestDatabase({
  connectionsMax = 2,
  given,
}: {
  readonly connectionsMax?: number
  readonly given?: Pick<FreshDatabase, 'url' | 'drop'> | undefined
} = {}): Promise<TestDatabase> {
  const database = given ?? (await migratedDatabase())
  if (given !== undefined) await migrate(given.url)
  const pool = createPool(database.url, { max: connectionsMax })
  async function remove(): Promise<void> {
    await closePool(pool)
    await database.drop()
  }
  return { url: database.url, pool, remove }
}
