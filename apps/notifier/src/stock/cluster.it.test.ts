import { readdirSync } from 'node:fs'
import type { EventOf } from '@floodgate/contracts'
import { closeRedis, defineScript, type Redis } from '@floodgate/redis'
import { connectGuardedRedis, ownRedisCluster } from '@floodgate/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { keepLevels, readLevels } from './stock-store.ts'

let server: Awaited<ReturnType<typeof ownRedisCluster>>
let redis: Redis
beforeAll(async () => {
  server = await ownRedisCluster()
  ;({ redis } = await connectGuardedRedis(server.url))
})
afterAll(async () => {
  await closeRedis(redis)
  await server.remove()
})

const SOURCES = new URL('../', import.meta.url)
const scripts = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.lua'))
  .map((path) => ({
    path,
    sha: defineScript({ name: path, file: new URL(path, SOURCES), numberOfKeys: 'any' }).sha,
  }))

it('a Redis Cluster runs every script of the notifier', async () => {
  const at = '2026-01-02T03:04:05.678Z'
  const items = [{ sku: 'tea', available: 1, unsold: 2 }]
  const data: EventOf<'sale.stock.v1'>['data'] = {
    sale: 'demo',
    supply: 'available',
    items,
    skus: 1,
    completeSince: 5,
    at,
  }
  const envelope = { id: crypto.randomUUID(), source: '/test', time: at, aggregateVersion: 5 }
  const levels = { version: 5, at, supply: 'available', items: items.map((item) => ({ ...item, version: 5 })) }
  expect(await keepLevels(redis, [{ type: 'sale.stock.v1', ...envelope, data }])).toEqual({
    ...levels,
    ...{ sale: 'demo', after: 0, gone: [] },
  })
  expect(await readLevels(redis, 'demo')).toEqual({ ...levels, isWhole: true })
  const known = (await redis.script('EXISTS', ...scripts.map(({ sha }) => sha))) as number[]
  expect(
    scripts.filter((_, index) => known[index] !== 1).map(({ path }) => path),
    'add the script to the calls above',
  ).toEqual([])
})
