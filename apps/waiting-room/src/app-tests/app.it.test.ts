import { randomUUID } from 'node:crypto'
import { encodeEvent, joinResponse, logPage, saleResource, ticketStatus } from '@floodgate/contracts'
import { createEventBus } from '@floodgate/event-bus'
import { eventually } from '@floodgate/testkit'
import { ADMIN_TOKEN, expectProblem, silentLogger } from '@floodgate/testkit/fixtures'
import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectHealthy, type Rooms, startRooms } from '../testing/start-rooms.ts'

let rooms: Rooms
beforeAll(async () => {
  rooms = await startRooms(2)
  await eventually(async () => {
    for (const room of rooms.rooms) await expectHealthy(room)
  })
})
afterAll(async () => {
  await rooms.remove()
})

const operator = { authorization: `Bearer ${ADMIN_TOKEN}` }
const settings = { name: 'A sale', admitPerSecond: 20, maxActive: 100, admissionTtlSeconds: 60 }
const put = (sale: string, body: object = settings) =>
  rooms.request('PUT', `/admin/sales/${sale}`, { headers: operator, body })
const act = (sale: string, name: string) => rooms.request('POST', `/admin/sales/${sale}/${name}`, { headers: operator })
const openSale = async (sale: string, body: object = settings) => {
  expect((await put(sale, body)).status).toBe(201)
  expect((await act(sale, 'open')).status).toBe(200)
}
const join = async (sale: string, headers: Record<string, string> = {}) => {
  const response = await rooms.request('POST', `/sales/${sale}/tickets`, { headers })
  expect([200, 201]).toContain(response.status)
  return { response, body: joinResponse.parse(await response.json()) }
}
const poll = async (sale: string, ticket: string) => {
  const response = await rooms.request('GET', `/sales/${sale}/ticket`, {
    headers: { authorization: `Bearer ${ticket}` },
  })
  expect(response.status).toBe(200)
  return ticketStatus.parse(await response.json())
}
const untilState = (sale: string, ticket: string, state: string) =>
  eventually(async () => {
    const status = await poll(sale, ticket)
    expect(status.state).toBe(state)
    return status
  })
const admittedOf = async (sale: string, ticket: string) => {
  const status = await untilState(sale, ticket, 'admitted')
  if (status.state !== 'admitted') throw new Error('not admitted')
  return status
}

describe('a sale', () => {
  it('is created, then changed; repeating changes nothing', async () => {
    const created = await put('acts')
    expect(created.status).toBe(201)
    expect(saleResource.parse(await created.json())).toMatchObject({ state: 'scheduled', admitPerSecond: 20 })
    expect((await put('acts')).status).toBe(200)
    expect((await put('acts', { ...settings, admitPerSecond: 7 })).status).toBe(200)
    const { rows } = await rooms.pool.query("select count(*) as count from rooms.acts where sale = 'acts'")
    expect(rows[0].count).toBe(2)
    const seen = await rooms.request('GET', '/admin/sales/acts', { headers: operator })
    expect(saleResource.parse(await seen.json()).admitPerSecond).toBe(7)
  })

  it('opens, pauses, resumes and closes, each once, and rejects impossible acts', async () => {
    await put('states')
    await expectProblem(await act('states', 'pause'), 'wrong-state', 409)
    for (const name of ['open', 'open', 'pause', 'pause', 'resume', 'close', 'close'])
      expect((await act('states', name)).status).toBe(200)
    await expectProblem(await act('states', 'open'), 'wrong-state', 409)
    const { rows } = await rooms.pool.query("select type from rooms.outbox where key = 'states' order by id")
    expect(rows.map((row) => row.type)).toEqual(
      ['configured', 'opened', 'paused', 'resumed', 'closed'].map((name) => `sale.${name}.v1`),
    )
  })

  it('opens and closes by its schedule, and that is recorded once', async () => {
    await put('timed', {
      ...settings,
      opensAt: new Date(Date.now() + 3_000).toISOString(),
      closesAt: new Date(Date.now() + 4_000).toISOString(),
    })
    await eventually(async () => {
      const { rows } = await rooms.pool.query("select act, actor from rooms.acts where sale = 'timed' order by id")
      expect(rows.slice(1)).toEqual([
        { act: 'open', actor: 'schedule' },
        { act: 'close', actor: 'schedule' },
      ])
    })
  })
})

describe('a buyer', () => {
  it('joins, is admitted, and gets the same admission from every process', async () => {
    await openSale('buy')
    const { response, body } = await join('buy')
    expect(response.status).toBe(201)
    expect(body).toMatchObject({ place: 1, position: 1 })
    const first = await admittedOf('buy', body.ticket)
    const second = await admittedOf('buy', body.ticket)
    expect(second.admission).toBe(first.admission)
    const jwks = await (await rooms.request('GET', '/.well-known/jwks.json')).json()
    const { payload } = await jwtVerify(first.admission, createLocalJWKSet(jwks as JSONWebKeySet), {
      issuer: 'floodgate',
      audience: 'order-core',
    })
    expect(payload).toMatchObject({ sale: 'buy', exp: Date.parse(first.expiresAt) / 1_000 })
    expect(decodeProtectedHeader(first.admission).alg).toBe('EdDSA')
    expect(JSON.stringify(jwks)).not.toContain('"d"')
  })

  it('is identified by its cookie, and by its key', async () => {
    await openSale('same', { ...settings, maxActive: 1 })
    const first = await join('same')
    const cookie = (first.response.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
    const again = await join('same', { cookie })
    expect(again.response.status).toBe(200)
    expect(again.body.place).toBe(first.body.place)
    const secret = randomUUID()
    const keyed = await join('same', { 'idempotency-key': secret })
    expect((await join('same', { 'idempotency-key': secret })).body.place).toBe(keyed.body.place)
    expect(keyed.body.place).not.toBe(first.body.place)
    expect((await rooms.request('GET', '/sales/same/ticket', { headers: { cookie } })).status).toBe(200)
  })

  it('gives its slot back, and the next one is admitted', async () => {
    await openSale('slots', { ...settings, maxActive: 1 })
    const first = await join('slots')
    const second = await join('slots')
    await untilState('slots', first.body.ticket, 'admitted')
    expect((await poll('slots', second.body.ticket)).state).toBe('waiting')
    const headers = { authorization: `Bearer ${first.body.ticket}` }
    expect((await rooms.request('DELETE', '/sales/slots/ticket', { headers })).status).toBe(204)
    await untilState('slots', second.body.ticket, 'admitted')
    expect((await poll('slots', first.body.ticket)).state).toBe('left')
    expect((await join('slots', headers)).body.place).toBe(3)
  })

  it('is finished when its order ends, whichever process gets the event', async () => {
    await openSale('orders', { ...settings, maxActive: 1 })
    const { body } = await join('orders')
    const pass = await admittedOf('orders', body.ticket)
    const claims = JSON.parse(Buffer.from(pass.admission.split('.')[1] ?? '', 'base64url').toString())
    const bus = createEventBus({ kind: 'redis', redisUrl: rooms.config.redisUrl, clientId: 'test', log: silentLogger })
    const order = {
      order: '0190a0b0-0000-8000-8000-000000000001',
      sale: 'orders',
      buyer: claims.sub,
      slot: claims.jti,
      items: [{ sku: 'a', quantity: 1, priceMinor: 1 }],
      totalMinor: 1,
      currency: 'EUR',
      createdAt: new Date().toISOString(),
      holdExpiresAt: new Date(Date.now() + 600_000).toISOString(),
    }
    const event = (type: 'order.cancelled.v1' | 'order.confirmed.v1', data: object, aggregateVersion: number) =>
      encodeEvent({
        type,
        id: `e-${aggregateVersion}`,
        source: '/test',
        time: order.createdAt,
        aggregateVersion,
        data: { ...order, sealedEmail: 'x', ...data },
      } as Parameters<typeof encodeEvent>[0])
    try {
      await eventually(() => bus.publish([event('order.cancelled.v1', { reason: 'declined' }, 2)]))
      expect((await poll('orders', body.ticket)).state).toBe('admitted')
      const confirmed = event('order.confirmed.v1', {}, 3)
      await bus.publish([confirmed, confirmed])
      await untilState('orders', body.ticket, 'finished')
      const resource = saleResource.parse(
        await (await rooms.request('GET', '/admin/sales/orders', { headers: operator })).json(),
      )
      expect(resource.counts).toMatchObject({ active: 0, admitted: 1, returned: 1 })
    } finally {
      await bus.close()
    }
  })

  it('finds every admission in the log', async () => {
    const page = await eventually(async () => {
      const response = await rooms.request('GET', '/admin/sales/buy/log?limit=50', { headers: operator })
      const parsed = logPage.parse(await response.json())
      expect(parsed.entries.map((entry) => entry.kind)).toEqual(['act', 'act', 'joined', 'admitted'])
      return parsed
    })
    const slot = page.entries.at(-1)?.slot ?? ''
    const trace = await (await rooms.request('GET', `/admin/sales/buy/traces/${slot}`, { headers: operator })).json()
    expect((trace as { steps: { step: string }[] }).steps.map((step) => step.step)).toEqual([
      'ticket.joined',
      'buyer.admitted',
    ])
  })
})

it("a request with a proxy's header counts as from its own address as long as no proxy is trusted", async () => {
  await openSale('proxied')
  const ignored = async () => {
    const texts = await Promise.all(rooms.rooms.map(async (room) => (await fetch(`${room.opsUrl()}/metrics`)).text()))
    return texts.reduce(
      (sum, text) => sum + Number(/^floodgate_forwarded_ignored_total\{.*\} (\d+)$/m.exec(text)?.[1]),
      0,
    )
  }
  const before = await ignored()
  await join('proxied', { 'x-forwarded-for': '192.0.2.1' })
  await join('proxied')
  expect(await ignored()).toBe(before + 1)
})

describe('a rejection', () => {
  it('names every invalid setting', async () => {
    await put('rejections')
    await expectProblem(await rooms.request('POST', '/sales/rejections/tickets'), 'sale-not-open', 409)
    await act('rejections', 'open')
    await expectProblem(await rooms.request('GET', '/sales/rejections/ticket'), 'ticket-missing', 401)
    const other = (await join('buy')).body.ticket
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${other.split('.')[1]}.`
    for (const token of ['nonsense', none, other, `${other.slice(0, -2)}AA`])
      await expectProblem(
        await rooms.request('GET', '/sales/rejections/ticket', { headers: { authorization: `Bearer ${token}` } }),
        'ticket-invalid',
        401,
      )
    await expectProblem(await rooms.request('POST', '/sales/nobody-knows/tickets'), 'not-found', 404)
    await expectProblem(await rooms.request('POST', '/sales/NOT%20ONE/tickets'), 'invalid-request', 400)
    await expectProblem(
      await rooms.request('POST', '/sales/rejections/tickets', { body: { x: 1 } }),
      'invalid-request',
      400,
    )
    await expectProblem(await put('rejections', { ...settings, lobby: true }), 'invalid-request', 400)
    await expectProblem(await rooms.request('GET', '/admin/sales'), 'unauthorized', 401)
    await act('rejections', 'close')
    await expectProblem(await rooms.request('POST', '/sales/rejections/tickets'), 'sale-closed', 410)
  })
})
