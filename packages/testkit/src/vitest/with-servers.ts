import { testServers } from '../shared-servers.ts'

/**
 * Vitest's global setup of the integration tests: one Postgres and one Redis for the run; the returned function stops
 * them.
 */
export function setup(): Promise<() => Promise<void>> {
  return testServers({ postgres: true, redis: true })
}
