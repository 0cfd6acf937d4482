import { joinResponse, problemBody, ticketStatus } from '@floodgate/contracts'
import { eventually } from '@floodgate/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { expectHealthy, operator, type Rooms, startRooms } from '../testing/start-rooms.ts'

/** So slow that no token is refilled during a test. */
const limits = { newPlacesPerSecond: 0.001, newPlacesBurst: 5, waitingMax: 12, pollsEarlyMax: 4, trustedHops: 1 }
const settings = { name: 'A sale', admitPerSecond: 0.1, maxActive: 1, admissionTtlSeconds: 60 }
let rooms: Rooms
beforeAll(async () => {
  rooms = await startRooms(1, { limits })
  await eventually(() => expectHealthy(rooms.rooms[0]))
})
afterAll(() => rooms.remove())

const openSale = async (sale: string) => {
  expect((await rooms.request('PUT', `/admin/sales/${sale}`, { headers: operator, body: settings })).status).toBe(201)
  // Paused, so that no admission shortens the line.
  for (const act of ['open', 'pause'])
    expect((await rooms.request('POST', `/admin/sales/${sale}/${act}`, { headers: operator })).status).toBe(200)
}
const join = (sale: string, address: string, headers: Record<string, string> = {}) =>
  rooms.request('POST', `/sales/${sale}/tickets`, { headers: { 'x-forwarded-for': address, ...headers } })
const joinMany = async (sale: string, address: string, count: number) =>
  await Promise.all(Array.from({ length: count }, () => join(sale, address)))
const statusesOf = (responses: readonly Response[]) =>
  responses.map(({ status }) => status).toSorted((one, other) => one - other)
const limited = async () => {
  const metrics = await (await fetch(`${rooms.rooms[0]?.opsUrl()}/metrics`)).text()
  const of = (limit: string) =>
    Number(new RegExp(`limited_total\\{[^}]*limit="${limit}"[^}]*\\} (\\d+)`).exec(metrics)?.[1] ?? 0)
  return { newPlaces: of('new-places'), full: of('line-full') }
}

it('an address gets its burst of new places, however many requests are in progress, and no more', async () => {
  await openSale('one')
  const before = await limited()
  const responses = await joinMany('one', '192.0.2.1', 20)
  expect(statusesOf(responses)).toEqual([...Array(5).fill(201), ...Array(15).fill(429)])
  const rejected = responses.find(({ status }) => status === 429)
  expect(problemBody.parse(await rejected?.json())).toMatchObject({ code: 'too-many-requests', limit: 'new-places' })
  expect(Number(rejected?.headers.get('retry-after'))).toBeGreaterThan(1)
  expect(rejected?.headers.get('ratelimit-policy')).toBe('"new-places";q=5;w=5000')
  expect(rejected?.headers.get('ratelimit')).toMatch(/^"new-places";r=0;t=\d+$/)
  expect(rejected?.headers.get('set-cookie')).toBeNull()
  expect((await limited()).newPlaces).toBe(before.newPlaces + 15)
  // A request that does not take the fast path is counted with the others.
  const byHono = await rooms.request('POST', '/sales/one/tickets?x', { headers: { 'x-forwarded-for': '192.0.2.1' } })
  expect(byHono.status).toBe(429)
  // Another address is another client, and so is another /64.
  expect((await join('one', '192.0.2.2')).status).toBe(201)
  expect((await join('one', '2001:db8::1')).status).toBe(201)
})

it('a buyer with a place, by cookie or by ticket, is not counted, even when the address has no token left', async () => {
  await openSale('two')
  const first = await join('two', '192.0.2.10')
  const cookie = first.headers.get('set-cookie')?.split(';')[0] ?? ''
  const { ticket, place } = joinResponse.parse(await first.json())
  const again = [{ cookie }, { authorization: `Bearer ${ticket}` }]
  for (let round = 0; round < 5; round += 1)
    for (const headers of again) expect((await join('two', '192.0.2.10', headers)).status).toBe(200)
  // Four tokens are left of five.
  expect(statusesOf(await joinMany('two', '192.0.2.10', 10))).toEqual([...Array(4).fill(201), ...Array(6).fill(429)])
  for (const headers of again) {
    const known = await join('two', '192.0.2.10', headers)
    expect([known.status, joinResponse.parse(await known.json()).place]).toEqual([200, place])
  }
})

it('a known buyer without a place in this sale is counted', async () => {
  await openSale('three')
  const cookie = (await join('three', '192.0.2.20')).headers.get('set-cookie')?.split(';')[0] ?? ''
  await joinMany('three', '192.0.2.20', 4)
  await openSale('four')
  expect((await join('four', '192.0.2.20', { cookie })).status).toBe(429)
  expect((await join('four', '192.0.2.20', { 'idempotency-key': crypto.randomUUID() })).status).toBe(429)
})

it('a join that the sale rejects costs no token of the limit', async () => {
  expect((await rooms.request('PUT', '/admin/sales/later', { headers: operator, body: settings })).status).toBe(201)
  for (let round = 0; round < 6; round += 1) {
    expect((await join('later', '192.0.2.30')).status).toBe(409)
    expect((await join('no-such-sale', '192.0.2.30')).status).toBe(404)
  }
})

it('a line accepts exactly its maximum of places from a concurrent rush, and keeps the buyers in it', async () => {
  await openSale('full')
  const before = await limited()
  const joins = await Promise.all(Array.from({ length: 40 }, (_, at) => join('full', `198.51.100.${at}`)))
  expect(statusesOf(joins)).toEqual([...Array(12).fill(201), ...Array(28).fill(503)])
  const rejected = joins.find(({ status }) => status === 503)
  expect(problemBody.parse(await rejected?.json()).code).toBe('line-full')
  expect(rejected?.headers.get('retry-after')).toBe('30')
  expect((await limited()).full).toBe(before.full + 28)

  const placed = joins.find(({ status }) => status === 201)
  const { ticket } = joinResponse.parse(await placed?.json())
  const authorization = `Bearer ${ticket}`
  expect((await join('full', '203.0.113.1', { authorization })).status).toBe(200)
  // One buyer leaves, so one may join.
  expect((await rooms.request('DELETE', '/sales/full/ticket', { headers: { authorization } })).status).toBe(204)
  expect(statusesOf([await join('full', '203.0.113.2'), await join('full', '203.0.113.3')])).toEqual([201, 503])
})

it('a ticket that is polled constantly gets its last response, then 429, and is served again after a leave', async () => {
  await openSale('polled')
  const joins = await Promise.all([1, 2, 3].map((at) => join('polled', `192.0.2.${100 + at}`)))
  const { ticket } = joinResponse.parse(await joins[2]?.json())
  const headers = { authorization: `Bearer ${ticket}` }
  const poll = (query = '') => rooms.request('GET', `/sales/polled/ticket${query}`, { headers })
  const first = ticketStatus.parse(await (await poll()).json())
  // The line does not move, so the interval is several seconds.
  expect(first.pollAfterMs).toBeGreaterThan(1_000)
  for (const query of ['', '?x', '', '?x']) {
    const { pollAfterMs, ...again } = ticketStatus.parse(await (await poll(query)).json())
    expect({ ...again, pollAfterMs: first.pollAfterMs }).toEqual(first)
    expect(pollAfterMs).toBeLessThanOrEqual(first.pollAfterMs)
  }
  for (const query of ['', '?x']) {
    const rejected = await poll(query)
    expect(rejected.status).toBe(429)
    expect(rejected.headers.get('ratelimit-policy')).toMatch(/^"polls";q=4;w=\d+$/)
    expect(Number(rejected.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
    expect(problemBody.parse(await rejected.json())).toMatchObject({ code: 'too-many-requests', limit: 'polls' })
  }
  expect((await rooms.request('DELETE', '/sales/polled/ticket', { headers })).status).toBe(204)
  expect(ticketStatus.parse(await (await poll()).json()).state).toBe('left')
})

it('extension requests of one ticket are limited also where they change nothing', async () => {
  await openSale('hurried')
  const { ticket } = joinResponse.parse(await (await join('hurried', '192.0.2.60')).json())
  const headers = { authorization: `Bearer ${ticket}`, 'x-forwarded-for': '192.0.2.61' }
  const ask = () => rooms.request('POST', '/sales/hurried/ticket/extension', { headers, body: { number: 1 } })
  const responses = await Promise.all(Array.from({ length: 12 }, ask))
  const rejected = responses.filter(({ status }) => status === 429)
  expect(responses.filter(({ status }) => status === 409).length + rejected.length).toBe(12)
  expect(rejected.length).toBeGreaterThan(0)
  expect(problemBody.parse(await rejected[0]?.json())).toMatchObject({ code: 'too-many-requests', limit: 'extensions' })
  expect(rejected[0]?.headers.get('ratelimit-policy')).toBe('"extensions";q=4;w=4')
})
