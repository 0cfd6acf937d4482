import { diagnosisToken } from '@floodgate/contracts'
import { eventually } from '@floodgate/testkit'
import { expectProblem } from '@floodgate/testkit/fixtures'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bearer, createShopBuyers, slotOf } from '../testing/shop-buyers.ts'
import { createRoom, expectHealthy, operator, type Rooms, startRooms } from '../testing/start-rooms.ts'

const SHOP_TOKEN = 'the-token-of-the-shop'
const shop = bearer(SHOP_TOKEN)
let rooms: Rooms
/** The same waiting room, with the shop's token. */
let known: Awaited<ReturnType<typeof createRoom>>
const { openSale, admit, join, poll, untilAdmitted } = createShopBuyers(() => rooms)
beforeAll(async () => {
  rooms = await startRooms(1)
  await eventually(() => expectHealthy(rooms.rooms[0]))
  known = await createRoom({ ...rooms.config, shopToken: SHOP_TOKEN })
  await known.start()
})
afterAll(async () => {
  await known.stop()
  await rooms.remove()
})

const report = (sale: string, slot: string, headers: Record<string, string>) =>
  fetch(`${known.url()}/admin/sales/${sale}/slots/${slot}/finished`, { method: 'POST', headers })

describe("the shop's server", () => {
  it('may report repeatedly that a buyer is done, and the next one is admitted', async () => {
    const sale = await openSale('reported')
    const { ticket, status } = await admit(sale)
    const next = await join(sale)
    const slot = slotOf(status.admission)
    const statuses = (await Promise.all([shop, shop, operator].map((headers) => report(sale, slot, headers)))).map(
      (response) => response.status,
    )
    expect(statuses).toEqual([204, 204, 204])
    await eventually(async () => expect((await poll(sale, ticket)).state).toBe('finished'))
    await untilAdmitted(sale, next.ticket)
    expect((await report(sale, slot, shop)).status).toBe(204)
    expect((await poll(sale, next.ticket)).state).toBe('admitted')
  })

  it('may report an unknown slot', async () => {
    const sale = await openSale('never')
    const { ticket } = await admit(sale)
    for (const slot of ['no-such-slot', 'a'.repeat(100), '%F0%9F%8E%AB', 'ended-1'])
      expect((await report(sale, slot, shop)).status).toBe(204)
    expect((await poll(sale, ticket)).state).toBe('admitted')
  })

  it('gets an error for an unknown sale, and for an invalid slot', async () => {
    await openSale('there')
    await expectProblem(await report('unknown', 'a-slot', shop), 'not-found', 404)
    await expectProblem(await report('A_B', 'a-slot', shop), 'invalid-request', 400)
    await expectProblem(await report('there', 'a'.repeat(101), shop), 'invalid-request', 400)
    const body = { method: 'POST', headers: { ...shop, 'content-type': 'application/json' }, body: '{"more":1}' }
    const response = await fetch(`${known.url()}/admin/sales/there/slots/a-slot/finished`, body)
    await expectProblem(response, 'invalid-request', 400)
  })

  it('has no other rights, and none where its token is not configured', async () => {
    const sale = await openSale('guarded')
    const { ticket, status } = await admit(sale)
    const slot = slotOf(status.admission)
    for (const headers of [{}, bearer('another-token-of-a-shop'), bearer(status.admission), bearer(ticket)])
      await expectProblem(await report(sale, slot, headers), 'unauthorized', 401)
    for (const [method, path] of [
      ['GET', '/admin/sales'],
      ['GET', `/admin/sales/${sale}`],
      ['PUT', `/admin/sales/${sale}`],
      ['POST', `/admin/sales/${sale}/close`],
      ['POST', '/admin/diagnosis-tokens'],
      ['POST', `/admin/sales/${sale}/slots/${slot}/finished/`],
      ['POST', `/admin/sales/${sale}/slots/${slot}`],
    ] as const) {
      const response = await fetch(`${known.url()}${path}`, { method, headers: shop })
      await expectProblem(response, 'unauthorized', 401)
    }
    const unknown = await rooms.request('POST', `/admin/sales/${sale}/slots/${slot}/finished`, { headers: shop })
    await expectProblem(unknown, 'unauthorized', 401)
    expect((await poll(sale, ticket)).state).toBe('admitted')
  })
})

describe('a token for a diagnosis', () => {
  const make = (body: unknown, headers: Record<string, string> = operator) =>
    rooms.request('POST', '/admin/diagnosis-tokens', { headers, body })

  it('is verified by the published keys, for a sale and fifteen minutes at most', async () => {
    const sale = await openSale('diagnosed')
    for (const [body, minutes] of [
      [{ sale }, 15],
      [{ sale, minutes: 1 }, 1],
    ] as const) {
      const response = await make(body)
      expect([response.status, response.headers.get('cache-control')]).toEqual([201, 'no-store'])
      const { token, expiresAt } = diagnosisToken.parse(await response.json())
      const keys = createRemoteJWKSet(new URL(`${rooms.rooms[0]?.url()}/.well-known/jwks.json`))
      const expected = { issuer: 'floodgate', audience: 'order-core', typ: 'diagnosis+jwt' }
      const { payload } = await jwtVerify(token, keys, expected)
      expect(payload.sale).toBe(sale)
      expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(minutes * 60)
      expect(Date.parse(expiresAt)).toBe((payload.exp ?? 0) * 1_000)
      const asPass = await rooms.request('POST', `/sales/${sale}/admission/finished`, { headers: bearer(token) })
      await expectProblem(asPass, 'admission-invalid', 401)
    }
  })

  it('is issued only to operators, and only for an existing sale', async () => {
    const sale = await openSale('undiagnosed')
    await expectProblem(await make({ sale }, {}), 'unauthorized', 401)
    await expectProblem(await make({ sale: 'unknown' }), 'not-found', 404)
    for (const body of [{}, { sale, minutes: 0 }, { sale, minutes: 16 }, { sale, minutes: 1.5 }, { sale, more: 1 }])
      await expectProblem(await make(body), 'invalid-request', 400)
  })
})
