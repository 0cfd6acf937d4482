import { randomUUID } from 'node:crypto'
import type { ProblemCode } from '@floodgate/contracts'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Buyer } from '../client/buyer.ts'
import { type Answer, problemOf, refusalOf, type Sent, send } from '../client/http.ts'
import { coat } from '../client/operator.ts'
import { refusedUpgrade } from '../client/socket.ts'
import { tellStories } from '../client/world.ts'
import { addressOf, type Bearer, parametersOf, type Route, readRoutes } from './routes.ts'
import { claimsOf, createForger, damaged, type Forger, tampered, unsigned } from './tokens.ts'

const SALE = 'untouched'
const OTHER_SALE = 'elsewhere'
/** More characters than any body may have, a catalogue's too. */
const OVERSIZED = 4 * 1024 * 1024
const DAY_SECONDS = 24 * 3_600
const world = tellStories()

let routes: Route[]
let forger: Forger
let owner: Buyer
let stranger: Buyer
let elsewhere: Buyer
let order: string
let before: unknown

/** Everything that a wrong request might have changed. */
async function everything(): Promise<unknown> {
  const { operator, provider } = world()
  const [sale, other, stock, orders, strangers, charges] = await Promise.all([
    operator.sale(SALE),
    operator.sale(OTHER_SALE),
    operator.stock(SALE),
    owner.orders(),
    stranger.orders(),
    provider.charges(),
  ])
  return { sale, other, stock, orders, strangers, charges }
}

beforeAll(async () => {
  const { operator, provider, system } = world()
  // The order stays pending, so that cancelling it would show.
  await provider.behave({ mode: 'fail' })
  await operator.openSale(SALE, { items: [coat(10)], maxActive: 3 })
  await operator.openSale(OTHER_SALE, { items: [coat(10)] })
  owner = await world().admitted('owner', SALE)
  stranger = await world().admitted('stranger', SALE)
  elsewhere = await world().admitted('elsewhere', OTHER_SALE)
  order = (await owner.order()).id
  forger = await createForger(system.dataDir)
  const { waitingRoom, orderCore, paymentWorker, notifier } = system.urls
  routes = (await Promise.all([waitingRoom, orderCore, paymentWorker, notifier].map(readRoutes))).flat()
  before = await everything()
})

afterEach(async () => {
  expect(await everything()).toEqual(before)
})

const rightToken = (bearer: Bearer): string | undefined =>
  ({ nobody: undefined, operator: world().system.adminToken, ticket: owner.ticket(), admission: owner.admission() })[
    bearer
  ]

const headersFor = (bearer: Bearer, token = rightToken(bearer)): Record<string, string> => ({
  'idempotency-key': 'bad-input',
  ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
})

const rightValues = (): Record<string, string> => ({ sale: SALE, id: order, order, slot: 'no-such-slot' })

/** Sends it and expects one of these refusals. */
async function expectRefused(route: Route, sent: Sent, ...codes: readonly ProblemCode[]): Promise<void> {
  const answer = await send(route.method, addressOf(route, rightValues()), sent)
  expectOneOf(answer, codes)
}

function expectOneOf(answer: Answer, codes: readonly ProblemCode[]): void {
  const { code } = problemOf(answer)
  expect(codes, `${answer.request} answered ${answer.text.slice(0, 300)}`).toContain(code)
}

const bearing = (...bearers: readonly Bearer[]): Route[] =>
  routes.filter((route) => bearers.includes(route.bearer) && !route.isSocket)

describe('whoever sends what nobody should', () => {
  test('finds the routes of all four apps', () => {
    expect(new Set(routes.map(({ url }) => url)).size).toBe(4)
    expect(routes.length).toBeGreaterThan(25)
    expect(new Set(routes.map(({ bearer }) => bearer))).toEqual(new Set(['nobody', 'operator', 'ticket', 'admission']))
  })

  test('is refused with a body that is missing, oversized, malformed, of a wrong type or media type', async () => {
    const json = { 'content-type': 'application/json' }
    for (const route of routes.filter(({ method, isSocket }) => (method === 'POST' || method === 'PUT') && !isSocket)) {
      const headers = { ...headersFor(route.bearer), ...json }
      if (route.needsBody) await expectRefused(route, { headers }, 'invalid-request')
      for (const raw of [
        '{',
        'null',
        '[]',
        '"text"',
        '42',
        '{"unknownField":1}',
        '{"__proto__":{"a":1},"a":1}',
        '\u0000',
      ])
        await expectRefused(route, { headers, raw }, 'invalid-request')
      await expectRefused(route, { headers, raw: JSON.stringify({ padding: 'x'.repeat(OVERSIZED) }) }, 'too-large')
      await expectRefused(
        route,
        { headers: { ...headers, 'content-type': 'text/plain' }, raw: '{}' },
        'wrong-media-type',
      )
    }
  })

  test('is refused with an order whose fields are wrong', async () => {
    const right = { items: [{ sku: 'COAT', quantity: 1 }], email: 'a@example.test', paymentMethod: 'sim_ok' }
    const wrong: readonly (readonly [object, ProblemCode])[] = [
      [{ ...right, items: [] }, 'invalid-request'],
      [{ ...right, items: 'COAT' }, 'invalid-request'],
      [{ ...right, items: Array.from({ length: 21 }, (_, n) => ({ sku: `S${n}`, quantity: 1 })) }, 'invalid-request'],
      [{ ...right, items: [...right.items, ...right.items] }, 'invalid-request'],
      ...[0, -1, 0.5, 1e21, '1', null].map(
        (quantity) => [{ ...right, items: [{ sku: 'COAT', quantity }] }, 'invalid-request'] as const,
      ),
      ...['', 'a b', 'x'.repeat(65), '../COAT', 7].map(
        (sku) => [{ ...right, items: [{ sku, quantity: 1 }] }, 'invalid-request'] as const,
      ),
      ...[-1, 2 ** 53, '12450'].map(
        (priceMinor) => [{ ...right, items: [{ sku: 'COAT', quantity: 1, priceMinor }] }, 'invalid-request'] as const,
      ),
      ...['', 'nobody', 'a@b', `${'x'.repeat(250)}@example.test`, 'a\u0000@example.test', 7].map(
        (email) => [{ ...right, email }, 'invalid-request'] as const,
      ),
      ...['', 'x'.repeat(65), 'sim\u0000', '\ud800', 7].map(
        (paymentMethod) => [{ ...right, paymentMethod }, 'invalid-request'] as const,
      ),
      [{ ...right, status: 'confirmed' }, 'invalid-request'],
      [{ ...right, items: [{ sku: 'COAT', quantity: 1, free: true }] }, 'invalid-request'],
      [{ ...right, items: [{ sku: 'BOAT', quantity: 1 }] }, 'unknown-sku'],
      [{ ...right, items: [{ sku: 'COAT', quantity: 1, priceMinor: 1 }] }, 'price-changed'],
      [{ ...right, items: [{ sku: 'COAT', quantity: 3 }] }, 'over-limit'],
    ]
    const { cores } = world()
    const authorization = `Bearer ${stranger.admission()}`
    for (const [body, code] of wrong) {
      const headers = { authorization, 'idempotency-key': randomUUID() }
      refusalOf(await cores.once('POST', '/orders', { headers, body }), code)
    }
    refusalOf(await cores.once('POST', '/orders', { headers: { authorization }, body: right }), 'key-missing')
    for (const key of ['with space', 'x'.repeat(256), 'ümlaut'])
      refusalOf(
        await cores.once('POST', '/orders', { headers: { authorization, 'idempotency-key': key }, body: right }),
        'invalid-request',
      )
    refusalOf(await owner.tryToOrder({ items: [{ sku: 'COAT', quantity: 2 }] }), 'key-reused')
    refusalOf(await owner.tryToOrder({ key: 'one-more' }), 'order-exists')
  })

  test('is refused with sale settings and a catalogue whose fields are wrong', async () => {
    const { rooms, cores, system } = world()
    const headers = { authorization: `Bearer ${system.adminToken}` }
    const settings = { name: 'Winter coats', admitPerSecond: 50, maxActive: 3, admissionTtlSeconds: 300 }
    const wrongSettings = [
      ...['', 'x'.repeat(201), 'a\u0000b', 7].map((name) => ({ ...settings, name })),
      ...[0, -1, 10_001, '50', null].map((admitPerSecond) => ({ ...settings, admitPerSecond })),
      ...[0, 1.5, 1_000_001].map((maxActive) => ({ ...settings, maxActive })),
      ...[9, 86_401].map((admissionTtlSeconds) => ({ ...settings, admissionTtlSeconds })),
      ...['tomorrow', '2026-01-01T00:00:00+01:00', 7].map((opensAt) => ({ ...settings, opensAt })),
      { ...settings, opensAt: '2030-01-01T00:00:00.000Z', closesAt: '2029-01-01T00:00:00.000Z' },
    ]
    for (const body of wrongSettings)
      refusalOf(await rooms.once('PUT', `/admin/sales/${SALE}`, { headers, body }), 'invalid-request')

    const item = coat(10)
    const wrongCatalogues = [
      { currency: 'EUR', items: [] },
      { currency: 'euro', items: [item] },
      ...[-1, 0.5, 1_000_000_001, '10'].map((total) => ({ currency: 'EUR', items: [{ ...item, total }] })),
      ...[-1, 2 ** 53].map((salePriceMinor) => ({ currency: 'EUR', items: [{ ...item, salePriceMinor }] })),
      ...[0, 1_000_001].map((perBuyerLimit) => ({ currency: 'EUR', items: [{ ...item, perBuyerLimit }] })),
    ]
    for (const body of wrongCatalogues)
      refusalOf(await cores.once('PUT', `/admin/sales/${SALE}/catalogue`, { headers, body }), 'invalid-request')
    const tooFew = { currency: 'EUR', items: [{ ...item, total: 0 }] }
    refusalOf(await cores.once('PUT', `/admin/sales/${SALE}/catalogue`, { headers, body: tooFew }), 'total-below-sold')
  })

  test('is refused with an address that is malformed or names nothing', async () => {
    const malformed: Record<string, readonly string[]> = {
      sale: ['NO', 'a_b', '-a', 'x'.repeat(41), '%00', '%F0%9F%98%80'],
      id: ['7', 'x'.repeat(36), '%00'],
      order: ['7', 'x'.repeat(36), '%00'],
    }
    const unknown: Record<string, string> = { sale: 'no-such-sale', id: randomUUID(), order: randomUUID() }
    for (const route of routes.filter(({ isSocket }) => !isSocket)) {
      const sent = { headers: headersFor(route.bearer) }
      for (const name of parametersOf(route)) {
        for (const value of malformed[name] ?? []) {
          const answer = await send(route.method, addressOf(route, { ...rightValues(), [name]: value }), sent)
          expectOneOf(answer, ['invalid-request', 'not-found'])
          expect(answer.status).toBeLessThan(500)
        }
        const value = unknown[name]
        // Whoever puts something makes it.
        if (value === undefined || route.method === 'PUT') continue
        const answer = await send(route.method, addressOf(route, { ...rightValues(), [name]: value }), sent)
        expectOneOf(answer, route.bearer === 'ticket' ? ['not-found', 'ticket-invalid'] : ['not-found'])
      }
    }
    for (const url of [...new Set(routes.map((route) => route.url))])
      refusalOf(await send('GET', `${url}/no/such/route`), 'not-found')
  })

  test('is refused without an operator token, or with a wrong one', async () => {
    for (const route of bearing('operator'))
      for (const authorization of [
        undefined,
        'Bearer wrong',
        `Basic ${world().system.adminToken}`,
        `Bearer ${owner.admission()}`,
      ])
        await expectRefused(
          route,
          { headers: authorization === undefined ? {} : { authorization }, ...(route.needsBody ? { body: {} } : {}) },
          'unauthorized',
        )
  })

  test('is refused with an admission that is missing, forged, unsigned, for somebody else or over', async () => {
    const mine = owner.admission()
    const claims = claimsOf(mine)
    const now = Math.floor(Date.now() / 1_000)
    const invalid = [
      'nonsense',
      'a.b.c',
      damaged(mine),
      unsigned(mine),
      forger.confuse(mine),
      owner.ticket(),
      tampered(mine, { sub: 'somebody-else' }),
      tampered(mine, { exp: now + DAY_SECONDS }),
      forger.signAdmission({ ...claims, aud: 'another-shop' }),
      forger.signAdmission({ ...claims, iss: 'another-room' }),
      forger.signAdmission({ ...claims, exp: undefined }),
      forger.signAdmission({ ...claims, sub: undefined }),
    ]
    const longOver = forger.signAdmission({ ...claims, iat: now - 3 * DAY_SECONDS, exp: now - 2 * DAY_SECONDS })
    const body = { items: [{ sku: 'COAT', quantity: 1 }], email: 'a@example.test', paymentMethod: 'sim_ok' }
    for (const route of bearing('admission')) {
      const sent = (token?: string): Sent => ({
        headers: token === undefined ? { 'idempotency-key': 'new' } : headersFor('admission', token),
        ...(route.needsBody ? { body } : {}),
      })
      await expectRefused(route, sent(), 'admission-missing')
      for (const token of invalid) await expectRefused(route, sent(token), 'admission-invalid')
      await expectRefused(route, sent(longOver), 'admission-expired')
    }
    const justOver = forger.signAdmission({ ...claims, jti: 'a-slot-of-its-own', iat: now - 60, exp: now - 1 })
    const headers = { authorization: `Bearer ${justOver}`, 'idempotency-key': 'too-late' }
    refusalOf(await world().cores.once('POST', '/orders', { headers, body }), 'admission-expired')
  })

  test("is refused with a ticket that is missing, forged, unsigned, over, or another sale's", async () => {
    const mine = owner.ticket()
    const claims = claimsOf(mine)
    const now = Math.floor(Date.now() / 1_000)
    const invalid = [
      'nonsense',
      'a.b.c',
      damaged(mine),
      unsigned(mine),
      owner.admission(),
      elsewhere.ticket(),
      tampered(mine, { place: 1_000 }),
      tampered(mine, { sub: 'somebody-else' }),
      forger.signTicket({ ...claims, iat: now - DAY_SECONDS, exp: now - 1 }),
      forger.signTicket({ ...claims, iss: 'another-room' }),
      forger.signTicket({ ...claims, place: 'first' }),
    ]
    for (const route of bearing('ticket')) {
      await expectRefused(route, {}, 'ticket-missing')
      for (const token of invalid)
        await expectRefused(route, { headers: headersFor('ticket', token) }, 'ticket-invalid')
      const cookie = 'floodgate_buyer=AAAAAAAAAAAAAAAAAAAAAA.kid.forged'
      await expectRefused(route, { headers: { cookie } }, 'ticket-invalid')
    }
  })

  test("finds nothing where another buyer's order is", async () => {
    const headers = { authorization: `Bearer ${stranger.admission()}` }
    const { cores } = world()
    for (const method of ['GET', 'DELETE'])
      refusalOf(await cores.once(method, `/orders/${order}`, { headers }), 'not-found')
    const other = { authorization: `Bearer ${elsewhere.admission()}` }
    refusalOf(await cores.once('GET', `/orders/${order}`, { headers: other }), 'not-found')
    const url = `${world().system.urls.notifier}/live/orders/${order}`
    expect(await upgradeRefusal(url, stranger.admission())).toBe('not-found')
  })

  test('is told before the upgrade why a socket is refused', async () => {
    const { waitingRoom, notifier } = world().system.urls
    const line = `${waitingRoom}/sales/${SALE}/live`
    const live = `${notifier}/live/orders/${order}`
    for (const token of [damaged(owner.ticket()), unsigned(owner.ticket()), elsewhere.ticket(), 'nonsense'])
      expect(await upgradeRefusal(line, token)).toBe('ticket-invalid')
    for (const token of [damaged(owner.admission()), unsigned(owner.admission()), owner.ticket(), 'nonsense'])
      expect(await upgradeRefusal(live, token)).toBe('admission-invalid')
    expect(await upgradeRefusal(line)).toBe('ticket-missing')
    expect(await upgradeRefusal(live)).toBe('admission-missing')
    expect(await upgradeRefusal(`${waitingRoom}/sales/no-such-sale/live`, owner.ticket())).toMatch(
      /not-found|ticket-invalid/,
    )
    expect(await upgradeRefusal(`${notifier}/live/orders/7`, owner.admission())).toBe('invalid-request')
    expect(await upgradeRefusal(line, owner.ticket(), { origin: 'https://evil.example' })).toBe('origin-refused')
    refusalOf(await send('GET', line, { headers: headersFor('ticket') }), 'upgrade-required')
    refusalOf(await send('GET', live, { headers: headersFor('admission') }), 'upgrade-required')
  })
})

async function upgradeRefusal(url: string, token?: string, headers: Record<string, string> = {}): Promise<string> {
  const protocols = token === undefined ? ['floodgate.v1'] : ['floodgate.v1', token]
  return problemOf({ request: `GET ${url}`, ...(await refusedUpgrade(url, { protocols, headers })) }).code
}
