import { joinResponse, type TicketStatus, ticketStatus } from '@floodgate/contracts'
import { closeRedis, type Redis } from '@floodgate/redis'
import { connectRedis, eventually } from '@floodgate/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { GROUPS } from '../bus.ts'
import { lineKeys } from '../redis/keys.ts'
import { expectHealthy, operator as headers, type Rooms, startRooms } from '../testing/start-rooms.ts'

const settings = { name: 'Cost', admitPerSecond: 500, maxActive: 1_000, admissionTtlSeconds: 60 }
const TICKS_PER_SECOND = 10
const SNAPSHOTS_PER_SECOND = 4

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

/** Reads Redis' own count of calls per command, including those made by scripts. */
const calls = async (): Promise<ReadonlyMap<string, number>> => {
  const lines = (await redis.info('commandstats')).matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm)
  return new Map([...lines].map(([, name = '', count]) => [name, Number(count)]))
}
const difference = (before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>, name: string) =>
  (after.get(name) ?? 0) - (before.get(name) ?? 0)
const redisMs = async () => {
  const [seconds, micros] = (await redis.time()).map(Number)
  return (seconds ?? 0) * 1_000 + (micros ?? 0) / 1_000
}
const openSale = async (sale: string, body: object) => {
  expect((await rooms.request('PUT', `/admin/sales/${sale}`, { headers, body })).status).toBe(201)
  expect((await rooms.request('POST', `/admin/sales/${sale}/open`, { headers })).status).toBe(200)
}
const join = async (sale: string) =>
  joinResponse.parse(await (await rooms.request('POST', `/sales/${sale}/tickets`)).json())

/**
 * Before the first snapshot with a new buyer, polls query Redis. Only the script that looks up one buyer calls ZRANK.
 */
const untilSnapshotTells = (poll: () => Promise<TicketStatus>) =>
  eventually(async () => {
    const before = await calls()
    expect((await poll()).position).toBeGreaterThan(50)
    expect(difference(before, await calls(), 'zrank')).toBe(0)
  })

it('an open sale without visitors costs a tick and a beat each second, and no snapshots', async () => {
  await openSale('idle', settings)
  // The process that opened the sale ticks it for a moment.
  const openedMs = await redisMs()
  await eventually(async () => expect((await redisMs()) - openedMs).toBeGreaterThan(3_000))
  // Calls made by scripts (tick, snapshot, the bus' leases), and by this test.
  const tick = [
    'hmget',
    'hget',
    'hset',
    'hgetall',
    'hvals',
    'zcard',
    'zcount',
    'zrange',
    'zrangebyscore',
    'zmscore',
    'xrevrange',
    'xrange',
    'time',
  ]
  const inside = [...tick, 'zadd', 'hsetnx', 'pexpire', 'zremrangebyscore', 'xtrim', 'info']
  // A busy machine makes up for late ticks: one quiet look counts.
  await eventually(async () => {
    const before = { calls: await calls(), ms: await redisMs() }
    const after = await eventually(async () => {
      const ms = await redisMs()
      expect(ms - before.ms).toBeGreaterThan(3_000)
      return { ms, calls: await calls() }
    })
    const seconds = (after.ms - before.ms) / 1_000
    const scripts = difference(before.calls, after.calls, 'evalsha')
    // Besides the tick and the beat, the bus renews its leases.
    expect(scripts / seconds).toBeLessThanOrEqual(6)
    const others = [...after.calls.keys()].filter((name) => name !== 'evalsha' && !inside.includes(name))
    const perSecond = others.map((name) => [name, difference(before.calls, after.calls, name) / seconds] as const)
    const total = perSecond.reduce((sum, [, rate]) => sum + rate, 0)
    // Each consumer group costs the bus two or three calls.
    expect(total, JSON.stringify(perSecond.filter(([, rate]) => rate > 0))).toBeLessThanOrEqual(3 * GROUPS.length)
  })
})

it('a poll away from the front costs no Redis command', async () => {
  // Paused: nobody is admitted or set aside, however long the joins take.
  await openSale('polls', { ...settings, admitPerSecond: 0.1, maxActive: 1 })
  expect((await rooms.request('POST', '/admin/sales/polls/pause', { headers })).status).toBe(200)
  const tickets: string[] = []
  for (let round = 0; round < 10; round += 1)
    tickets.push(...(await Promise.all(Array.from({ length: 10 }, () => join('polls')))).map(({ ticket }) => ticket))
  const last = tickets.at(-1) ?? ''
  const poll = async () => {
    const response = await rooms.request('GET', '/sales/polls/ticket', { headers: { authorization: `Bearer ${last}` } })
    return ticketStatus.parse(await response.json())
  }
  await untilSnapshotTells(poll)
  const before = await calls()
  const startedMs = await redisMs()
  for (let round = 0; round < 20; round += 1)
    for (const status of await Promise.all(Array.from({ length: 20 }, poll))) expect(status.state).toBe('waiting')
  const after = await calls()
  // Ticks and snapshots continued meanwhile.
  expect(difference(before, after, 'zrank')).toBe(0)
  const seconds = ((await redisMs()) - startedMs) / 1_000
  expect(difference(before, after, 'evalsha')).toBeLessThan(
    2 * (TICKS_PER_SECOND + SNAPSHOTS_PER_SECOND) * (seconds + 1.5),
  )
})

it('a poll from the window behind its head needs no look-up, and its presence is recorded', async () => {
  // The window is the whole line, its head 50; nobody moves while the sale is paused.
  await openSale('window', { ...settings, admitPerSecond: 10 })
  expect((await rooms.request('POST', '/admin/sales/window/pause', { headers })).status).toBe(200)
  for (let joined = 0; joined < 80; joined += 1) await join('window')
  const { ticket } = await join('window')
  const { line, presentUntil: seen } = lineKeys('window')
  const [last = ''] = await redis.zrevrange(line, 0, 0)
  const poll = async () => {
    const response = await rooms.request('GET', '/sales/window/ticket', {
      headers: { authorization: `Bearer ${ticket}` },
    })
    return ticketStatus.parse(await response.json())
  }
  await untilSnapshotTells(poll)
  await redis.zrem(seen, last)
  await eventually(async () => {
    await poll()
    expect(await redis.zscore(seen, last)).not.toBeNull()
  })
  const before = await calls()
  for (let polls = 0; polls < 20; polls += 1) expect((await poll()).state).toBe('waiting')
  expect(difference(before, await calls(), 'zrank')).toBe(0)
})

it('five hundred sockets of one process all get their admission, without a Redis command each', async () => {
  const count = 500
  await openSale('crowd', settings)
  expect((await rooms.request('POST', '/admin/sales/crowd/pause', { headers })).status).toBe(200)
  const newest = new Map<string, TicketStatus>()
  const sockets: WebSocket[] = []
  const url = `${rooms.rooms[0]?.url().replace('http', 'ws')}/sales/crowd/live`
  for (let portion = 0; portion < count / 50; portion += 1)
    for (const { ticket } of await Promise.all(Array.from({ length: 50 }, () => join('crowd')))) {
      const socket = new WebSocket(url, ['floodgate.v1', ticket])
      socket.on('message', (message) => newest.set(ticket, ticketStatus.parse(JSON.parse(String(message)))))
      sockets.push(socket)
    }
  await eventually(() => expect(newest.size).toBe(count))
  const before = await calls()
  expect((await rooms.request('POST', '/admin/sales/crowd/resume', { headers })).status).toBe(200)
  await eventually(() => expect([...newest.values()].filter(({ state }) => state === 'admitted')).toHaveLength(count))
  const passes = new Set([...newest.values()].map((status) => status.state === 'admitted' && status.admission))
  expect(passes.size).toBe(count)
  // A sweep looks up the buyers admitted while it ran: those of a few ticks on a busy machine, never all.
  expect(difference(before, await calls(), 'zrank')).toBeLessThan(count / 2)
  for (const socket of sockets) socket.terminate()
})
