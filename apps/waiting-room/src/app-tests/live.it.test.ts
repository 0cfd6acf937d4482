import { board, joinResponse, problemBody, saleResource, type TicketStatus, ticketStatus } from '@floodgate/contracts'
import { eventually } from '@floodgate/testkit'
import { ADMIN_TOKEN, silentLogger } from '@floodgate/testkit/fixtures'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { expectHealthy, type Rooms, startRooms } from '../testing/start-rooms.ts'

let rooms: Rooms
beforeAll(async () => {
  rooms = await startRooms(2)
  await eventually(async () => {
    for (const room of rooms.rooms) await expectHealthy(room)
  })
})
afterAll(() => rooms.remove())

const headers = { authorization: `Bearer ${ADMIN_TOKEN}` }
const settings = { name: 'Live', admitPerSecond: 20, maxActive: 1, admissionTtlSeconds: 60 }
const openSale = async (sale: string, body: object = settings) => {
  await rooms.request('PUT', `/admin/sales/${sale}`, { headers, body })
  await rooms.request('POST', `/admin/sales/${sale}/open`, { headers })
}
const join = async (sale: string) =>
  joinResponse.parse(await (await rooms.request('POST', `/sales/${sale}/tickets`)).json())
const bearer = (ticket: string) => ({ headers: { authorization: `Bearer ${ticket}` } })
const poll = async (sale: string, ticket: string) => {
  const response = await rooms.request('GET', `/sales/${sale}/ticket`, bearer(ticket))
  return ticketStatus.parse(await response.json())
}

it('a socket receives its admission, whichever process admits it, with the same token as the poll', async () => {
  await openSale('sockets')
  const first = await join('sockets')
  await eventually(async () => expect((await poll('sockets', first.ticket)).state).toBe('admitted'))
  const second = await join('sockets')
  const heard: TicketStatus[] = []
  const sockets = rooms.rooms.map((room) => {
    const url = `${room.url().replace('http', 'ws')}/sales/sockets/live`
    const socket = new WebSocket(url, ['floodgate.v1', second.ticket])
    socket.on('message', (message) => heard.push(ticketStatus.parse(JSON.parse(String(message)))))
    return socket
  })
  await eventually(() => expect(heard.length).toBeGreaterThanOrEqual(2))
  expect(heard.every((status) => status.state === 'waiting')).toBe(true)
  await rooms.request('DELETE', '/sales/sockets/ticket', bearer(first.ticket))
  const passes = await eventually(() => {
    const admitted = heard.flatMap((status) => (status.state === 'admitted' ? [status.admission] : []))
    expect(admitted.length).toBe(2)
    return admitted
  })
  const polled = await poll('sockets', second.ticket)
  expect(polled.state === 'admitted' && polled.admission).toBe(passes[0])
  expect(passes[1]).toBe(passes[0])
  // An admitted buyer may finish; the status says that the sale admits nobody else.
  await rooms.request('POST', '/admin/sales/sockets/close', { headers })
  await eventually(() => {
    const afterTheClose = heard.filter(({ saleState }) => saleState === 'closed')
    expect(afterTheClose).toMatchObject(passes.map((admission) => ({ state: 'admitted', admission })))
  })
  for (const socket of sockets) socket.terminate()
})

it('a socket without a ticket is rejected before the upgrade', async () => {
  const url = `${rooms.rooms[0]?.url().replace('http', 'ws')}/sales/sockets/live`
  const outcome = Promise.withResolvers<number | undefined>()
  new WebSocket(url, ['floodgate.v1'])
    .on('unexpected-response', (_, response) => outcome.resolve(response.statusCode))
    .on('error', () => undefined)
  expect(await outcome.promise).toBe(401)
})

it('the board is public, cacheable, and not sent twice', async () => {
  await openSale('board')
  const url = `${rooms.rooms[0]?.url()}/sales/board/board`
  const response = await eventually(async () => {
    const response = await fetch(url)
    expect(response.status).toBe(200)
    expect((await response.clone().json()) as object).toMatchObject({ saleState: 'open' })
    return response
  })
  board.parse(await response.json())
  expect(response.headers.get('cache-control')).toBe('public, max-age=1, stale-while-revalidate=2')
  await eventually(async () => {
    const etag = (await fetch(url)).headers.get('etag') ?? ''
    expect(etag).toMatch(/^"/)
    expect((await fetch(url, { headers: { 'if-none-match': etag } })).status).toBe(304)
  })
})

it('after a restart of Redis the sale recovers, and places and admissions are unchanged', async () => {
  await openSale('lost')
  const first = await join('lost')
  const second = await join('lost')
  const before = await eventually(async () => {
    const status = await poll('lost', first.ticket)
    if (status.state !== 'admitted') throw new Error(status.state)
    return status
  })
  // Only Postgres keeps its data: the archive must contain the admission first.
  await eventually(async () => {
    const { rows } = await rooms.pool.query(
      "select 1 from rooms.archived_log where sale = 'lost' and kind = 'admitted'",
    )
    expect(rows.length).toBe(1)
  })
  await rooms.redis.kill()
  await rooms.redis.restart()
  const { createRedis, closeRedis, waitUntilReady } = await import('@floodgate/redis')
  const redis = createRedis({
    url: rooms.redis.url,
    name: 'wipe',
    role: 'commands',
    log: silentLogger,
  })
  await waitUntilReady(redis, AbortSignal.timeout(60_000))
  await redis.flushall()
  await closeRedis(redis)
  const again = await eventually(async () => {
    const status = await poll('lost', first.ticket)
    if (status.state !== 'admitted') throw new Error(status.state)
    return status
  })
  expect(again.admission).toBe(before.admission)
  await eventually(async () => expect((await poll('lost', second.ticket)).state).toBe('waiting'))
  const third = await eventually(() => join('lost'))
  expect(third.place).toBeGreaterThan(second.place)
  // Each process reconnects to Redis by itself, and responds with 503 until then.
  await eventually(async () => {
    const resource = saleResource.parse(await (await rooms.request('GET', '/admin/sales/lost', { headers })).json())
    expect(resource.counts.active).toBe(1)
  })
  await eventually(async () => {
    const { status } = await rooms.request('DELETE', '/sales/lost/ticket', bearer(first.ticket))
    expect(status).toBe(204)
  })
  await eventually(async () => expect((await poll('lost', second.ticket)).state).toBe('admitted'))
})

it('a plain request to the live address gets upgrade-required', async () => {
  const rejected = await rooms.request('GET', '/sales/sockets/live')
  expect(rejected.status).toBe(426)
  expect(problemBody.parse(await rejected.json()).code).toBe('upgrade-required')
})

it('an unavailable Redis is a 503 with Retry-After, and the process survives it', async () => {
  await openSale('away')
  const { ticket } = await join('away')
  await rooms.redis.kill()
  const rejected = await eventually(async () => {
    const response = await rooms.request('POST', '/sales/away/tickets')
    expect(response.status).toBe(503)
    return response
  })
  expect(problemBody.parse(await rejected.json())).toMatchObject({ code: 'unavailable', retryable: true })
  expect(rejected.headers.get('retry-after')).toBe('2')
  await rooms.redis.restart()
  await eventually(async () => expect((await poll('away', ticket)).state).toBe('admitted'))
})
