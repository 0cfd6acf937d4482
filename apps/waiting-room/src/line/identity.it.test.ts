import { saleResource } from '@floodgate/contracts'
import { buyerOfAccount } from '@floodgate/contracts/account'
import { expectProblem } from '@floodgate/testkit/fixtures'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AccountBuyers, claimsOf, createAccountBuyers } from '../testing/account-buyers.ts'
import { operator as headers, type Rooms, startRooms } from '../testing/start-rooms.ts'
import { createSigningKey, ISSUER } from '../testing/test-issuer.ts'

let rooms: Rooms
let accounts: AccountBuyers
beforeAll(async () => {
  rooms = await startRooms(2)
  accounts = await createAccountBuyers(rooms)
})
afterAll(async () => {
  accounts.issuer.close()
  await rooms.remove()
})
const joinedCount = async (sale: string) =>
  saleResource.parse(await (await rooms.request('GET', `/admin/sales/${sale}`, { headers })).json()).counts.joined

describe('a sale that requires an account', () => {
  it('gives an account one place, on every device, through every process', async () => {
    const sale = await accounts.openSale('required', { admitPerSecond: 0.1 })
    await accounts.join(sale, await accounts.key.sign({ sub: 'first' }))
    const phone = await accounts.join(sale, await accounts.key.sign({ jti: 'phone' }))
    const laptop = await accounts.join(sale, await accounts.key.sign({ jti: 'laptop' }))
    const again = await accounts.join(sale, await accounts.key.sign({ jti: 'laptop' }))
    expect([phone.status, laptop.status, again.status]).toEqual([201, 200, 200])
    expect([laptop.place, again.place]).toEqual([phone.place, phone.place])
    expect(await joinedCount(sale)).toBe(2)
    for (const { ticket } of [phone, laptop, again]) expect((await accounts.poll(sale, ticket)).state).not.toBe('left')
    const other = await accounts.join(sale, await accounts.key.sign({ sub: 'other' }))
    expect(other.place).not.toBe(phone.place)
  })

  it('admits the buyer that a shop can compute from the account', async () => {
    const sale = await accounts.openSale('required')
    const { ticket } = await accounts.join(sale, await accounts.key.sign({ sub: 'known' }))
    const { admission } = await accounts.untilAdmitted(sale, ticket)
    expect(claimsOf(admission).sub).toBe(buyerOfAccount({ issuer: ISSUER, subject: 'known' }))
  })

  it('gives no place without an ID token, whatever else the client shows', async () => {
    const sale = await accounts.openSale('required')
    const elsewhere = await accounts.openSale(null)
    const anonymous = await accounts.join(elsewhere)
    await expectProblem(await accounts.tryJoin(sale), 'identity-required')
    const cookie = anonymous.cookies.join('; ')
    await expectProblem(await accounts.tryJoin(sale, undefined, { cookie }), 'identity-required')
    const key = { 'idempotency-key': crypto.randomUUID() }
    await expectProblem(await accounts.tryJoin(sale, undefined, key), 'identity-required')
    await expectProblem(await accounts.tryJoin(sale, undefined, accounts.bearer(anonymous.ticket)), 'ticket-invalid')
    const account = await accounts.join(sale, await accounts.key.sign())
    const otherSale = await accounts.openSale('required')
    await expectProblem(
      await accounts.tryJoin(otherSale, undefined, { cookie: account.cookies.join('; ') }),
      'identity-required',
    )
    expect([await joinedCount(sale), await joinedCount(otherSale)]).toEqual([1, 0])
  })

  it('rejects an ID token that is not valid, and changes nothing', async () => {
    const sale = await accounts.openSale('required')
    const stranger = await createSigningKey('one')
    for (const token of ['', 'x', await stranger.sign(), await accounts.key.sign({ aud: 'other' })])
      await expectProblem(await accounts.tryJoin(sale, token), 'identity-invalid')
    expect(await joinedCount(sale)).toBe(0)
  })

  it('finds the place of a valid ticket or of its cookies without an ID token, but gives no new one', async () => {
    const sale = await accounts.openSale('required', { admitPerSecond: 0.1 })
    await accounts.join(sale, await accounts.key.sign({ sub: 'first' }))
    const { ticket, place, cookies } = await accounts.join(sale, await accounts.key.sign())
    const cookie = cookies.join('; ')
    expect(cookie).toMatch(/floodgate-account=/)
    expect(await accounts.join(sale, undefined, accounts.bearer(ticket))).toMatchObject({ status: 200, place })
    const byCookie = await accounts.join(sale, undefined, { cookie })
    expect(byCookie).toMatchObject({ status: 200, place })
    await rooms.request('DELETE', `/sales/${sale}/ticket`, { headers: accounts.bearer(byCookie.ticket) })
    await expectProblem(await accounts.tryJoin(sale, undefined, accounts.bearer(ticket)), 'identity-required')
    expect((await accounts.join(sale, await accounts.key.sign())).status).toBe(201)
  })

  it('keeps the places of anonymous buyers who joined before the setting', async () => {
    const sale = await accounts.openSale(null, { admitPerSecond: 0.1 })
    await accounts.join(sale)
    const before = await accounts.join(sale)
    const body = {
      ...{ name: 'Members', admitPerSecond: 0.1, maxActive: 1_000, admissionTtlSeconds: 600 },
      identity: accounts.issuer.identity('required'),
    }
    expect((await rooms.request('PUT', `/admin/sales/${sale}`, { headers, body })).status).toBe(200)
    expect((await accounts.poll(sale, before.ticket)).state).toBe('waiting')
    const again = await accounts.join(sale, undefined, { cookie: before.cookies.join('; ') })
    expect(again).toMatchObject({ status: 200, place: before.place })
  })
})

describe('a sale that accepts accounts', () => {
  it('takes buyers without one as anonymous, and an invalid ID token for none', async () => {
    const sale = await accounts.openSale('accepted')
    const [one, other] = [await accounts.join(sale), await accounts.join(sale)]
    expect(one.place).not.toBe(other.place)
    expect(one.cookies.join()).not.toMatch(/account/)
    const ended = { iat: Math.floor(Date.now() / 1_000) - 100, exp: Math.floor(Date.now() / 1_000) - 60 }
    await expectProblem(await accounts.tryJoin(sale, await accounts.key.sign(ended)), 'identity-invalid')
  })

  it('prefers the account to an anonymous buyer of the same browser, and keeps the anonymous one elsewhere', async () => {
    const [sale, elsewhere] = [await accounts.openSale('accepted'), await accounts.openSale(null)]
    const anonymous = await accounts.join(sale)
    const other = await accounts.join(elsewhere, undefined, { cookie: anonymous.cookies[0] ?? '' })
    const account = await accounts.join(sale, await accounts.key.sign(), {
      cookie: anonymous.cookies.join('; '),
      ...accounts.bearer(anonymous.ticket),
    })
    expect(account).toMatchObject({ status: 201 })
    // The browser replaces its ticket's cookie, and keeps that of the anonymous buyer.
    const cookie = [anonymous.cookies[0], ...account.cookies].join('; ')
    expect(await accounts.join(sale, undefined, { cookie })).toMatchObject({ status: 200, place: account.place })
    const kept = [anonymous.cookies[0], other.cookies.at(-1)].join('; ')
    expect(await accounts.join(elsewhere, undefined, { cookie: kept })).toMatchObject({
      status: 200,
      place: other.place,
    })
  })
})

it('a planted ticket of another account does not count without the cookie of that account', async () => {
  const sale = await accounts.openSale('required')
  const victim = await accounts.join(sale, await accounts.key.sign({ sub: 'victim' }))
  const thief = await accounts.join(sale, await accounts.key.sign({ sub: 'thief' }))
  const ticketOf = ({ cookies }: typeof thief) => cookies.filter((cookie) => cookie.startsWith('floodgate-ticket'))
  const accountOf = ({ cookies }: typeof thief) => cookies.filter((cookie) => cookie.startsWith('floodgate-account'))
  const planted = [...ticketOf(thief), ...accountOf(victim)].join('; ')
  await expectProblem(await accounts.tryJoin(sale, undefined, { cookie: planted }), 'identity-required')
  const both = [...ticketOf(thief), ...ticketOf(victim), ...accountOf(victim)].join('; ')
  expect(await accounts.join(sale, undefined, { cookie: both })).toMatchObject({ place: victim.place })
  // An anonymous buyer's signature is none for an account.
  const anonymous = await accounts.join(await accounts.openSale(null))
  const renamed = (anonymous.cookies[0] ?? '').replace('floodgate-buyer', 'floodgate-account')
  await expectProblem(
    await accounts.tryJoin(sale, undefined, { cookie: [...ticketOf(thief), renamed].join('; ') }),
    'identity-required',
  )
})

it('a sale without identity ignores the header', async () => {
  const sale = await accounts.openSale(null)
  expect((await accounts.join(sale, 'whatever')).status).toBe(201)
})

it('while the keys were never read, accounts wait, and all buyers with a place keep it', async () => {
  const sale = await accounts.openSale('required', {
    identity: { ...accounts.issuer.identity('required'), jwksUrl: `${accounts.issuer.jwksUrl}?other` },
  })
  accounts.issuer.published.status = 503
  const rejected = await accounts.tryJoin(sale, await accounts.key.sign())
  expect(rejected.headers.get('retry-after')).toBe('2')
  await expectProblem(rejected, 'unavailable')
  accounts.issuer.published.status = 200
})

it.each([
  ['plain http', 'http://login.shop.example/jwks.json'],
  ['another scheme', 'ftp://login.shop.example/jwks.json'],
  ['no scheme', 'login.shop.example/jwks.json'],
  ['a user', 'https://ann:x@login.shop.example/jwks.json'],
  ['a fragment', 'https://login.shop.example/jwks.json#x'],
  ['a port above 65535', 'https://login.shop.example:65536/jwks.json'],
  ['a name of dots', 'https://../jwks.json'],
  ['loopback in disguise', 'http://127.0.0.1.evil.example/jwks.json'],
  ['no URL', 'https://'],
])('a JWKS URL that can never work is rejected: %s', async (_, jwksUrl) => {
  const body = {
    ...{ name: 'Members', admitPerSecond: 1, maxActive: 1, admissionTtlSeconds: 60 },
    identity: { ...accounts.issuer.identity('required'), jwksUrl },
  }
  const problem = await expectProblem(
    await rooms.request('PUT', '/admin/sales/never', { headers, body }),
    'invalid-request',
  )
  expect(problem.errors).toMatchObject([{ pointer: '/identity/jwksUrl' }])
})

it('the setting survives a read, a repetition changes nothing, and null removes it', async () => {
  const sale = await accounts.openSale('accepted')
  const read = async () =>
    saleResource.parse(await (await rooms.request('GET', `/admin/sales/${sale}`, { headers })).json())
  const before = await read()
  expect(before.identity).toEqual(accounts.issuer.identity('accepted'))
  const base = { name: 'Members', admitPerSecond: 100, maxActive: 1_000, admissionTtlSeconds: 600 }
  const put = async (identity: unknown) =>
    saleResource.parse(
      await (await rooms.request('PUT', `/admin/sales/${sale}`, { headers, body: { ...base, identity } })).json(),
    )
  expect((await put(accounts.issuer.identity('accepted'))).version).toBe(before.version)
  expect(await put(accounts.issuer.identity('required'))).toMatchObject({
    identity: { mode: 'required' },
    version: before.version + 1,
  })
  expect(await put(null)).toMatchObject({ identity: null, version: before.version + 2 })
})
