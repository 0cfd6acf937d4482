import { readiness } from '@floodgate/contracts'
import { closeRedis, type Redis } from '@floodgate/redis'
import { connectRedis, eventually } from '@floodgate/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { lineKeys, processesKey } from '../redis/keys.ts'
import { expectHealthy, operator as headers, type Rooms, startRooms } from '../testing/start-rooms.ts'

let rooms: Rooms
let redis: Redis
beforeAll(async () => {
  rooms = await startRooms(1)
  redis = await connectRedis(rooms.redis.url)
  await eventually(() => expectHealthy(rooms.rooms[0]))
})
afterAll(async () => {
  await closeRedis(redis)
  await rooms.remove()
})

const health = async () => {
  const response = await fetch(`${rooms.rooms[0]?.opsUrl()}/readyz`)
  return { status: response.status, ...readiness.parse(await response.json()) }
}
/** Longer than a silent ticker takes to make the process not ready. */
const staysReady = async () => {
  const untilMs = performance.now() + 3_000
  while (performance.now() < untilMs) {
    expect(await health()).toMatchObject({ status: 200, ready: true })
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

it('a process without sales whose beats fail stays ready, and is degraded', async () => {
  await redis.del(processesKey)
  await redis.set(processesKey, 'not a registry')
  await eventually(async () => expect((await health()).degraded).toContain('ticks'))
  await staysReady()
  expect((await health()).checks.ticks?.detail).toContain('beats fail')
  await redis.del(processesKey)
  await eventually(() => expectHealthy(rooms.rooms[0]))
})

it('a process whose ticks fail for every sale stays ready, is degraded, and recovers', async () => {
  const body = { name: 'Broken', admitPerSecond: 10, maxActive: 10, admissionTtlSeconds: 60 }
  await rooms.request('PUT', '/admin/sales/broken', { headers, body })
  await rooms.request('POST', '/admin/sales/broken/open', { headers })
  await redis.set(lineKeys('broken').unclaimed, 'not a set')
  await eventually(async () => expect((await health()).degraded).toEqual(['ticks']))
  await staysReady()
  expect((await health()).checks.ticks?.detail).toMatch(/ticks fail: broken \(\w+, for \d+ s\)/)
  expect((await rooms.request('POST', '/sales/broken/tickets')).status).toBe(201)
  await redis.del(lineKeys('broken').unclaimed)
  await eventually(() => expectHealthy(rooms.rooms[0]))
})
