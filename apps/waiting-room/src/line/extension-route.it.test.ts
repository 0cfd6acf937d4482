import { joinResponse, problemBody, type TicketStatus, ticketStatus } from '@floodgate/contracts'
import { eventually } from '@floodgate/testkit'
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { expectHealthy, operator, type Rooms, startRooms } from '../testing/start-rooms.ts'

let rooms: Rooms
beforeAll(async () => {
  rooms = await startRooms(2)
  await eventually(async () => {
    for (const room of rooms.rooms) await expectHealthy(room)
  })
})
afterAll(() => rooms.remove())

type Admitted = Extract<TicketStatus, { state: 'admitted' }>
const admittedOf = (body: unknown): Admitted => {
  const status = ticketStatus.parse(body)
  if (status.state !== 'admitted') throw new Error(status.state)
  return status
}
async function openSale(sale: string, more: object = {}) {
  const body = { name: 'A sale', admitPerSecond: 20, maxActive: 5, admissionTtlSeconds: 600, ...more }
  await rooms.request('PUT', `/admin/sales/${sale}`, { headers: operator, body })
  await rooms.request('POST', `/admin/sales/${sale}/open`, { headers: operator })
}
const poll = async (sale: string, ticket: string) => {
  const headers = { authorization: `Bearer ${ticket}` }
  return await (await rooms.request('GET', `/sales/${sale}/ticket`, { headers })).json()
}
async function admit(sale: string) {
  const response = await rooms.request('POST', `/sales/${sale}/tickets`)
  const cookie = response.headers
    .getSetCookie()
    .map((each) => each.split(';')[0])
    .join('; ')
  const { ticket } = joinResponse.parse(await response.json())
  return { ticket, cookie, first: await eventually(async () => admittedOf(await poll(sale, ticket))) }
}
const ask = (sale: string, headers: Record<string, string>, body: unknown = { number: 1 }) =>
  rooms.request('POST', `/sales/${sale}/ticket/extension`, { headers, body })
const codeOf = async (response: Response) => [response.status, problemBody.parse(await response.json()).code]
const bearer = (ticket: string) => ({ authorization: `Bearer ${ticket}` })
const LATER_MS = 60_000

it('a minute is granted once, whichever processes get the requests, and the poll and the sockets of all tabs show it', async () => {
  await openSale('longer')
  const { ticket, cookie, first } = await admit('longer')
  expect(first.extensions).toEqual({ taken: 0, remaining: 2, seconds: 60 })
  const heard: TicketStatus[] = []
  const sockets = rooms.rooms.map((room) => {
    const socket = new WebSocket(`${room.url().replace('http', 'ws')}/sales/longer/live`, ['floodgate.v1', ticket])
    return socket.on('message', (message) => heard.push(ticketStatus.parse(JSON.parse(String(message)))))
  })
  await eventually(() => expect(heard.length).toBeGreaterThanOrEqual(2))
  const responses = await Promise.all(
    [bearer(ticket), { cookie }, bearer(ticket), { cookie }].map(async (headers) => {
      const response = await ask('longer', headers)
      expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-store'])
      return admittedOf(await response.json())
    }),
  )
  const [longer] = responses
  expect(new Set(responses.map(({ admission }) => admission)).size, 'the same bytes from every process').toBe(1)
  expect(Date.parse(longer?.expiresAt ?? '') - Date.parse(first.expiresAt)).toBe(LATER_MS)
  expect(longer?.extensions).toEqual({ taken: 1, remaining: 1, seconds: 60 })
  const [before, after] = [decodeJwt(first.admission), decodeJwt(longer?.admission ?? '')]
  expect(after, 'the same slot of the same buyer').toEqual({ ...before, exp: (before.exp ?? 0) + 60 })
  for (const _ of rooms.rooms) expect(admittedOf(await poll('longer', ticket)).admission).toBe(longer?.admission)
  await eventually(() => {
    const told = heard.filter((status) => status.state === 'admitted' && status.admission === longer?.admission)
    expect(told.length).toBeGreaterThanOrEqual(2)
  })
  for (const socket of sockets) socket.terminate()
  expect(admittedOf(await (await ask('longer', bearer(ticket), { number: 2 })).json()).extensions?.remaining).toBe(0)
  expect(await codeOf(await ask('longer', bearer(ticket), { number: 3 }))).toEqual([409, 'extensions-used'])
})

it('every rejection has its own code, and changes nothing', async () => {
  await openSale('fixed', { extensionsMax: 0 })
  const { ticket, cookie, first } = await admit('fixed')
  expect(first.extensions?.remaining).toBe(0)
  expect(await codeOf(await ask('fixed', bearer(ticket)))).toEqual([409, 'extensions-off'])
  expect(await codeOf(await ask('fixed', {}))).toEqual([401, 'ticket-missing'])
  expect(await codeOf(await ask('fixed', bearer('no.ticket.this')))).toEqual([401, 'ticket-invalid'])
  expect(await codeOf(await ask('nowhere', bearer(ticket)))).toEqual([404, 'not-found'])
  for (const body of [{}, { number: 0 }, { number: 11 }, { number: 1.5 }, { number: '1' }, { number: 1, more: 1 }, []])
    expect(await codeOf(await ask('fixed', bearer(ticket), body))).toEqual([400, 'invalid-request'])
  expect(await codeOf(await ask('fixed', { cookie, origin: 'https://evil.example' }))).toEqual([403, 'origin-refused'])
  expect(admittedOf(await poll('fixed', ticket)).expiresAt).toBe(first.expiresAt)
  await rooms.request('DELETE', '/sales/fixed/ticket', { headers: bearer(ticket) })
  expect(await codeOf(await ask('fixed', bearer(ticket)))).toEqual([409, 'no-turn'])
  const counted = await Promise.all(
    rooms.rooms.map(async (room) => {
      const metrics = await (await fetch(`${room.opsUrl()}/metrics`)).text()
      return metrics.split('\n').filter((line) => line.startsWith('floodgate_turn_extensions_total'))
    }),
  )
  for (const outcome of ['granted', 'repeated', 'extensions-off', 'extensions-used', 'no-turn'])
    expect(counted.join(' ')).toContain(`outcome="${outcome}"`)
})
