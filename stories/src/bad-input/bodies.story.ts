import { randomUUID } from 'node:crypto'
import type { ProblemCode } from '@floodgate/contracts'
import { describe, expect, test } from 'vitest'
import { coat } from '../client/coats.ts'
import { expectProblem, send } from '../client/http.ts'
import { expectOneOf, prepareSaleOnce, SALE } from './prepared-sale.ts'
import { addressOf, type Bearer, parametersOf } from './routes.ts'

const MIB = 1024 * 1024
/** The problem of a credential of another sale. */
const NOT_OF_SALE: Readonly<Partial<Record<Bearer, readonly ProblemCode[]>>> = {
  ticket: ['ticket-invalid'],
  admission: ['admission-invalid'],
}

/** Returns more characters than the body may have; a catalogue may have the most. */
const oversized = (template: string): number => (template.endsWith('/catalogue') ? 12 * MIB : 4 * MIB)
/** Payment providers and mail programs decide what they send there. */
const TAKE_ANY_BODY: ReadonlySet<string> = new Set([
  '/payments/webhooks/{provider}',
  '/live/sales/{sale}/reminders/{token}',
])
const prepared = prepareSaleOnce()

describe('a client that sends invalid input', () => {
  test('finds the routes of all four apps', () => {
    const { routes } = prepared()
    expect(new Set(routes.map(({ url }) => url)).size).toBe(4)
    expect(routes.length).toBeGreaterThan(25)
    expect(new Set(routes.map(({ bearer }) => bearer))).toEqual(new Set(['nobody', 'operator', 'ticket', 'admission']))
  })

  test('is rejected with a body that is missing, oversized, malformed, of a wrong type or media type', async () => {
    const { routes, headersFor, expectProblemOf } = prepared()
    const json = { 'content-type': 'application/json' }
    const withBody = routes.filter(({ method }) => method === 'POST' || method === 'PUT')
    for (const route of withBody.filter(({ isSocket, template }) => !isSocket && !TAKE_ANY_BODY.has(template))) {
      const headers = { ...headersFor(route.bearer), ...json }
      if (route.needsBody) await expectProblemOf(route, { headers }, 'invalid-request')
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
        await expectProblemOf(route, { headers, raw }, 'invalid-request')
      await expectProblemOf(
        route,
        { headers, raw: JSON.stringify({ padding: 'x'.repeat(oversized(route.template)) }) },
        'too-large',
      )
      await expectProblemOf(
        route,
        { headers: { ...headers, 'content-type': 'text/plain' }, raw: '{}' },
        'wrong-media-type',
      )
    }
  })

  test('is rejected with an order whose fields are wrong', async () => {
    const { testSystem, owner, stranger } = prepared()
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
      ...[
        '',
        'nobody',
        'a@b',
        `${'x'.repeat(250)}@example.test`,
        'a\u0000@example.test',
        'a@example.test\r\nBcc: b@example.test',
        'ä@example.test',
        7,
      ].map((email) => [{ ...right, email }, 'invalid-request'] as const),
      ...['', 'x'.repeat(65), 'sim\u0000', '\ud800', 7].map(
        (paymentMethod) => [{ ...right, paymentMethod }, 'invalid-request'] as const,
      ),
      [{ ...right, paymentMethod: undefined }, 'invalid-request'],
      [{ ...right, status: 'confirmed' }, 'invalid-request'],
      [{ ...right, items: [{ sku: 'COAT', quantity: 1, free: true }] }, 'invalid-request'],
      [{ ...right, items: [{ sku: 'BOAT', quantity: 1 }] }, 'unknown-sku'],
      [{ ...right, items: [{ sku: 'COAT', quantity: 1, priceMinor: 1 }] }, 'price-changed'],
      [{ ...right, items: [{ sku: 'COAT', quantity: 3 }] }, 'over-limit'],
    ]
    const { cores } = testSystem
    const authorization = `Bearer ${stranger.admission()}`
    for (const [body, code] of wrong) {
      const headers = { authorization, 'idempotency-key': randomUUID() }
      expectProblem(await cores('POST', '/orders', { headers, body }), code)
    }
    expectProblem(await cores('POST', '/orders', { headers: { authorization }, body: right }), 'key-missing')
    for (const key of ['with space', 'x'.repeat(256), 'ümlaut'])
      expectProblem(
        await cores('POST', '/orders', { headers: { authorization, 'idempotency-key': key }, body: right }),
        'invalid-request',
      )
    expectProblem(await owner.tryToOrder({ items: [{ sku: 'COAT', quantity: 2 }] }), 'key-reused')
    expectProblem(await owner.tryToOrder({ key: 'one-more' }), 'order-exists')
  })

  test('is rejected with sale settings and a catalogue whose fields are wrong', async () => {
    const { testSystem } = prepared()
    const { rooms, cores, system } = testSystem
    const headers = { authorization: `Bearer ${system.adminToken}` }
    const settings = { name: 'Winter coats', admitPerSecond: 50, maxActive: 3, admissionTtlSeconds: 300 }
    const wrongSettings = [
      ...['', 'x'.repeat(201), 'a\u0000b', 7].map((name) => ({ ...settings, name })),
      ...[0, -1, 10_001, '50', null].map((admitPerSecond) => ({ ...settings, admitPerSecond })),
      ...[0, 1.5, 1_000_001].map((maxActive) => ({ ...settings, maxActive })),
      ...[9, 86_401].map((admissionTtlSeconds) => ({ ...settings, admissionTtlSeconds })),
      ...['tomorrow', '2027-01-01T00:00:00', '2027-01-01T24:00:00Z', 7].map((opensAt) => ({ ...settings, opensAt })),
      { ...settings, opensAt: '2030-01-01T00:00:00.000Z', closesAt: '2029-01-01T00:00:00.000Z' },
    ]
    for (const body of wrongSettings)
      expectProblem(await rooms('PUT', `/admin/sales/${SALE}`, { headers, body }), 'invalid-request')

    const item = coat(10)
    const wrongCatalogues = [
      { currency: 'EUR', items: [] },
      ...['euro', 'eur', 'ZZZ', 'XXX', 'XAU', 'DEM'].map((currency) => ({ currency, items: [item] })),
      ...[-1, 0.5, 1_000_000_001, '10'].map((total) => ({ currency: 'EUR', items: [{ ...item, total }] })),
      ...[-1, 2 ** 53].map((salePriceMinor) => ({ currency: 'EUR', items: [{ ...item, salePriceMinor }] })),
      ...[0, 1_000_001].map((perBuyerLimit) => ({ currency: 'EUR', items: [{ ...item, perBuyerLimit }] })),
    ]
    for (const body of wrongCatalogues)
      expectProblem(await cores('PUT', `/admin/sales/${SALE}/catalogue`, { headers, body }), 'invalid-request')
    const tooFew = { currency: 'EUR', items: [{ ...item, total: 0 }] }
    expectProblem(await cores('PUT', `/admin/sales/${SALE}/catalogue`, { headers, body: tooFew }), 'total-below-sold')
  })

  test('is rejected with an address that is malformed or does not exist', async () => {
    const { routes, headersFor, rightValues } = prepared()
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
          const response = await send(route.method, addressOf(route, { ...rightValues, [name]: value }), sent)
          expectOneOf(response, ['invalid-request', 'not-found'])
          expect(response.status).toBeLessThan(500)
        }
        const value = unknown[name]
        // PUT creates what does not exist.
        if (value === undefined || route.method === 'PUT') continue
        const response = await send(route.method, addressOf(route, { ...rightValues, [name]: value }), sent)
        // Some routes read the body first, others look for what the path names.
        const bodyless = route.needsBody ? (['wrong-media-type'] as const) : []
        expectOneOf(response, ['not-found', ...bodyless, ...(NOT_OF_SALE[route.bearer] ?? [])])
      }
    }
    for (const url of [...new Set(routes.map((route) => route.url))])
      expectProblem(await send('GET', `${url}/no/such/route`), 'not-found')
  })
})
