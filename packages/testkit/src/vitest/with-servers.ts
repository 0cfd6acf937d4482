import { prepareTemplate } from '../migrated-database.ts'
import { testServers } from '../shared-servers.ts'

/**
 * Vitest's global setup of the integration tests: one Postgres with a migrated database to copy, and one Redis, for
 * the run; the returned function stops them.
 */
export async function setup(): Promise<() => Promise<void>> {
  const removeServers = await testServers({ postgres: true, redis: true })
  const removeTemplate = await prepareTemplate().catch(async (error: unknown) => {
    await removeServers()
    throw error
  })
  return async function teardown() {
    await removeTemplate()
    await removeServers()
  }
}
