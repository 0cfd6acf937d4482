import { ownKafka, ownPostgres, ownRedis } from './own-servers.ts'

/**
 * The variables that name the shared servers for tests; a value set beforehand names a server to use instead of a new
 * one.
 */
export const testServerVariables = {
  postgres: 'FLOODGATE_TEST_POSTGRES_URL',
  redis: 'FLOODGATE_TEST_REDIS_URL',
  kafka: 'FLOODGATE_TEST_KAFKA_BROKERS',
} as const

export type TestServer = keyof typeof testServerVariables

interface Started {
  readonly address: string
  remove(): Promise<void>
}

const starters: Record<TestServer, () => Promise<Started>> = {
  async postgres() {
    const server = await ownPostgres()
    return { address: server.url, remove: () => server.remove() }
  },
  async redis() {
    const server = await ownRedis()
    return { address: server.url, remove: () => server.remove() }
  },
  async kafka() {
    const server = await ownKafka()
    return { address: server.url, remove: () => server.remove() }
  },
}

/**
 * Starts one of each required server for a whole test run, and names them in `env` for the test files. Returns the
 * function that stops them and deletes their files. Throws when one of them is not available.
 */
export async function testServers(
  wanted: Partial<Record<TestServer, boolean>>,
  env: NodeJS.ProcessEnv = process.env,
): Promise<() => Promise<void>> {
  const removals: (() => Promise<void>)[] = []
  const removeAll = async (): Promise<void> => {
    await Promise.all(removals.map((remove) => remove()))
  }
  try {
    for (const [server, start] of Object.entries(starters)) {
      const name = testServerVariables[server as TestServer]
      if (wanted[server as TestServer] !== true || env[name] !== undefined) continue
      const started = await start()
      env[name] = started.address
      removals.push(async () => {
        delete env[name]
        await started.remove()
      })
    }
  } catch (error) {
    await removeAll()
    throw error
  }
  return removeAll
}

/** Returns the address of a shared server; throws when the test's project has none. */
export function testServerAddress(server: TestServer): string {
  const address = process.env[testServerVariables[server]]
  if (address !== undefined) return address
  throw new Error(`This run has no shared ${server}: name the file *.it.test.ts (*.kafka.it.test.ts for Kafka).`)
}
