import { testServers } from '../shared-servers.ts'

/**
 * Vitest's global setup of the tests that need a broker besides Postgres and Redis; throws where Kafka is not
 * available.
 */
export function setup(): Promise<() => Promise<void>> {
  return testServers({ postgres: true, redis: true, kafka: true })
}
