import { closeRedis, type Redis } from '@floodgate/redis'
import { connectRedis, ownRedis } from '@floodgate/testkit'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { busKeys } from './keys.ts'
import { createRedisLetterStore } from './letter-store.ts'

const keys = busKeys({ inOneSlot: false })
const GROUP = 'a.group'
let server: Awaited<ReturnType<typeof ownRedis>>
let redis: Redis
beforeAll(async () => {
  server = await ownRedis()
  redis = await connectRedis(server.url, 'scripts')
})
afterAll(async () => {
  await closeRedis(redis)
  await server.remove()
})
beforeEach(() => redis.flushall())

/** Writes a letter as every version has written it. */
const write = async (key: string, headers: string) =>
  String(await redis.xadd(keys.deadLetters(GROUP), '*', 'key', key, 'headers', headers, 'value', '{}'))

it('reads letters of earlier versions and foreign entries, page by page', async () => {
  const store = createRedisLetterStore({ redis, keys }, GROUP)
  const ids = [
    await write('a', '{"ce_id":"1","dead_reason":"broken"}'),
    await write('b', 'not JSON'),
    await write('c', '7'),
  ]
  ids.push(String(await redis.xadd(keys.deadLetters(GROUP), '*', 'something', 'else')))
  const all = await store.page({ order: 'oldest', limit: 10 })
  expect(all.map(({ id }) => id)).toEqual(ids)
  expect(all[0]).toEqual({
    id: ids[0],
    key: 'a',
    value: '{}',
    headers: { ce_id: '1', dead_reason: 'broken' },
    replays: 0,
  })
  expect(all[3]).toEqual({ id: ids[3], key: '', value: '', headers: {}, replays: 0 })
  expect((await store.page({ order: 'newest', limit: 2, after: ids[2] })).map(({ id }) => id)).toEqual([ids[1], ids[0]])
  expect(await store.page({ order: 'oldest', limit: 2, after: '42' })).toEqual([])
  expect((await store.find(['42', '0-1', String(ids[2]), String(ids[0]), String(ids[0])])).map(({ id }) => id)).toEqual(
    [ids[0], ids[2]],
  )
})

it('counts replays of existing letters only, and keeps no count of removed ones', async () => {
  const store = createRedisLetterStore({ redis, keys }, GROUP)
  const first = await write('a', '{}')
  const second = await write('b', '{}')
  const failures = [first, second, '9-9'].map((id) => ({ id, reason: 'broken' }))
  await store.noteFailures(failures)
  await store.noteFailures([{ id: first, reason: 'still broken' }])
  expect(await store.find([first])).toMatchObject([{ replays: 2, replayReason: 'still broken' }])
  expect(await redis.hlen(keys.replays(GROUP))).toBe(4)
  expect(await store.remove([first, '9-9', '*'])).toEqual([first])
  expect(await redis.hlen(keys.replays(GROUP))).toBe(2)
  // The bound of the stream removed the other one.
  await redis.xtrim(keys.deadLetters(GROUP), 'MAXLEN', 0)
  expect(await store.remove([second])).toEqual([])
  expect(await redis.exists(keys.replays(GROUP))).toBe(0)
})
