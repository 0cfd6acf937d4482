import { logPage, passExtension, revocationList } from '@floodgate/contracts'
import { eventually } from '@floodgate/testkit'
import { expectProblem } from '@floodgate/testkit/fixtures'
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bearer, createShopBuyers, slotOf } from '../testing/shop-buyers.ts'
import { expectHealthy, operator, type Rooms, startRooms } from '../testing/start-rooms.ts'

let rooms: Rooms
const { openSale, admit, join, poll, untilAdmitted } = createShopBuyers(() => rooms)
beforeAll(async () => {
  rooms = await startRooms(2)
  await eventually(async () => {
    for (const room of rooms.rooms) await expectHealthy(room)
  })
})
afterAll(() => rooms.remove())

const extend = (sale: string, headers: Record<string, string>, body: unknown = { number: 1 }) =>
  rooms.request('POST', `/sales/${sale}/admission/extension`, { headers, body })
const finish = (sale: string, headers: Record<string, string>) =>
  rooms.request('POST', `/sales/${sale}/admission/finished`, { headers })
const activeOf = async (sale: string): Promise<number> => {
  const response = await rooms.request('GET', `/admin/sales/${sale}`, { headers: operator })
  return ((await response.json()) as { counts: { active: number } }).counts.active
}

describe('with an admission a shop', () => {
  it('makes the turn longer, once for each number, and gets the longer pass of the same slot', async () => {
    const sale = await openSale('longer')
    const { ticket, status } = await admit(sale)
    const extended = await Promise.all(
      [1, 2, 3].map(async () => {
        const response = await extend(sale, bearer(status.admission))
        expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-store'])
        return passExtension.parse(await response.json())
      }),
    )
    expect(new Set(extended.map(({ admission }) => admission)).size, 'the same bytes from every process').toBe(1)
    const [longer] = extended
    expect(longer?.extensions).toEqual({ taken: 1, remaining: 1, seconds: 60 })
    const before = decodeJwt(status.admission)
    expect(decodeJwt(longer?.admission ?? '')).toEqual({ ...before, exp: (before.exp ?? 0) + 60 })
    expect(await poll(sale, ticket)).toMatchObject({ admission: longer?.admission, expiresAt: longer?.expiresAt })
    expect((await extend(sale, bearer(status.admission), { number: 2 })).status, 'an earlier pass will do').toBe(200)
    await expectProblem(await extend(sale, bearer(status.admission), { number: 3 }), 'extensions-used', 409)
  })

  it('gives the slot back: the pass is revoked, the buyer is done, and the next one is admitted', async () => {
    const sale = await openSale('finished')
    const { ticket, status } = await admit(sale)
    const next = await join(sale)
    const responses = await Promise.all([1, 2, 3].map(() => finish(sale, bearer(status.admission))))
    for (const response of responses) expect([response.status, await response.text()]).toEqual([204, ''])
    expect((await poll(sale, ticket)).state).toBe('finished')
    await expectProblem(await extend(sale, bearer(status.admission)), 'no-turn', 409)
    await untilAdmitted(sale, next.ticket)
    const list = await rooms.request('GET', `/sales/${sale}/revocations`)
    expect(revocationList.parse(await list.json()).revocations).toEqual([
      { slot: slotOf(status.admission), passExpiresAt: status.expiresAt },
    ])
    for (let repeated = 0; repeated < 2; repeated += 1)
      expect((await finish(sale, bearer(status.admission))).status).toBe(204)
    expect(await activeOf(sale), "never the next buyer's slot").toBe(1)
    const log = await rooms.request('GET', `/admin/sales/${sale}/log?limit=1000`, { headers: operator })
    const returned = logPage.parse(await log.json()).entries.filter(({ kind }) => kind === 'returned')
    expect(returned).toMatchObject([{ slot: slotOf(status.admission), reason: 'finished' }])
  })

  it('gives the slot back after the pass has expired, and never the slot of a later turn', async () => {
    const sale = await openSale('late', { admissionTtlSeconds: 10 })
    const { status } = await admit(sale)
    const next = await join(sale)
    // The pass ends 5 s before the slot.
    await eventually(async () => {
      await expectProblem(await extend(sale, bearer(status.admission)), 'admission-expired', 401)
    })
    expect((await finish(sale, bearer(status.admission))).status).toBe(204)
    await untilAdmitted(sale, next.ticket)
    expect((await finish(sale, bearer(status.admission))).status).toBe(204)
    expect(await activeOf(sale)).toBe(1)
  })

  it('extends no later turn of the same buyer', async () => {
    const sale = await openSale('again')
    const { ticket, cookie, status } = await admit(sale)
    await finish(sale, bearer(status.admission))
    const rejoined = await rooms.request('POST', `/sales/${sale}/tickets`, { headers: { cookie } })
    const { ticket: second } = (await rejoined.json()) as { ticket: string }
    const turn = await untilAdmitted(sale, second)
    expect(decodeJwt(turn.admission).sub).toBe(decodeJwt(status.admission).sub)
    await expectProblem(await extend(sale, bearer(status.admission)), 'no-turn', 409)
    expect((await finish(sale, bearer(status.admission))).status).toBe(204)
    expect(await poll(sale, second)).toMatchObject({ state: 'admitted', expiresAt: turn.expiresAt })
    expect(ticket).not.toBe(second)
  })
})

describe('nothing changes', () => {
  it.each([
    ['admission/extension', { number: 1 }],
    ['admission/finished', undefined],
  ])('for %s without an admission of this sale', async (path, body) => {
    const sale = await openSale(path.replace('/', '-'))
    await openSale(`other-${path.replace('/', '-')}`)
    const { ticket, cookie, status } = await admit(sale)
    const ask = (name: string, headers: Record<string, string>) =>
      rooms.request('POST', `/sales/${name}/${path}`, { headers, ...(body !== undefined && { body }) })
    await expectProblem(await ask(sale, {}), 'admission-missing', 401)
    await expectProblem(await ask(sale, { cookie }), 'admission-missing', 401)
    for (const token of [ticket, 'no.pass.this', 'nonsense', `${status.admission}x`])
      await expectProblem(await ask(sale, bearer(token)), 'admission-invalid', 401)
    await expectProblem(await ask(sale, operator), 'admission-invalid', 401)
    await expectProblem(
      await ask(`other-${path.replace('/', '-')}`, bearer(status.admission)),
      'admission-invalid',
      401,
    )
    await expectProblem(await ask('unknown', bearer(status.admission)), 'not-found', 404)
    expect(await poll(sale, ticket)).toMatchObject({ state: 'admitted', expiresAt: status.expiresAt })
  })

  it('for an invalid number, and for an invalid body', async () => {
    const sale = await openSale('bodies')
    const { ticket, status } = await admit(sale)
    for (const body of [{}, { number: 0 }, { number: 11 }, { number: '1' }, { number: 1, more: 1 }, []])
      await expectProblem(await extend(sale, bearer(status.admission), body), 'invalid-request', 400)
    for (const body of [{ more: 1 }, [], 1]) {
      const headers = bearer(status.admission)
      const response = await rooms.request('POST', `/sales/${sale}/admission/finished`, { headers, body })
      await expectProblem(response, 'invalid-request', 400)
    }
    expect(await poll(sale, ticket)).toMatchObject({ state: 'admitted', expiresAt: status.expiresAt })
  })

  it('for an expired pass of the order page', async () => {
    const sale = await openSale('ended')
    const { ticket } = await admit(sale)
    const response = await rooms.request('GET', `/sales/${sale}/ended-pass`, { headers: bearer(ticket) })
    const { admission } = (await response.json()) as { admission: string }
    expect((await finish(sale, bearer(admission))).status).toBe(204)
    expect((await poll(sale, ticket)).state).toBe('admitted')
  })
})

it('a report while Redis is unavailable is a 503; repeated after its return, it counts', async () => {
  const sale = await openSale('outage')
  const { ticket, status } = await admit(sale)
  await rooms.redis.kill()
  await eventually(async () => {
    await expectProblem(await finish(sale, bearer(status.admission)), 'unavailable', 503)
  })
  await rooms.redis.restart()
  await eventually(async () => expect((await finish(sale, bearer(status.admission))).status).toBe(204))
  await eventually(async () => expect((await poll(sale, ticket)).state).toBe('finished'))
})
