import { createPool, migrate } from '@floodgate/database'
import { closeRedis, createRedis, type Redis, waitUntilReady } from '@floodgate/redis'
import { createLogger } from '@floodgate/service'
import { type FreshDatabase, freshDatabase, ownRedis, tablesWith } from '@floodgate/testkit'
import type { Pool } from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { lineKeys } from '../line/keys.ts'
import { eraseFromLines } from './erase-buyer.ts'

const buyer = 'buyer-to-be-erased'
let database: FreshDatabase
let pool: Pool
let server: Awaited<ReturnType<typeof ownRedis>>
let redis: Redis
beforeAll(async () => {
  ;[database, server] = await Promise.all([freshDatabase(), ownRedis()])
  await migrate(database.url)
  pool = createPool(database.url, { max: 2 })
  const log = createLogger({ app: 'waiting-room', level: 'silent' })
  redis = createRedis({ url: server.url, name: 'test', role: 'commands', log })
  await waitUntilReady(redis, AbortSignal.timeout(60_000))
})
afterAll(async () => {
  await closeRedis(redis)
  await pool.end()
  await Promise.all([database.drop(), server.remove()])
})

const addSale = async (sale: string) => {
  await pool.query(
    `insert into rooms.sales (id, name, state, admit_per_second, max_active, admission_ttl_seconds)
     values ($1, $1, 'closed', 1, 1, 60)`,
    [sale],
  )
  await pool.query(
    `insert into rooms.archived_log (sale, entry_ms, entry_seq, at, kind, body)
     select $1, n / 7, n % 7, now(), 'admitted', jsonb_build_object('kind', 'admitted', 'place', n::text,
       'buyer', case when n % 15000 = 0 then $2 else 'b' || n end)
     from generate_series(1, 45000) n`,
    [sale, buyer],
  )
  await pool.query(
    `insert into rooms.open_slots (sale, slot, place, buyer, admitted_ms, deadline_ms, kid, until_ms)
     values ($1, 'mine', 1, $2, 1, 1, 'k', 1), ($1, 'other', 2, 'another', 1, 1, 'k', 1)`,
    [sale, buyer],
  )
}

it('a buyer goes from lines that are over, page by page, and stays in those that Redis has until they end', async () => {
  await addSale('over')
  await addSale('running')
  const keys = lineKeys('running')
  await redis.hset(keys.sale, 'state', 'open')
  await redis.zadd(keys.line, 7, buyer)

  const erased = await eraseFromLines({ pool, redis }, { buyer, orders: [] })
  expect(erased.erased).toEqual({ 'rooms.archived_log': 3, 'rooms.open_slots': 1 })
  expect(erased.remaining).toMatchObject([{ what: 'line of sale running' }])
  const { rows } = await pool.query(`select count(*)::int as n from rooms.archived_log where sale = 'over'`)
  expect(rows).toEqual([{ n: 45_000 }])

  await redis.unlink(keys.sale, keys.line)
  expect((await eraseFromLines({ pool, redis }, { buyer, sale: 'over', orders: [] })).erased).toEqual({
    'rooms.archived_log': 0,
    'rooms.open_slots': 0,
  })
  const again = await eraseFromLines({ pool, redis }, { buyer, orders: [] })
  expect(again).toEqual({ erased: { 'rooms.archived_log': 3, 'rooms.open_slots': 1 }, remaining: [] })
  expect(await tablesWith(pool, buyer)).toEqual([])
  expect(await tablesWith(pool, 'another')).toEqual(['rooms.open_slots'])
  for (const key of await redis.keys('*')) expect(key).not.toContain(buyer)
})
