import { joinAnswer, ticketStatus } from '@floodgate/contracts'
import { closeRedis, createRedis, type Redis, waitUntilReady } from '@floodgate/redis'
import { eventually } from '@floodgate/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { lineKeys } from '../line/keys.ts'
import { operator as headers, type Rooms, startRooms } from '../testing/start-rooms.ts'

const WEEK = 604_800_000
const settings = { name: 'Closing', admitPerSecond: 20, maxActive: 1, admissionTtlSeconds: 60 }
let rooms: Rooms
let redis: Redis
beforeAll(async () => {
  rooms = await startRooms(2)
  const log = { info() {}, warn() {}, error() {} }
  redis = createRedis({ url: rooms.redis.url, name: 'test', role: 'commands', log })
  await waitUntilReady(redis, AbortSignal.timeout(10_000))
})
afterAll(async () => {
  await closeRedis(redis)
  await rooms.remove()
})

const join = async (sale: string) => {
  const response = await rooms.request('POST', `/sales/${sale}/tickets`)
  return joinAnswer.parse(await response.json()).ticket
}
const stateOf = async (sale: string, ticket: string) => {
  const bearer = { headers: { authorization: `Bearer ${ticket}` } }
  return ticketStatus.parse(await (await rooms.request('GET', `/sales/${sale}/ticket`, bearer)).json()).state
}

it('at closesAt nobody joins any more, who waits is told, and who is inside may finish', async () => {
  await eventually(() => rooms.request('PUT', '/admin/sales/timed', { headers, body: settings }))
  await rooms.request('POST', '/admin/sales/timed/open', { headers })
  const [inside, waiting] = [await join('timed'), await join('timed')]
  await eventually(async () => expect(await stateOf('timed', inside)).toBe('admitted'))
  const closesAt = new Date(Date.now() + 500).toISOString()
  await rooms.request('PUT', '/admin/sales/timed', { headers, body: { ...settings, closesAt } })
  await eventually(async () => expect(await stateOf('timed', waiting)).toBe('closed'))
  expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(closesAt))
  expect((await rooms.request('POST', '/sales/timed/tickets')).status).toBe(410)
  expect(await stateOf('timed', inside)).toBe('admitted')
})

it('the line of a closed sale is forgotten a week later, its counts are not', async () => {
  await eventually(() => rooms.request('PUT', '/admin/sales/over', { headers, body: settings }))
  await rooms.request('POST', '/admin/sales/over/open', { headers })
  const [inside] = [await join('over'), await join('over')]
  await eventually(async () => expect(await stateOf('over', inside)).toBe('admitted'))
  expect((await rooms.request('POST', '/admin/sales/over/close', { headers })).status).toBe(200)
  const { sale, ...others } = lineKeys('over')
  expect(await redis.pttl(sale)).toBe(-1)
  for (const key of Object.values(others))
    if ((await redis.exists(key)) === 1) {
      expect(await redis.pttl(key)).toBeGreaterThan(WEEK - 60_000)
      expect(await redis.pttl(key)).toBeLessThanOrEqual(WEEK)
    }
  expect(await redis.pttl(others.line)).toBeGreaterThan(0)
})
