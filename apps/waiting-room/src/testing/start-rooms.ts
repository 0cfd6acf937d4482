import { readiness } from '@floodgate/contracts'
import { createPool, migrate } from '@floodgate/database'
import type { HttpService } from '@floodgate/runtime'
import { migratedDatabase, ownPostgres, ownRedis, temporaryDirectory } from '@floodgate/testkit'
import { ADMIN_TOKEN, testDeps } from '@floodgate/testkit/fixtures'
import { expect } from 'vitest'
import { createApp } from '../app.ts'
import { type Config, definition } from '../config.ts'
import { createKeyFile } from '../tokens/create-key-file.ts'

export const operator = { authorization: `Bearer ${ADMIN_TOKEN}` }

/** Creates a Postgres to kill and restart, instead of a database on that of the test run. */
const ownDatabase = async () => {
  const postgres = await ownPostgres()
  await migrate(postgres.url)
  return { url: postgres.url, postgres, drop: () => postgres.remove() }
}

/** Creates one more room on the servers of a configuration, without starting it. */
export function createRoom(config: Config): Promise<HttpService> {
  return createApp(config, testDeps('waiting-room'))
}

/** Tells whether a room is ready and not degraded. */
export async function expectHealthy(room: HttpService | undefined): Promise<void> {
  const response = await (await fetch(`${room?.opsUrl()}/readyz`)).json()
  expect(readiness.parse(response)).toMatchObject({ ready: true, degraded: [] })
}

/** Limits that a test exceeds: its crowd comes from one address, and it polls until it sees the expected state. */
const noLimits = { newPlacesPerSecond: 0, pollsEarlyMax: 0 }
type Limits = Pick<Config, 'newPlacesPerSecond' | 'newPlacesBurst' | 'waitingMax' | 'pollsEarlyMax' | 'trustedHops'>

/** Starts waiting rooms on a Redis and a database of their own; `request` uses them in turn. */
export async function startRooms(
  count: number,
  {
    recoverySeconds = 1,
    isPostgresOwn = false,
    limits = {},
    // No order core runs with them.
    passesVoidedBy = 'nobody',
  }: {
    recoverySeconds?: number
    isPostgresOwn?: boolean
    limits?: Partial<Limits>
    passesVoidedBy?: Config['passesVoidedBy']
  } = {},
) {
  const [redis, database, directory] = await Promise.all([
    ownRedis(),
    isPostgresOwn ? ownDatabase() : migratedDatabase(),
    temporaryDirectory(),
  ])
  const keyPath = `${directory.path}/keys.json`
  await createKeyFile(keyPath)
  const settings = { databaseUrl: database.url, redisUrl: redis.url, adminToken: ADMIN_TOKEN, floodgateKeys: keyPath }
  const config: Config = {
    ...definition.schema.parse(settings),
    port: 0,
    opsPort: 0,
    recoverySeconds,
    passesVoidedBy,
    ...noLimits,
    ...limits,
  }
  const rooms: HttpService[] = []
  for (let index = 0; index < count; index += 1) {
    const room = await createRoom(config)
    await room.start()
    rooms.push(room)
  }
  let turn = 0
  return {
    redis,
    postgres: 'postgres' in database ? database.postgres : undefined,
    config,
    rooms,
    pool: createPool(database.url, { max: 2 }),
    request: async (method: string, path: string, init: { headers?: Record<string, string>; body?: unknown } = {}) => {
      turn += 1
      return await fetch(`${rooms[turn % count]?.url()}${path}`, {
        method,
        headers: {
          ...(init.body === undefined ? {} : { 'content-type': 'application/json' }),
          ...init.headers,
        },
        ...(init.body === undefined ? {} : { body: JSON.stringify(init.body) }),
      })
    },
    async remove() {
      await Promise.all(rooms.map((room) => room.stop()))
      await this.pool.end()
      await redis.remove()
      await database.drop()
      await directory.remove()
    },
  }
}
export type Rooms = Awaited<ReturnType<typeof startRooms>>
