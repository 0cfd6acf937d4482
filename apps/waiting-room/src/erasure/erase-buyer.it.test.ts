import { closeRedis, type Redis } from '@floodgate/redis'
import { connectRedis, createTestDatabase, ownRedis, type TestDatabase, tablesWith } from '@floodgate/testkit'
import type { Pool } from 'pg'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { lineKeys } from '../redis/keys.ts'
import { eraseFromLines } from './erase-buyer.ts'

const buyer = 'buyer-to-be-erased'
let database: TestDatabase
let pool: Pool
let server: Awaited<ReturnType<typeof ownRedis>>
let redis: Redis
beforeAll(async () => {
  ;[database, server] = await Promise.all([createTestDatabase(), ownRedis()])
  pool = database.pool
  redis = await connectRedis(server.url)
})
afterAll(async () => {
  await closeRedis(redis)
  await Promise.all([database.remove(), server.remove()])
})

const addSale = async (sale: string, { state = 'closed', closedHours = 49 } = {}) => {
  await pool.query(
    `insert into rooms.sales (id, name, state, admit_per_second, max_active, admission_ttl_seconds)
     values ($1, $1, $2, 1, 1, 60)`,
    [sale, state],
  )
  await pool.query(
    `insert into rooms.acts (sale, act, actor, after, at)
     values ($1, 'close', 'operator', '{}', now() - make_interval(hours => $2))`,
    [sale, closedHours],
  )
  await pool.query(
    `insert into rooms.archived_log (sale, entry_ms, entry_seq, at, kind, body)
     select $1, n / 7, n % 7, now(), 'admitted', jsonb_build_object('kind', 'admitted', 'place', n::text,
       'buyer', case when n > 30000 and n % 5000 = 0 then $2 else 'b' || n end)
     from generate_series(1, 45000) n`,
    [sale, buyer],
  )
  await pool.query(
    `insert into rooms.open_slots (sale, slot, place, buyer, admitted_ms, deadline_ms, kid, until_ms)
     values ($1, 'mine', 1, $2, 1, 1, 'k', 1), ($1, 'other', 2, 'another', 1, 1, 'k', 1)`,
    [sale, buyer],
  )
}
afterEach(async () => {
  await pool.query('truncate rooms.sales, rooms.acts, rooms.archived_log, rooms.open_slots')
  await redis.flushall()
})
const erase = (sale?: string) => eraseFromLines({ pool, redis }, { buyer, sale, orders: [] })
const nothing = { 'rooms.archived_log': 0, 'rooms.open_slots': 0, 'rooms.identity_revocations': 0 }

it('one buyer, and no other, is erased from a line that is over, page by page', async () => {
  await addSale('over')
  expect(await erase()).toEqual({
    erased: { ...nothing, 'rooms.archived_log': 3, 'rooms.open_slots': 1 },
    remaining: [],
  })
  const { rows } = await pool.query(`select count(*)::int as n from rooms.archived_log where sale = 'over'`)
  expect(rows).toEqual([{ n: 45_000 }])
  expect(await tablesWith(pool, buyer)).toEqual([])
  expect(await tablesWith(pool, 'another')).toEqual(['rooms.open_slots'])
  expect(await erase('over')).toEqual({ erased: nothing, remaining: [] })
})

it('a buyer is erased from a line that is over, also in Redis where that has it again', async () => {
  await addSale('over')
  const keys = lineKeys('over')
  await redis.hset(keys.sale, 'state', 'closed', 'version', 3)
  await redis.zadd(keys.line, 7, buyer)
  await redis.hset(keys.slots, 'slot', `${buyer} 7 1 1 k`)
  // As many as in the archive.
  await redis.xadd(keys.log, '5000-0', 'kind', 'admitted', 'buyer', buyer)
  await redis.xadd(keys.log, '5001-0', 'kind', 'admitted', 'buyer', 'another')
  expect(await erase()).toEqual({
    erased: { ...nothing, 'rooms.archived_log': 3, 'rooms.open_slots': 1 },
    remaining: [],
  })
  expect(await redis.keys('*')).toEqual(expect.arrayContaining([keys.sale, keys.log]))
  expect(await redis.dbsize()).toBe(2)
  expect(JSON.stringify(await redis.xrange(keys.log, '-', '+'))).toMatch(/^(?!.*to-be-erased).*another/)

  const late = await redis.xadd(keys.log, '9999-0', 'kind', 'left', 'buyer', buyer)
  expect((await erase()).remaining).toMatchObject([{ what: 'log of sale over' }])
  await pool.query(
    `insert into rooms.archived_log (sale, entry_ms, entry_seq, at, kind, body) values ('over', 9999, 0, now(), 'left', $1)`,
    [JSON.stringify({ buyer })],
  )
  expect(await erase()).toEqual({ erased: { ...nothing, 'rooms.archived_log': 1 }, remaining: [] })
  expect(await redis.xrange(keys.log, late as string, '+')).toEqual([])
})

it.each([
  ['open', { state: 'open', closedHours: 1_000 }],
  ['closed less than two days ago', { closedHours: 47 }],
])('a line whose sale is %s keeps its buyer, though Redis has lost it', async (_, sale) => {
  await addSale('running', sale)
  const before = await tablesWith(pool, buyer)
  expect(before).toEqual(['rooms.archived_log', 'rooms.open_slots'])
  const stays = { erased: nothing, remaining: [{ what: 'line of sale running', why: expect.any(String) }] }
  expect(await erase()).toEqual(stays)
  await pool.query('delete from rooms.open_slots where buyer = $1', [buyer])
  expect(await erase(), 'found only in the archive').toEqual(stays)
  await pool.query('delete from rooms.archived_log')
  expect(await erase(), 'not known').toEqual({ erased: nothing, remaining: [] })
  await redis.zadd(lineKeys('running').line, 7, buyer)
  expect(await erase(), 'found only in Redis').toEqual(stays)
})
