import { once } from 'node:events'
import { endedPass, joinResponse, problemBody, ticketStatus } from '@floodgate/contracts'
import { closeRedis } from '@floodgate/redis'
import { connectRedis, eventually } from '@floodgate/testkit'
import { createLocalJWKSet, decodeJwt, errors, type JSONWebKeySet, jwtVerify } from 'jose'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { lineKeys } from '../redis/keys.ts'
import { expectHealthy, operator, type Rooms, startRooms } from '../testing/start-rooms.ts'

const HOUR_MS = 3_600_000
let rooms: Rooms
beforeAll(async () => {
  rooms = await startRooms(1)
  await eventually(() => expectHealthy(rooms.rooms[0]))
})
afterAll(() => rooms.remove())

const openSale = async (sale: string) => {
  const body = { name: 'A sale', admitPerSecond: 10, maxActive: 5, admissionTtlSeconds: 600 }
  await rooms.request('PUT', `/admin/sales/${sale}`, { headers: operator, body })
  await rooms.request('POST', `/admin/sales/${sale}/open`, { headers: operator })
}
const join = async (sale: string) => {
  const response = await rooms.request('POST', `/sales/${sale}/tickets`)
  const cookies = response.headers.getSetCookie().map((cookie) => cookie.split(';')[0] ?? '')
  return {
    ticket: joinResponse.parse(await response.json()).ticket,
    buyerCookie: cookies.find((cookie) => cookie.startsWith('floodgate-buyer=')) ?? '',
    cookie: cookies.join('; '),
  }
}
const passOf = async (sale: string, headers: Record<string, string>) => {
  const response = await rooms.request('GET', `/sales/${sale}/ended-pass`, { headers })
  expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-store'])
  return endedPass.parse(await response.json())
}
const stateOf = async (sale: string, headers: Record<string, string>) => {
  const response = await rooms.request('GET', `/sales/${sale}/ticket`, { headers })
  expect(response.status).toBe(200)
  return ticketStatus.parse(await response.json())
}
/** Resolves to the first message of a socket to a browser that has only cookies. */
const listen = async (sale: string, cookie: string) => {
  const url = `${rooms.rooms[0]?.url().replace('http', 'ws')}/sales/${sale}/live`
  const socket = new WebSocket(url, ['floodgate.v1'], { headers: { cookie } })
  const [message] = (await once(socket, 'message')) as [unknown]
  socket.close()
  return ticketStatus.parse(JSON.parse(String(message)))
}

it('a returning buyer gets a token that reads its orders for hours and starts none, by cookie or ticket', async () => {
  await openSale('back')
  const { ticket, cookie, buyerCookie } = await join('back')
  const { admission, readableUntil } = await passOf('back', { cookie })
  expect(Date.parse(readableUntil) - Date.now()).toBeGreaterThan(20 * HOUR_MS)
  for (const headers of [{ cookie: buyerCookie }, { authorization: `Bearer ${ticket}` }])
    expect((await passOf('back', headers)).admission, 'the same bytes').toBe(admission)
  const jwks = (await (await rooms.request('GET', '/.well-known/jwks.json')).json()) as JSONWebKeySet
  const rules = { issuer: 'floodgate', audience: 'order-core', algorithms: ['EdDSA'] }
  await expect(jwtVerify(admission, createLocalJWKSet(jwks), rules)).rejects.toThrow(errors.JWTExpired)
  // As the order core checks an expired admission.
  const hoursAgo = { ...rules, currentDate: new Date(Date.now() - 3 * HOUR_MS) }
  const { payload } = await jwtVerify(admission, createLocalJWKSet(jwks), hoursAgo)
  const own = await eventually(async () => {
    const status = await stateOf('back', { cookie })
    if (status.state !== 'admitted') throw new Error(status.state)
    return status
  })
  expect(payload).toMatchObject({ sale: 'back', sub: decodeJwt(own.admission).sub })
})

it('of an unknown sale, too: orders outlive lines', async () => {
  await openSale('first')
  const { buyerCookie } = await join('first')
  await passOf('long-over', { cookie: buyerCookie })
})

it('it requires proof: two forged cookies give none, and the genuine one counts wherever it stands', async () => {
  await openSale('proof')
  const { buyerCookie, ticket } = await join('proof')
  const forged = 'floodgate-buyer=AAAAAAAAAAAAAAAAAAAAAA.kid.c2ln'
  const problems: readonly (readonly [Record<string, string>, string])[] = [
    [{}, 'ticket-missing'],
    [{ cookie: `${forged}; floodgate-buyer=x.y.z` }, 'ticket-invalid'],
    [{ authorization: 'Bearer a.b.c' }, 'ticket-invalid'],
    [{ authorization: 'Basic YTpi', cookie: buyerCookie }, 'ticket-invalid'],
  ]
  for (const [headers, code] of problems) {
    const response = await rooms.request('GET', '/sales/proof/ended-pass', { headers })
    expect([response.status, problemBody.parse(await response.json()).code]).toEqual([401, code])
  }
  const other = await rooms.request('GET', '/sales/other/ended-pass', {
    headers: { authorization: `Bearer ${ticket}` },
  })
  expect(other.status).toBe(401)
  for (const cookie of [
    `${forged}; ${buyerCookie}`,
    `${buyerCookie}; ${forged}`,
    `floodgate-buyer=x.y.z; ${forged}; ${buyerCookie}`,
  ]) {
    await passOf('proof', { cookie })
    await stateOf('proof', { cookie })
    const again = await rooms.request('POST', '/sales/proof/tickets', { headers: { cookie } })
    expect(joinResponse.parse(await again.json()).place).toBe(1)
    await listen('proof', cookie)
  }
})

it('a turn that was given back is remembered beyond the hour of its slot', async () => {
  await openSale('given')
  const { cookie, buyerCookie } = await join('given')
  await eventually(async () => expect((await stateOf('given', { cookie })).state).toBe('admitted'))
  expect((await rooms.request('DELETE', '/sales/given/ticket', { headers: { cookie } })).status).toBe(204)
  const redis = await connectRedis(rooms.redis.url, 'scripts')
  // What an hour does to the slot.
  const keys = lineKeys('given')
  await eventually(async () => expect(await redis.zcard(keys.active)).toBe(0))
  await redis.del(keys.slotOf, keys.slots)
  await closeRedis(redis)
  expect((await stateOf('given', { cookie: buyerCookie })).state).toBe('left')
})
