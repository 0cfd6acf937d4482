import { joinResponse, problemBody, readiness, saleResource, ticketStatus } from '@floodgate/contracts'
import { closeRedis } from '@floodgate/redis'
import { connectRedis, eventually, fillRedis } from '@floodgate/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { lineKeys } from '../redis/keys.ts'
import { expectHealthy, operator as headers, type Rooms, startRooms } from '../testing/start-rooms.ts'

let rooms: Rooms
beforeAll(async () => {
  rooms = await startRooms(2)
  await eventually(ready)
})
afterAll(() => rooms.remove())

const ready = async () => {
  for (const room of rooms.rooms) await expectHealthy(room)
}
const sale = 'full'
const settings = { name: 'Full', admitPerSecond: 50, maxActive: 1, admissionTtlSeconds: 600 }
const join = () => rooms.request('POST', `/sales/${sale}/tickets`)
const joined = async () => joinResponse.parse(await (await join()).json())
const bearer = (ticket: string) => ({ headers: { authorization: `Bearer ${ticket}` } })
const poll = (ticket: string) => rooms.request('GET', `/sales/${sale}/ticket`, bearer(ticket))
const stateOf = async (ticket: string) => ticketStatus.parse(await (await poll(ticket)).json()).state
const act = (name: string) => rooms.request('POST', `/admin/sales/${sale}/${name}`, { headers })
/** Runs a command even though Redis is full. */
const force = async (...[command, key, ...args]: [string, string, ...string[]]) => {
  const redis = await connectRedis(rooms.redis.url)
  const lua = '#!lua flags=allow-oom\nreturn redis.call(ARGV[1], KEYS[1], unpack(ARGV, 2))'
  const reply = await redis.eval(lua, 1, key, command, ...args)
  await closeRedis(redis)
  return reply
}

it('accepts no new buyers while Redis is full, serves those in line and lets them leave, and continues afterwards', async () => {
  await rooms.request('PUT', `/admin/sales/${sale}`, { headers, body: settings })
  await act('open')
  const inside = await joined()
  await eventually(async () => expect(await stateOf(inside.ticket)).toBe('admitted'))
  const line = [await joined(), await joined(), await joined()]
  const full = await fillRedis(rooms.redis.url)

  // Every process rejects a join.
  for (const response of [await join(), await join()]) {
    expect(response.headers.get('retry-after')).toMatch(/^\d+$/)
    expect(problemBody.parse(await response.json())).toMatchObject({
      status: 503,
      code: 'unavailable',
      retryable: true,
    })
  }
  // Longer than the presence of a buyer without reports lasts.
  const untilMs = performance.now() + 8_000
  while (performance.now() < untilMs) for (const { ticket } of line) expect(await stateOf(ticket)).toBe('waiting')
  expect(await stateOf(inside.ticket)).toBe('admitted')
  expect((await rooms.request('DELETE', `/sales/${sale}/ticket`, bearer(line[1]?.ticket ?? ''))).status).toBe(204)
  expect(await stateOf(line[1]?.ticket ?? '')).toBe('left')
  expect((await rooms.request('DELETE', `/sales/${sale}/ticket`, bearer(inside.ticket))).status).toBe(204)
  expect(await stateOf(inside.ticket)).toBe('left')
  // An operator can stop a sale that fills Redis.
  for (const [name, state] of [
    ['pause', 'paused'],
    ['resume', 'open'],
  ] as const) {
    const response = await act(name)
    expect({ status: response.status, body: saleResource.parse(await response.json()) }).toMatchObject({
      status: 200,
      body: { state },
    })
  }
  // A run of Redis that the processes do not know, as after a restart: the line is recovered although Redis is full.
  await force('HSET', lineKeys(sale).sale, 'run', 'another')
  await eventually(async () => expect(await stateOf(line[2]?.ticket ?? '')).toBe('waiting'))
  // Buyers are served, so the processes stay in the load balancer, and report the problem.
  const health = await Promise.all(rooms.rooms.map((room) => fetch(`${room.opsUrl()}/readyz`)))
  expect(health.map(({ status }) => status)).toEqual([200, 200])
  const degraded = await Promise.all(health.map(async (each) => readiness.parse(await each.json()).degraded))
  expect(degraded.flat()).toContain('ticks')

  await full.free()
  await eventually(async () => expect(await stateOf(line[0]?.ticket ?? '')).toBe('admitted'))
  expect(await stateOf(line[2]?.ticket ?? '')).toBe('waiting')
  expect((await joined()).place).toBeGreaterThan(line[2]?.place ?? 0)
  await eventually(ready)
  // The archive contains everything that happened meanwhile.
  await eventually(async () => {
    const { rows } = await rooms.pool.query(
      'select kind, count(*)::int as n from rooms.archived_log where sale = $1 group by kind',
      [sale],
    )
    expect(Object.fromEntries(rows.map(({ kind, n }) => [kind, n]))).toMatchObject({
      admitted: 2,
      left: 1,
      returned: 1,
    })
  })
})

it('slots past their deadline return while Redis is full', async () => {
  const id = 'expiring'
  const stateIn = async (ticket: string) =>
    ticketStatus.parse(await (await rooms.request('GET', `/sales/${id}/ticket`, bearer(ticket))).json()).state
  await rooms.request('PUT', `/admin/sales/${id}`, { headers, body: settings })
  await rooms.request('POST', `/admin/sales/${id}/open`, { headers })
  const { ticket } = joinResponse.parse(await (await rooms.request('POST', `/sales/${id}/tickets`)).json())
  await eventually(async () => expect(await stateIn(ticket)).toBe('admitted'))
  const [slot = ''] = (await force('ZRANGE', lineKeys(id).active, '0', '-1')) as string[]
  const full = await fillRedis(rooms.redis.url)
  await force('ZADD', lineKeys(id).active, 'XX', String(Date.now() - 1_000), slot)
  await eventually(async () => expect(await stateIn(ticket)).toBe('expired'))
  await full.free()
})
