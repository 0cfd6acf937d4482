import { createPool } from '@floodgate/database'
import { migratedDatabase, ownRedis } from '@floodgate/testkit'
import { Redis } from 'ioredis'
import { createModel } from './create-model.ts'
import { createPostgresStore } from './postgres-store.ts'
import { createRedisStore, type PatchLua } from './redis-store.ts'
import { type Exploration, explore } from './search.ts'
import { ordersOf } from './shop.ts'
import type { Faults, Setting } from './state.ts'

export interface Patches extends Faults {
  readonly patchLua?: PatchLua
  /** Run in Postgres before the search. */
  readonly sql?: string
}

/** Creates a setting with its own servers to run the product's scripts and statements on. */
export async function createExplorer(
  setting: Setting,
  { patchLua = (_, lua) => lua, sql = '', ...faults }: Patches = {},
) {
  const [server, database] = await Promise.all([ownRedis(), migratedDatabase()])
  const redis = new Redis(server.url)
  const pool = createPool(database.url, { max: 2 })
  const orders = ordersOf(setting)
  const stores = {
    redis: await createRedisStore(redis, orders, { setting, patchLua }),
    postgres: createPostgresStore(pool, orders, setting),
  }
  await stores.postgres.prepare()
  if (sql !== '') await pool.query(sql)
  const model = createModel(setting, stores, faults)
  return {
    async run(limits: {
      statesMax: number
    }): Promise<Exploration & { ms: number; redisCalls: number; postgresCalls: number }> {
      const startedMs = performance.now()
      const found = await explore(model, limits)
      return {
        ...found,
        ms: Math.round(performance.now() - startedMs),
        redisCalls: stores.redis.calls(),
        postgresCalls: stores.postgres.calls(),
      }
    },
    async [Symbol.asyncDispose](): Promise<void> {
      redis.disconnect()
      await pool.end()
      await Promise.all([server.remove(), database.drop()])
    },
  }
}
