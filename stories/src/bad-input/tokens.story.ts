import { describe, expect, test } from 'vitest'
import { problemOf, refusalOf, type Sent, send } from '../client/http.ts'
import { refusedUpgrade } from '../client/socket.ts'
import { SALE, setTheStage } from './stage.ts'
import { claimsOf, damaged, tampered, unsigned } from './tokens.ts'

const DAY_SECONDS = 24 * 3_600
const stage = setTheStage()

describe('whoever shows a token that is not theirs to show', () => {
  test('is refused without an operator token, or with a wrong one', async () => {
    const { world, owner, bearing, expectRefused } = stage()
    for (const route of bearing('operator'))
      for (const authorization of [
        undefined,
        'Bearer wrong',
        `Basic ${world.system.adminToken}`,
        `Bearer ${owner.admission()}`,
      ])
        await expectRefused(
          route,
          { headers: authorization === undefined ? {} : { authorization }, ...(route.needsBody ? { body: {} } : {}) },
          'unauthorized',
        )
  })

  test('is refused with an admission that is missing, forged, unsigned, for somebody else or over', async () => {
    const { world, owner, forger, bearing, headersFor, expectRefused } = stage()
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
    refusalOf(await world.cores.once('POST', '/orders', { headers, body }), 'admission-expired')
  })

  test("is refused with a ticket that is missing, forged, unsigned, over, or another sale's", async () => {
    const { owner, elsewhere, forger, bearing, headersFor, expectRefused } = stage()
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
      const cookie = 'floodgate-buyer=AAAAAAAAAAAAAAAAAAAAAA.kid.forged'
      await expectRefused(route, { headers: { cookie } }, 'ticket-invalid')
    }
  })

  test("finds nothing where another buyer's order is", async () => {
    const { world, stranger, elsewhere, order } = stage()
    const headers = { authorization: `Bearer ${stranger.admission()}` }
    const { cores } = world
    for (const method of ['GET', 'DELETE'])
      refusalOf(await cores.once(method, `/orders/${order}`, { headers }), 'not-found')
    const other = { authorization: `Bearer ${elsewhere.admission()}` }
    refusalOf(await cores.once('GET', `/orders/${order}`, { headers: other }), 'not-found')
    const url = `${world.system.urls.notifier}/live/orders/${order}`
    expect(await upgradeRefusal(url, stranger.admission())).toBe('not-found')
  })

  test('is told before the upgrade why a socket is refused', async () => {
    const { world, owner, elsewhere, order, headersFor } = stage()
    const { waitingRoom, notifier } = world.system.urls
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
