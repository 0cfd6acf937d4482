import { randomUUID } from 'node:crypto'
import { eventually } from '@floodgate/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { expectHealthy, operator, type Rooms, startRooms } from '../testing/start-rooms.ts'

const settings = { name: 'A sale', admitPerSecond: 0.1, maxActive: 1, admissionTtlSeconds: 60 }
const REQUESTS = 2_000
const IN_FLIGHT = 200
let rooms: Rooms
beforeAll(async () => {
  rooms = await startRooms(1, { isPostgresOwn: true })
  await eventually(() => expectHealthy(rooms.rooms[0]))
  expect((await rooms.request('PUT', '/admin/sales/demo', { headers: operator, body: settings })).status).toBe(201)
  expect((await rooms.request('POST', '/admin/sales/demo/open', { headers: operator })).status).toBe(200)
})
afterAll(() => rooms.remove())

/** Requests invented ids on every route with one; counts the statuses. */
const requestRandomSales = async (): Promise<ReadonlyMap<number, number>> => {
  const statuses = new Map<number, number>()
  const routes = [
    ['GET', 'board'],
    ['GET', 'ticket'],
    ['POST', 'tickets'],
  ] as const
  let asked = 0
  const client = async () => {
    while (asked < REQUESTS) {
      const [method, name] = routes[asked % routes.length] ?? ['GET', 'board']
      asked += 1
      const response = await rooms.request(method, `/sales/${randomUUID()}/${name}`)
      await response.arrayBuffer()
      statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1)
    }
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, client))
  return statuses
}

it('thousands of invented ids get 404, and an existing sale is served meanwhile', async () => {
  const flood = requestRandomSales()
  for (let at = 0; at < 20; at += 1) {
    expect((await rooms.request('GET', '/sales/demo/board')).status).toBe(200)
    expect((await rooms.request('POST', '/sales/demo/tickets')).status).toBe(201)
  }
  expect([...(await flood).keys()]).toEqual([404])
})

it('a sale that was requested before it existed is served as soon as it is created', async () => {
  for (let at = 0; at < 5; at += 1) {
    const sale = `awaited-${at}`
    expect((await rooms.request('GET', `/admin/sales/${sale}`, { headers: operator })).status).toBe(404)
    await rooms.request('PUT', `/admin/sales/${sale}`, { headers: operator, body: settings })
    await rooms.request('POST', `/admin/sales/${sale}/open`, { headers: operator })
    expect((await rooms.request('POST', `/sales/${sale}/tickets`)).status).toBe(201)
  }
})

it('without Postgres they get 503, a known sale is served, and a new one is found afterwards', async () => {
  await rooms.postgres?.kill()
  const flood = requestRandomSales()
  for (let at = 0; at < 20; at += 1) {
    expect((await rooms.request('GET', '/sales/demo/board')).status).toBe(200)
    expect((await rooms.request('POST', '/sales/demo/tickets')).status).toBe(201)
  }
  expect([...(await flood).keys()]).toEqual([503])
  await rooms.postgres?.restart()
  await eventually(async () => expect((await rooms.request('GET', '/sales/nobodys/board')).status).toBe(404))
})
