import { joinResponse, logPage } from '@floodgate/contracts'
import { eventually, wrongMethods } from '@floodgate/testkit'
import { ADMIN_TOKEN, expectProblem } from '@floodgate/testkit/fixtures'
import { SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { expectHealthy, operator, type Rooms, startRooms } from '../testing/start-rooms.ts'
import { parseKeySet } from '../tokens/key-set.ts'

const settings = { name: 'A sale', admitPerSecond: 20, maxActive: 100, admissionTtlSeconds: 60 }
let rooms: Rooms
let ticket = ''
let expired = ''
let otherSales = ''
beforeAll(async () => {
  rooms = await startRooms(1)
  await eventually(() => expectHealthy(rooms.rooms[0]))
  for (const sale of ['one', 'two', 'scheduled', 'closed'])
    expect((await admin('PUT', `/admin/sales/${sale}`, settings)).status).toBe(201)
  for (const act of ['one/open', 'two/open', 'closed/close'])
    expect((await admin('POST', `/admin/sales/${act}`)).status).toBe(200)
  const join = async (sale: string) =>
    joinResponse.parse(await (await rooms.request('POST', `/sales/${sale}/tickets`)).json()).ticket
  ticket = await join('one')
  otherSales = await join('two')
  const { readFile } = await import('node:fs/promises')
  const { key, kid } = (await parseKeySet(await readFile(rooms.config.floodgateKeys, 'utf8'))).ticketKey(Date.now())
  expired = await new SignJWT({ sale: 'one', place: 1 })
    .setProtectedHeader({ alg: 'HS256', kid, typ: 'JWT' })
    .setIssuer('floodgate-waiting-room')
    .setSubject('b')
    .setExpirationTime('-1s')
    .sign(key)
})
afterAll(() => rooms.remove())

const admin = (method: string, path: string, body?: unknown) =>
  rooms.request(method, path, { headers: operator, ...(body === undefined ? {} : { body }) })
const raw = (method: string, path: string, body: string, headers: Record<string, string>) =>
  fetch(`${rooms.rooms[0]?.url()}${path}`, { method, body, headers })
const json = { 'content-type': 'application/json' }

describe("a buyer's request is rejected", () => {
  it.each([
    ['POST', '/sales/scheduled/tickets', 409, 'sale-not-open'],
    ['POST', '/sales/closed/tickets', 410, 'sale-closed'],
    ['POST', '/sales/unknown/tickets', 404, 'not-found'],
    ['POST', '/sales/A_B/tickets', 400, 'invalid-request'],
    ['GET', '/sales/one/ticket', 401, 'ticket-missing'],
    ['GET', '/sales/unknown/ticket', 404, 'not-found'],
    ['GET', '/sales/A_B/ticket', 400, 'invalid-request'],
    ['DELETE', '/sales/one/ticket', 401, 'ticket-missing'],
    ['DELETE', '/sales/unknown/ticket', 404, 'not-found'],
    ['DELETE', '/sales/A_B/ticket', 400, 'invalid-request'],
    ['GET', '/sales/unknown/board', 404, 'not-found'],
    ['GET', '/sales/A_B/board', 400, 'invalid-request'],
    ['GET', '/sales/one/live', 426, 'upgrade-required'],
    ['GET', '/nowhere', 404, 'not-found'],
  ])('%s %s → %d %s', async (method, path, status, code) => {
    await expectProblem(await rooms.request(method, path), code, status)
  })

  it.each(['GET', 'DELETE'])('%s with a ticket of another line changes nothing', async (method) => {
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${ticket.split('.')[1]}.`
    const signature = ticket.split('.')[2] ?? ''
    const forged = ticket.replace(signature, `${signature[0] === 'A' ? 'B' : 'A'}${signature.slice(1)}`)
    for (const authorization of [none, forged, expired, otherSales, 'x'.repeat(2_000)].map(
      (token) => `Bearer ${token}`,
    ))
      await expectProblem(
        await rooms.request(method, '/sales/one/ticket', { headers: { authorization } }),
        'ticket-invalid',
        401,
      )
    await expectProblem(
      await rooms.request(method, '/sales/one/ticket', { headers: { authorization: 'Basic eDp5' } }),
      'ticket-invalid',
      401,
    )
    const forgedCookie = `floodgate-buyer=${'a'.repeat(22)}.kid.signature`
    await expectProblem(
      await rooms.request(method, '/sales/one/ticket', { headers: { cookie: forgedCookie } }),
      'ticket-invalid',
      401,
    )
    const still = await rooms.request('GET', '/sales/one/ticket', { headers: { authorization: `Bearer ${ticket}` } })
    expect(((await still.json()) as { state: string }).state).not.toBe('left')
  })

  it('a join with a wrong body, key or ticket', async () => {
    const path = '/sales/one/tickets'
    await expectProblem(await raw('POST', path, '{', json), 'invalid-request', 400)
    await expectProblem(await raw('POST', path, '[]', json), 'invalid-request', 400)
    await expectProblem(await raw('POST', path, '{"lobby":true}', json), 'invalid-request', 400)
    await expectProblem(await raw('POST', path, 'a=b', { 'content-type': 'text/plain' }), 'wrong-media-type', 415)
    await expectProblem(await raw('POST', path, ' '.repeat(17_000), json), 'too-large', 413)
    const keyed = (key: string) => rooms.request('POST', path, { headers: { 'idempotency-key': key } })
    for (const key of ['k'.repeat(256), 'k'.repeat(21), `${'k'.repeat(21)} k`])
      await expectProblem(await keyed(key), 'invalid-request', 400)
    await expectProblem(
      await rooms.request('POST', path, { headers: { authorization: 'Bearer nonsense' } }),
      'ticket-invalid',
      401,
    )
  })

  it.each([
    ['/sales/one/live', ['floodgate.v1'], 401],
    ['/sales/one/live', ['floodgate.v1', 'nonsense'], 401],
    ['/sales/unknown/live', ['floodgate.v1', 'nonsense'], 404],
    ['/sales/A_B/live', ['floodgate.v1', 'nonsense'], 400],
    ['/elsewhere', ['floodgate.v1', 'nonsense'], 404],
  ])('a socket at %s with %j → %d before the upgrade', async (path, protocols, status) => {
    const outcome = Promise.withResolvers<number | undefined>()
    new WebSocket(`${rooms.rooms[0]?.url().replace('http', 'ws')}${path}`, protocols)
      .on('unexpected-response', (_, response) => outcome.resolve(response.statusCode))
      .on('open', () => outcome.reject(new Error('was accepted')))
      .on('error', () => undefined)
    expect(await outcome.promise).toBe(status)
  })
})

describe("an operator's request is rejected", () => {
  const calls = [
    ['PUT', '/admin/sales/one'],
    ['POST', '/admin/sales/one/pause'],
    ['GET', '/admin/sales'],
    ['GET', '/admin/sales/one'],
    ['GET', '/admin/sales/one/log'],
    ['GET', '/admin/sales/one/traces/slot'],
  ] as const
  it.each(calls)('%s %s without the token or with a wrong one', async (method, path) => {
    await expectProblem(await rooms.request(method, path), 'unauthorized', 401)
    for (const authorization of ['Bearer another-operator-token', `Bearer ${ticket}`, 'Basic eDp5'])
      await expectProblem(await rooms.request(method, path, { headers: { authorization } }), 'unauthorized', 401)
  })

  it.each([
    ['POST', '/admin/sales/unknown/open', 404, 'not-found'],
    ['GET', '/admin/sales/unknown', 404, 'not-found'],
    ['GET', '/admin/sales/unknown/log', 404, 'not-found'],
    ['GET', '/admin/sales/unknown/traces/slot', 404, 'not-found'],
    ['GET', '/admin/sales/one/traces/slot', 404, 'not-found'],
    ['GET', `/admin/sales/one/traces/${'s'.repeat(101)}`, 400, 'invalid-request'],
    ['GET', '/admin/sales/one/traces/%00', 400, 'invalid-request'],
    ['GET', '/admin/sales/A_B', 400, 'invalid-request'],
    ['POST', '/admin/sales/A_B/open', 400, 'invalid-request'],
    ['POST', '/admin/sales/one/halt', 404, 'not-found'],
  ])('%s %s → %d %s', async (method, path, status, code) => {
    await expectProblem(await admin(method, path), code, status)
  })

  it('an act that is impossible from this state names the state', async () => {
    for (const [act, state] of [
      ['scheduled/pause', 'scheduled'],
      ['one/resume', undefined],
      ['closed/open', 'closed'],
    ] as const) {
      const response = await admin('POST', `/admin/sales/${act}`)
      // Resuming an open sale leaves it open.
      if (state === undefined) expect(response.status).toBe(200)
      else expect(await expectProblem(response, 'wrong-state', 409)).toMatchObject({ state })
    }
  })

  it.each([
    ['an unknown field', { ...settings, lobby: true }],
    ['a missing field', { name: 'A' }],
    ['a wrong type', { ...settings, maxActive: '100' }],
    ['a rate of zero', { ...settings, admitPerSecond: 0 }],
    ['a rate out of bounds', { ...settings, admitPerSecond: 10_001 }],
    ['half a slot', { ...settings, maxActive: 1.5 }],
    ['a NUL in the name', { ...settings, name: 'a\u0000b' }],
    ['an unpaired surrogate in the name', { ...settings, name: 'a\ud800' }],
    ['an invalid time', { ...settings, opensAt: 'tomorrow' }],
    ['an end before its beginning', { ...settings, opensAt: '2030-01-02T00:00:00Z', closesAt: '2030-01-01T00:00:00Z' }],
    ['an end at its beginning', { ...settings, opensAt: '2030-01-01T00:00:00Z', closesAt: '2030-01-01T00:00:00.000Z' }],
    ['no object', []],
  ])('settings with %s', async (_, body) => {
    await expectProblem(await admin('PUT', '/admin/sales/one', body), 'invalid-request', 400)
  })

  it.each([
    'limit=0',
    'limit=1001',
    'limit=ten',
    'limit=1.5',
    'after=x',
    'after=1',
    'after=1-',
    `after=${'9'.repeat(17)}-0`,
    'before=1-0',
    'last=0',
    'last=1001',
    'last=10&after=1-0',
    'limit=0x10',
    'limit=1&limit=2',
    'other=1',
  ])('a page of the log with ?%s', async (query) => {
    await expectProblem(await admin('GET', `/admin/sales/one/log?${query}`), 'invalid-request', 400)
  })

  it('while a page of at most a thousand entries is returned, and the rest after it', async () => {
    const page = logPage.parse(await (await admin('GET', '/admin/sales/one/log?limit=1')).json())
    expect(page.entries).toHaveLength(1)
    const all = logPage.parse(await (await admin('GET', '/admin/sales/one/log?limit=1000')).json()).entries
    const end = logPage.parse(await (await admin('GET', '/admin/sales/one/log?last=1')).json())
    expect(end).toEqual({ entries: all.slice(-1), next: null })
    const rest = logPage.parse(await (await admin('GET', `/admin/sales/one/log?limit=1000&after=${page.next}`)).json())
    expect(rest.entries.length).toBeGreaterThan(0)
    expect(rest.next).toBeNull()
  })
})

it('rejects unsupported methods of a path with 405 and `Allow`, and operators without a token', async () => {
  const url = String(rooms.rooms[0]?.url())
  expect(await wrongMethods({ app: 'waiting-room', url, adminToken: ADMIN_TOKEN })).toEqual([])
})
