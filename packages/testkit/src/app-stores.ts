import { encodeEvent, type FloodgateEvent } from '@floodgate/contracts'
import type { RedisServer } from '@floodgate/local-servers'
import type { Pool } from 'pg'
import { ADMIN_TOKEN } from './fixtures/operator.ts'
import { silentLogger } from './fixtures/silent-logger.ts'
import type { FreshDatabase } from './fresh-database.ts'
import { type Own, ownRedis } from './own-servers.ts'
import { createTestDatabase } from './test-database.ts'

/** A database, a Redis and a bus, for an app under test alone. */
export interface AppStores {
  /** Of an app that uses them. */
  readonly settings: Readonly<Record<string, string>>
  readonly databaseUrl: string
  readonly pool: Pool
  readonly redis: Own<RedisServer>
  publish(...events: FloodgateEvent[]): Promise<unknown>
  remove(): Promise<void>
}

/** Starts them; `database` is used instead of a new one, and migrated. */
export async function startAppStores(database?: Pick<FreshDatabase, 'url' | 'drop'>): Promise<AppStores> {
  // Loaded on demand: most tests need no bus.
  const { createEventBus } = await import('@floodgate/event-bus')
  const [own, redis] = await Promise.all([createTestDatabase({ given: database }), ownRedis()])
  const bus = createEventBus({ kind: 'redis', redisUrl: redis.url, clientId: 'test', log: silentLogger })
  return {
    settings: { DATABASE_URL: own.url, REDIS_URL: redis.url, ADMIN_TOKEN, LOG_LEVEL: 'silent' },
    databaseUrl: own.url,
    pool: own.pool,
    redis,
    publish: (...events) => bus.publish(events.map(encodeEvent)),
    async remove() {
      await bus.close()
      await Promise.all([own.remove(), redis.remove()])
    },
  }
}
