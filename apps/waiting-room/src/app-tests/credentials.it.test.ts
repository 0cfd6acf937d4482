import { randomUUID } from 'node:crypto'
import { joinResponse, problemBody, ticketStatus } from '@floodgate/contracts'
import { closeRedis } from '@floodgate/redis'
import { connectRedis, eventually } from '@floodgate/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectHealthy, operator, type Rooms, startRooms } from '../testing/start-rooms.ts'

const settings = { name: 'A sale', admitPerSecond: 0.1, maxActive: 1, admissionTtlSeconds: 60 }
let rooms: Rooms
beforeAll(async () => {
  rooms = await startRooms(1)
  await eventually(() => expectHealthy(rooms.rooms[0]))
})
afterAll(() => rooms.remove())

let sales = 0
const openSale = async (more: object = {}) => {
  sales += 1
  const sale = `sale-${sales}`
  const body = { ...settings, ...more }
  expect((await rooms.request('PUT', `/admin/sales/${sale}`, { headers: operator, body })).status).toBe(201)
  for (const act of ['open', 'pause'])
    expect((await rooms.request('POST', `/admin/sales/${sale}/${act}`, { headers: operator })).status).toBe(200)
  return sale
}
type Headers = Record<string, string>
const cookieOf = (response: Response, name: string): string =>
  response.headers.getSetCookie().find((cookie) => cookie.startsWith(`${name}=`)) ?? ''
const pairOf = (cookie: string): string => cookie.split(';')[0] ?? ''
const post = (sale: string, headers: Headers = {}) => rooms.request('POST', `/sales/${sale}/tickets`, { headers })
const join = async (sale: string, headers: Headers = {}) => {
  const response = await post(sale, headers)
  expect([200, 201]).toContain(response.status)
  const { ticket, place } = joinResponse.parse(await response.json())
  return {
    ticket,
    place,
    buyerCookie: pairOf(cookieOf(response, 'floodgate-buyer')),
    ticketCookie: pairOf(cookieOf(response, 'floodgate-ticket')),
    ticketAttributes: cookieOf(response, 'floodgate-ticket'),
  }
}
const statusOf = async (sale: string, headers: Headers) => {
  const response = await rooms.request('GET', `/sales/${sale}/ticket`, { headers })
  expect(response.status).toBe(200)
  return ticketStatus.parse(await response.json())
}
const bearer = (ticket: string) => ({ authorization: `Bearer ${ticket}` })
const codeOf = async (response: Response) => problemBody.parse(await response.json()).code

describe('the ticket cookie', () => {
  it('belongs to its sale, lasts as long as the ticket, and is enough to poll', async () => {
    const sale = await openSale()
    const { ticket, ticketCookie, ticketAttributes } = await join(sale)
    expect(ticketCookie).toBe(`floodgate-ticket=${ticket}`)
    expect(ticketAttributes).toContain(`; Path=/sales/${sale}; Max-Age=${7 * 24 * 3_600}; HttpOnly; SameSite=Lax`)
    expect((await statusOf(sale, { cookie: ticketCookie })).state).toBe('waiting')
    const other = await openSale()
    const rejected = await rooms.request('GET', `/sales/${other}/ticket`, { headers: { cookie: ticketCookie } })
    expect([rejected.status, await codeOf(rejected)]).toEqual([401, 'ticket-invalid'])
  })

  it('ends a day after the planned end of its sale', async () => {
    const closesAt = new Date(Date.now() + 3_600_000).toISOString()
    const { ticketAttributes } = await join(await openSale({ closesAt }))
    const maxAge = Number(/Max-Age=(\d+)/.exec(ticketAttributes)?.[1])
    expect(maxAge).toBeGreaterThan(24 * 3_600)
    expect(maxAge).toBeLessThanOrEqual(25 * 3_600 + 1)
  })

  it('keeps the place through a total loss of Redis, for a client with only cookies', async () => {
    const sale = await openSale()
    for (let at = 0; at < 5; at += 1) await join(sale)
    const mine = await join(sale)
    const cookie = `${mine.buyerCookie}; ${mine.ticketCookie}`
    for (let at = 0; at < 5; at += 1) await join(sale)
    const redis = await connectRedis(rooms.redis.url, 'scripts')
    await redis.flushall()
    await closeRedis(redis)
    await eventually(async () => expect((await statusOf(sale, { cookie })).state).toBe('waiting'))
    const again = await join(sale, { cookie })
    expect(again.place).toBe(mine.place)
  })

  it('is ignored beside the cookie of another buyer, since a sibling host can plant it', async () => {
    const sale = await openSale()
    const [mine, planted] = [await join(sale), await join(sale)]
    for (const cookie of [
      `${mine.buyerCookie}; ${planted.ticketCookie}`,
      `${planted.ticketCookie}; ${mine.ticketCookie}; ${mine.buyerCookie}`,
    ])
      expect((await join(sale, { cookie })).place).toBe(mine.place)
  })

  it('is cleared by leaving', async () => {
    const sale = await openSale()
    const { ticket } = await join(sale)
    const left = await rooms.request('DELETE', `/sales/${sale}/ticket`, { headers: bearer(ticket) })
    expect(left.status).toBe(204)
    expect(cookieOf(left, 'floodgate-ticket')).toBe(
      `floodgate-ticket=; Path=/sales/${sale}; Max-Age=0; HttpOnly; SameSite=Lax`,
    )
  })
})

describe("the buyer's cookie", () => {
  it('is set for a new buyer and for one that has it, never for the holder of a ticket', async () => {
    const sale = await openSale()
    const first = await join(sale)
    expect(first.buyerCookie).not.toBe('')
    expect((await join(sale, { cookie: first.buyerCookie })).buyerCookie).toBe(first.buyerCookie)
    const byTicket = await join(sale, bearer(first.ticket))
    expect([byTicket.place, byTicket.buyerCookie]).toEqual([first.place, ''])
    const byTicketCookie = await join(sale, { cookie: first.ticketCookie })
    expect([byTicketCookie.place, byTicketCookie.buyerCookie]).toEqual([first.place, ''])
  })

  it('is set for the first client that joins with a key, and for no other client with that key', async () => {
    const sale = await openSale()
    const key = { 'idempotency-key': randomUUID() }
    const first = await join(sale, key)
    expect(first.buyerCookie).not.toBe('')
    const second = await join(sale, key)
    expect([second.place, second.buyerCookie]).toEqual([first.place, ''])
  })
})

describe('a page of another site', () => {
  const foreign: readonly Headers[] = [
    { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
  ]

  it('cannot make a buyer join, so that no new cookie replaces its own', async () => {
    const sale = await openSale()
    for (const headers of foreign) {
      const rejected = await post(sale, headers)
      expect([rejected.status, await codeOf(rejected)]).toEqual([403, 'origin-refused'])
      expect(rejected.headers.getSetCookie()).toEqual([])
    }
    // Not on the other transport either.
    const byHono = await rooms.request('POST', `/sales/${sale}/tickets?x`, { headers: foreign[0] ?? {} })
    expect(byHono.status).toBe(403)
    expect((await join(sale)).place).toBe(1)
  })

  it('cannot make a buyer leave', async () => {
    const sale = await openSale()
    const { buyerCookie, ticketCookie } = await join(sale)
    for (const headers of foreign)
      for (const cookie of [buyerCookie, ticketCookie]) {
        const rejected = await rooms.request('DELETE', `/sales/${sale}/ticket`, { headers: { cookie, ...headers } })
        expect(rejected.status).toBe(403)
      }
    expect((await statusOf(sale, { cookie: buyerCookie })).state).toBe('waiting')
  })

  it('cannot do so by an empty form either', async () => {
    const sale = await openSale()
    for (const type of ['application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'text/plain'])
      expect((await post(sale, { 'content-type': type, 'content-length': '0' })).status).toBe(415)
  })

  it('while the sale’s own page and clients that are not browsers still can', async () => {
    const sale = await openSale()
    const own = new URL(rooms.rooms[0]?.url() ?? '').origin
    for (const headers of [
      { origin: own, 'sec-fetch-site': 'same-origin' },
      { origin: rooms.config.publicUrl, 'sec-fetch-site': 'same-origin' },
      {},
    ])
      expect((await post(sale, headers)).status).toBe(201)
  })
})
