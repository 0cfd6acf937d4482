import { handover } from '@floodgate/contracts'
import { eventually } from '@floodgate/testkit'
import { expectProblem } from '@floodgate/testkit/fixtures'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bearer, createShopBuyers, SHOP, slotOf } from '../testing/shop-buyers.ts'
import { createRoom, expectHealthy, type Rooms, startRooms } from '../testing/start-rooms.ts'

const OTHER = 'https://fan.example:8443'
const DEFAULT = `${SHOP}/checkout?from=line`
let rooms: Rooms
const { openSale, admit, join, poll } = createShopBuyers(() => rooms)
beforeAll(async () => {
  rooms = await startRooms(2)
  await eventually(async () => {
    for (const room of rooms.rooms) await expectHealthy(room)
  })
})
afterAll(() => rooms.remove())

const ask = (sale: string, headers: Record<string, string>, body: unknown = {}) =>
  rooms.request('POST', `/sales/${sale}/handover`, { headers, body })
const handOver = async (sale: string, headers: Record<string, string>, body: unknown = {}) => {
  const response = await ask(sale, headers, body)
  expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-store'])
  return handover.parse(await response.json())
}
/** Splits the parameter at its third dot, as a shop does. */
function passesOf(url: string) {
  const parts = (new URL(url).searchParams.get('floodgate') ?? '').split('.')
  expect(parts).toHaveLength(6)
  return { admission: parts.slice(0, 3).join('.'), token: parts.slice(3).join('.') }
}

describe('an admitted buyer', () => {
  it('returns to the URL that it came from, with its pass and a handover that the published keys verify', async () => {
    await openSale('back', { returnOrigins: [SHOP, OTHER], defaultReturnUrl: DEFAULT })
    const { ticket, cookie, status } = await admit('back')
    const wanted = `${OTHER}/basket?a=1&b=%2F#part`
    for (const headers of [bearer(ticket), { cookie }]) {
      const { url, expiresAt } = await handOver('back', headers, { return: wanted })
      expect(url).toMatch(/^https:\/\/fan\.example:8443\/basket\?a=1&b=%2F&floodgate=[\w-]+(\.[\w-]+){5}#part$/)
      const { admission, token } = passesOf(url)
      expect(admission, 'the very pass that the line shows').toBe(status.admission)
      const keys = createRemoteJWKSet(new URL(`${rooms.rooms[0]?.url()}/.well-known/jwks.json`))
      const expected = { issuer: 'floodgate', audience: OTHER, typ: 'handover+jwt', algorithms: ['EdDSA'] }
      const { payload } = await jwtVerify(token, keys, expected)
      const [, claims = ''] = admission.split('.')
      const { sub, jti } = JSON.parse(Buffer.from(claims, 'base64url').toString())
      expect(payload).toMatchObject({ sale: 'back', sub, jti })
      expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(60)
      expect(Date.parse(expiresAt)).toBe((payload.exp ?? 0) * 1_000)
    }
    expect((await poll('back', ticket)).state, 'the turn goes on').toBe('admitted')
  })

  it.each([
    ['without a return', {}],
    ['with another site', { return: 'https://evil.example/' }],
    ['with a site that begins like the shop', { return: 'https://shop.example.evil.example/' }],
    ['with a user', { return: 'https://shop.example@evil.example/' }],
    ['with a script', { return: 'javascript:alert(1)' }],
    ['with no URL', { return: '//evil.example' }],
    ['with an empty return', { return: '' }],
    ['with one that is too long', { return: `${SHOP}/${'a'.repeat(3_000)}` }],
  ])('%s goes to the page by default', async (_, body) => {
    const sale = await openSale(`default-${crypto.randomUUID().slice(0, 8)}`, { defaultReturnUrl: DEFAULT })
    const { ticket } = await admit(sale)
    const { url } = await handOver(sale, bearer(ticket), body)
    expect(url.startsWith(`${DEFAULT}&floodgate=`)).toBe(true)
  })

  it('gets no-return without an allowed return URL and a default', async () => {
    await openSale('nowhere')
    const { ticket } = await admit('nowhere')
    await expectProblem(await ask('nowhere', bearer(ticket)), 'no-return', 409)
    await expectProblem(await ask('nowhere', bearer(ticket), { return: 'https://evil.example/' }), 'no-return', 409)
    expect((await handOver('nowhere', bearer(ticket), { return: `${SHOP}/a` })).url).toContain(`${SHOP}/a?floodgate=`)
    await openSale('no-shop', { returnOrigins: [] })
    const other = await admit('no-shop')
    await expectProblem(await ask('no-shop', bearer(other.ticket), { return: `${SHOP}/a` }), 'no-return', 409)
  })
})

describe('a handover is rejected', () => {
  it('for a buyer who waits, has left, was never there, or has no ticket', async () => {
    const sale = await openSale('refused', { defaultReturnUrl: DEFAULT })
    const { ticket } = await admit(sale)
    const waiting = await join(sale)
    await expectProblem(await ask(sale, bearer(waiting.ticket)), 'no-turn', 409)
    const page = await rooms.request('GET', `/sales/${sale}`)
    const stranger = page.headers.getSetCookie()[0]?.split(';')[0] ?? ''
    await expectProblem(await ask(sale, { cookie: stranger }), 'no-turn', 409)
    await expectProblem(await ask(sale, {}), 'ticket-missing', 401)
    await expectProblem(await ask(sale, bearer('no.ticket.this')), 'ticket-invalid', 401)
    await openSale('another', { defaultReturnUrl: DEFAULT })
    await expectProblem(await ask('another', bearer(ticket)), 'ticket-invalid', 401)
    await expectProblem(await ask('unknown', bearer(ticket)), 'not-found', 404)
    await rooms.request('DELETE', `/sales/${sale}/ticket`, { headers: bearer(ticket) })
    await expectProblem(await ask(sale, bearer(ticket)), 'no-turn', 409)
  })

  it('for a page of another site, and for an invalid body', async () => {
    const sale = await openSale('guarded', { defaultReturnUrl: DEFAULT })
    const { ticket, cookie } = await admit(sale)
    for (const headers of [{ origin: SHOP }, { 'sec-fetch-site': 'cross-site' }])
      await expectProblem(await ask(sale, { cookie, ...headers }), 'origin-refused', 403)
    for (const body of [{ return: 1 }, { return: null }, { return: [SHOP] }, { more: 1 }, [], 'text', null])
      await expectProblem(await ask(sale, bearer(ticket), body), 'invalid-request', 400)
    const form = { method: 'POST', headers: bearer(ticket), body: new URLSearchParams({ return: `${SHOP}/` }) }
    await expectProblem(await fetch(`${rooms.rooms[0]?.url()}/sales/${sale}/handover`, form), 'wrong-media-type', 415)
  })

  it('for too many requests of one buyer', async () => {
    const room = await createRoom({ ...rooms.config, pollsEarlyMax: 2 })
    await room.start()
    const sale = await openSale('often', { defaultReturnUrl: DEFAULT })
    const { ticket } = await admit(sale)
    const once = async () =>
      await fetch(`${room.url()}/sales/${sale}/handover`, {
        method: 'POST',
        headers: { ...bearer(ticket), 'content-type': 'application/json' },
        body: '{}',
      })
    const statuses: number[] = []
    await eventually(async () => {
      const response = await once()
      statuses.push(response.status)
      await expectProblem(response, 'too-many-requests', 429)
      expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0)
    })
    expect(statuses.slice(0, 2)).toEqual([200, 200])
    await room.stop()
  })
})

it('while Redis is unavailable it is a 503, and afterwards the same turn is handed over', async () => {
  const sale = await openSale('outage', { defaultReturnUrl: DEFAULT })
  const { ticket, status } = await admit(sale)
  await rooms.redis.kill()
  await eventually(async () => {
    const response = await ask(sale, bearer(ticket))
    await expectProblem(response, 'unavailable', 503)
  })
  await rooms.redis.restart()
  await eventually(async () => {
    const { url } = await handOver(sale, bearer(ticket))
    expect(slotOf(passesOf(url).admission)).toBe(slotOf(status.admission))
  })
})
