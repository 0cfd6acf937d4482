import type { Outgoing } from '@floodgate/client'
import { describe, expect, test } from 'vitest'
import { expectProblem, problemOf, send } from '../client/http.ts'
import { rejectedUpgrade } from '../client/socket.ts'
import { prepareSaleOnce, SALE } from './prepared-sale.ts'
import { claimsOf, damaged, tampered, unsigned } from './tokens.ts'

const DAY_SECONDS = 24 * 3_600
const prepared = prepareSaleOnce()

describe('a client with a token that is not its own', () => {
  test('is rejected without an operator token, or with a wrong one', async () => {
    const { testSystem, owner, bearing, expectProblemOf } = prepared()
    for (const route of bearing('operator'))
      for (const authorization of [
        undefined,
        'Bearer wrong',
        `Basic ${testSystem.system.adminToken}`,
        `Bearer ${owner.admission()}`,
      ])
        await expectProblemOf(
          route,
          { headers: authorization === undefined ? {} : { authorization }, ...(route.needsBody ? { body: {} } : {}) },
          'unauthorized',
        )
  })

  test('is rejected with an admission that is missing, forged, unsigned, of another buyer or expired', async () => {
    const { testSystem, owner, forger, bearing, headersFor, expectProblemOf } = prepared()
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
      const sent = (token?: string): Outgoing => ({
        headers: token === undefined ? { 'idempotency-key': 'new' } : headersFor('admission', token),
        ...(route.needsBody ? { body } : {}),
      })
      await expectProblemOf(route, sent(), 'admission-missing')
      for (const token of invalid) await expectProblemOf(route, sent(token), 'admission-invalid')
      await expectProblemOf(route, sent(longOver), 'admission-expired')
    }
    const justOver = forger.signAdmission({ ...claims, jti: 'a-slot-of-its-own', iat: now - 60, exp: now - 1 })
    const headers = { authorization: `Bearer ${justOver}`, 'idempotency-key': 'too-late' }
    expectProblem(await testSystem.cores('POST', '/orders', { headers, body }), 'admission-expired')
  })

  test("is rejected with a ticket that is missing, forged, unsigned, expired, or another sale's", async () => {
    const { owner, elsewhere, forger, bearing, headersFor, expectProblemOf } = prepared()
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
      await expectProblemOf(route, {}, 'ticket-missing')
      for (const token of invalid)
        await expectProblemOf(route, { headers: headersFor('ticket', token) }, 'ticket-invalid')
      const cookie = 'floodgate-buyer=AAAAAAAAAAAAAAAAAAAAAA.kid.forged'
      await expectProblemOf(route, { headers: { cookie } }, 'ticket-invalid')
    }
  })

  test("gets not-found for another buyer's order", async () => {
    const { testSystem, stranger, elsewhere, order } = prepared()
    const headers = { authorization: `Bearer ${stranger.admission()}` }
    const { cores } = testSystem
    for (const method of ['GET', 'DELETE'])
      expectProblem(await cores(method, `/orders/${order}`, { headers }), 'not-found')
    const other = { authorization: `Bearer ${elsewhere.admission()}` }
    expectProblem(await cores('GET', `/orders/${order}`, { headers: other }), 'not-found')
    const url = `${testSystem.system.urls.notifier}/live/orders/${order}`
    expect(await upgradeProblem(url, stranger.admission())).toBe('not-found')
  })

  test('gets the reason before the upgrade when a socket is rejected', async () => {
    const { testSystem, owner, elsewhere, order, headersFor } = prepared()
    const { waitingRoom, notifier } = testSystem.system.urls
    const line = `${waitingRoom}/sales/${SALE}/live`
    const live = `${notifier}/live/orders/${order}`
    for (const token of [damaged(owner.ticket()), unsigned(owner.ticket()), elsewhere.ticket(), 'nonsense'])
      expect(await upgradeProblem(line, token)).toBe('ticket-invalid')
    for (const token of [damaged(owner.admission()), unsigned(owner.admission()), owner.ticket(), 'nonsense'])
      expect(await upgradeProblem(live, token)).toBe('admission-invalid')
    expect(await upgradeProblem(line)).toBe('ticket-missing')
    expect(await upgradeProblem(live)).toBe('admission-missing')
    expect(await upgradeProblem(`${waitingRoom}/sales/no-such-sale/live`, owner.ticket())).toMatch(
      /not-found|ticket-invalid/,
    )
    expect(await upgradeProblem(`${notifier}/live/orders/7`, owner.admission())).toBe('invalid-request')
    expect(await upgradeProblem(line, owner.ticket(), { origin: 'https://evil.example' })).toBe('origin-refused')
    expectProblem(await send('GET', line, { headers: headersFor('ticket') }), 'upgrade-required')
    expectProblem(await send('GET', live, { headers: headersFor('admission') }), 'upgrade-required')
  })
})

async function upgradeProblem(url: string, token?: string, headers: Record<string, string> = {}): Promise<string> {
  const protocols = token === undefined ? ['floodgate.v1'] : ['floodgate.v1', token]
  return problemOf({ request: `GET ${url}`, attempts: 1, ...(await rejectedUpgrade(url, { protocols, headers })) }).code
}
