import { joinResponse, problemBody, readiness, saleResource, ticketStatus } from '@floodgate/contracts'
import { eventually } from '@floodgate/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createRoom, expectHealthy, operator as headers, type Rooms, startRooms } from '../testing/start-rooms.ts'

let rooms: Rooms
beforeAll(async () => {
  rooms = await startRooms(2, { isPostgresOwn: true })
  await eventually(ready)
})
afterAll(() => rooms.remove())

const ready = async () => {
  for (const room of rooms.rooms) await expectHealthy(room)
}
const settings = { name: 'Outage', admitPerSecond: 50, maxActive: 1, admissionTtlSeconds: 60 }
const resource = async (sale: string) => {
  const response = await rooms.request('GET', `/admin/sales/${sale}`, { headers })
  return saleResource.parse(await response.json())
}
const join = async (sale: string) =>
  joinResponse.parse(await (await rooms.request('POST', `/sales/${sale}/tickets`)).json())
const bearer = (ticket: string) => ({ headers: { authorization: `Bearer ${ticket}` } })
const stateOf = async (sale: string, ticket: string) => {
  const response = await rooms.request('GET', `/sales/${sale}/ticket`, bearer(ticket))
  return ticketStatus.parse(await response.json()).state
}
const actsOf = async () => (await rooms.pool.query('select act from rooms.acts order by id')).rows

it('without Postgres acts are rejected and change nothing, while buyers join, wait and are admitted', async () => {
  await rooms.request('PUT', '/admin/sales/pg', { headers, body: { ...settings, maxActive: 2 } })
  await rooms.request('POST', '/admin/sales/pg/open', { headers })
  const first = await join('pg')
  await eventually(async () => expect(await stateOf('pg', first.ticket)).toBe('admitted'))
  const before = { acts: await actsOf(), sale: await resource('pg') }
  await rooms.postgres?.kill()

  const rejected = [
    await rooms.request('PUT', '/admin/sales/pg', { headers, body: { ...settings, admitPerSecond: 1 } }),
    await rooms.request('PUT', '/admin/sales/another', { headers, body: settings }),
    await rooms.request('POST', '/admin/sales/pg/pause', { headers }),
    await rooms.request('POST', '/admin/sales/pg/close', { headers }),
    await rooms.request('GET', '/admin/sales/pg/log', { headers }),
  ]
  for (const response of rejected) {
    expect(response.status).toBe(503)
    expect(response.headers.get('retry-after')).toMatch(/^\d+$/)
    expect(problemBody.parse(await response.json())).toMatchObject({ code: 'unavailable', retryable: true })
  }
  const { counts: _, ...unchanged } = before.sale
  expect(await resource('pg')).toMatchObject(unchanged)

  // The line continues, so the process stays in the load balancer.
  const health = await fetch(`${rooms.rooms[0]?.opsUrl()}/readyz`)
  expect(health.status).toBe(200)
  const { degraded } = readiness.parse(await health.json())
  expect(degraded).toContain('postgres')

  const second = await join('pg')
  await eventually(async () => expect(await stateOf('pg', second.ticket)).toBe('admitted'))
  const third = await join('pg')
  expect((await rooms.request('DELETE', '/sales/pg/ticket', bearer(first.ticket))).status).toBe(204)
  expect(await stateOf('pg', first.ticket)).toBe('left')
  expect(await stateOf('pg', third.ticket)).toBe('waiting')

  // A slot that is given back returns when its admission is revoked, which needs Postgres.
  await rooms.postgres?.restart()
  await eventually(async () => expect(await stateOf('pg', third.ticket)).toBe('admitted'))
  await eventually(ready)
  expect(await actsOf()).toEqual(before.acts)
  expect((await rooms.request('POST', '/admin/sales/pg/pause', { headers })).status).toBe(200)
})

it('a sale that opens by its schedule while Postgres is unavailable admits buyers, and that is recorded afterwards', async () => {
  const opensAt = new Date(Date.now() + 3_000).toISOString()
  expect((await rooms.request('PUT', '/admin/sales/timed', { headers, body: { ...settings, opensAt } })).status).toBe(
    201,
  )
  await rooms.postgres?.kill()
  const { ticket } = await eventually(() => join('timed'))
  await eventually(async () => expect(await stateOf('timed', ticket)).toBe('admitted'))
  await rooms.postgres?.restart()
  await eventually(async () => {
    const { rows } = await rooms.pool.query("select act from rooms.acts where sale = 'timed' order by id")
    expect(rows).toEqual([{ act: 'configured' }, { act: 'open' }])
  })
  await eventually(ready)
})

it('a process that starts while everything is unavailable stays up, reports what is missing, stops at once, and becomes ready by itself', async () => {
  await rooms.redis.kill()
  await rooms.postgres?.kill()
  const stopping = await createRoom(rooms.config)
  await stopping.start()
  const startedMs = performance.now()
  await stopping.stop()
  expect(performance.now() - startedMs).toBeLessThan(9_000)

  const room = await createRoom(rooms.config)
  await room.start()
  try {
    expect((await fetch(`${room.url()}/livez`)).status).toBe(200)
    const health = await fetch(`${room.opsUrl()}/readyz`)
    expect(health.status).toBe(503)
    const said = JSON.stringify(await health.json())
    for (const name of ['redis', 'postgres', 'bus']) expect(said).toContain(name)
    const rejected = await fetch(`${room.url()}/sales/pg/tickets`, { method: 'POST' })
    expect(problemBody.parse(await rejected.json())).toMatchObject({ status: 503, code: 'unavailable' })
    await Promise.all([rooms.redis.restart(), rooms.postgres?.restart()])
    await eventually(() => expectHealthy(room))
  } finally {
    await room.stop()
  }
})
