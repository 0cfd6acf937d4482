import { identityRevocationList, logPage, revocationList } from '@floodgate/contracts'
import { buyerOfAccount } from '@floodgate/contracts/account'
import { eventually } from '@floodgate/testkit'
import { expectProblem } from '@floodgate/testkit/fixtures'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { pruneIdentityRevocations } from '../identity/revocation-store.ts'
import { type AccountBuyers, claimsOf, createAccountBuyers } from '../testing/account-buyers.ts'
import { operator as headers, type Rooms, startRooms } from '../testing/start-rooms.ts'
import { ISSUER } from '../testing/test-issuer.ts'

let rooms: Rooms
let accounts: AccountBuyers
let subjects = 0
const newSubject = () => `account-${++subjects}`
beforeAll(async () => {
  rooms = await startRooms(2)
  accounts = await createAccountBuyers(rooms)
})
afterAll(async () => {
  accounts.issuer.close()
  await rooms.remove()
})

/** Each process in turn rejects the ticket: `request` alternates between them. */
const untilRejected = (sale: string, ticket: string) =>
  eventually(async () => {
    for (let at = 0; at < 2; at += 1) await expectProblem(await accounts.tryPoll(sale, ticket), 'identity-revoked')
  })
const revokedPasses = async (sale: string) =>
  revocationList.parse(await (await rooms.request('GET', `/sales/${sale}/revocations`)).json()).revocations
const untilPassRevoked = (sale: string, admission: string) =>
  eventually(async () => {
    expect((await revokedPasses(sale)).map(({ slot }) => slot)).toContain(claimsOf(admission).jti)
    // The order core rejects orders from this event on.
    const { rows } = await rooms.pool.query(
      `select from rooms.outbox where type = 'admission.revoked.v1' and key = $1 and sent_at is not null`,
      [claimsOf(admission).jti],
    )
    expect(rows).toHaveLength(1)
  })
describe('a revoked account', () => {
  it('is rejected by every process at joining and polling, and its place is deleted', async () => {
    const [subject, sale] = [newSubject(), await accounts.openSale('required', { admitPerSecond: 0.1 })]
    await accounts.join(sale, await accounts.key.sign({ sub: newSubject() }))
    const { ticket, place, cookies } = await accounts.join(sale, await accounts.key.sign({ sub: subject }))
    expect((await accounts.poll(sale, ticket)).state).toBe('waiting')
    const response = await accounts.revoke({ subject })
    expect(response.status).toBe(201)
    expect(await response.json()).toMatchObject({ subject, buyer: buyerOfAccount({ issuer: ISSUER, subject }) })
    await untilRejected(sale, ticket)
    const cookie = cookies.join('; ')
    for (const shown of [{ cookie }, accounts.bearer(ticket)])
      for (let at = 0; at < 2; at += 1) {
        await expectProblem(await accounts.tryJoin(sale, undefined, shown), 'identity-revoked')
        const fresh = await accounts.key.sign({ sub: subject, jti: crypto.randomUUID() })
        await expectProblem(await accounts.tryJoin(sale, fresh, shown), 'identity-revoked')
      }
    // The log tells it: the place is given up.
    await eventually(async () => {
      const { entries } = logPage.parse(
        await (await rooms.request('GET', `/admin/sales/${sale}/log`, { headers })).json(),
      )
      expect(entries).toContainEqual(expect.objectContaining({ kind: 'left', place }))
    })
  })

  it('loses its turn: its pass is revoked for the order core and for shops', async () => {
    const [subject, sale] = [newSubject(), await accounts.openSale('accepted')]
    const { ticket } = await accounts.join(sale, await accounts.key.sign({ sub: subject }))
    const { admission } = await accounts.untilAdmitted(sale, ticket)
    await accounts.revoke({ subject })
    await untilPassRevoked(sale, admission)
    const extension = await rooms.request('POST', `/sales/${sale}/ticket/extension`, {
      headers: accounts.bearer(ticket),
      body: { number: 1 },
    })
    await expectProblem(extension, 'identity-revoked')
  })

  it('loses its sockets, and gets no other', async () => {
    const [subject, sale] = [newSubject(), await accounts.openSale('required', { admitPerSecond: 0.1 })]
    await accounts.join(sale, await accounts.key.sign({ sub: newSubject() }))
    const { ticket } = await accounts.join(sale, await accounts.key.sign({ sub: subject }))
    const neighbour = await accounts.join(sale, await accounts.key.sign({ sub: newSubject() }))
    const open = (room: number, token: string) =>
      new WebSocket(`${rooms.rooms[room]?.url().replace('http', 'ws')}/sales/${sale}/live`, ['floodgate.v1', token])
    const closed: string[] = []
    const sockets = [open(0, ticket), open(1, ticket), open(0, neighbour.ticket)]
    for (const socket of sockets) socket.on('close', (code, reason) => closed.push(`${code} ${reason}`))
    await eventually(() => expect(sockets.every(({ readyState }) => readyState === WebSocket.OPEN)).toBe(true))
    await accounts.revoke({ subject })
    await eventually(() => expect(closed).toEqual(['1008 identity-revoked', '1008 identity-revoked']))
    expect(sockets[2]?.readyState).toBe(WebSocket.OPEN)
    const rejected = open(1, ticket)
    const status = await new Promise((resolve) => {
      rejected.on('unexpected-response', (_, response) => resolve(response.statusCode))
      rejected.on('open', () => resolve(101))
      rejected.on('error', () => undefined)
    })
    expect(status).toBe(401)
    for (const socket of [...sockets, rejected]) socket.terminate()
  })

  it('may join again, at the end, once its revocation has ended', async () => {
    const [subject, sale] = [newSubject(), await accounts.openSale('required', { admitPerSecond: 0.1 })]
    await accounts.join(sale, await accounts.key.sign({ sub: newSubject() }))
    const before = await accounts.join(sale, await accounts.key.sign({ sub: subject }))
    await accounts.revoke({ subject })
    await untilRejected(sale, before.ticket)
    const past = new Date(Date.now() - 1_000).toISOString()
    await expectProblem(await accounts.revoke({ subject }, { until: past }), 'time-past')
    await expectProblem(await accounts.tryPoll(sale, before.ticket), 'identity-revoked')
    expect((await accounts.revoke({ subject }, { until: past, force: true })).status).toBe(200)
    // The other process may end it once more before it reads that the revocation has ended.
    const after = await eventually(async () => {
      const joined = await accounts.join(sale, await accounts.key.sign({ sub: subject }))
      for (let at = 0; at < 2; at += 1) expect((await accounts.poll(sale, joined.ticket)).state).toBe('waiting')
      return joined
    })
    expect(after.place).toBeGreaterThan(before.place)
  })

  it('ends by itself at the end of its revocation', async () => {
    const [subject, sale] = [newSubject(), await accounts.openSale('required')]
    const before = await accounts.join(sale, await accounts.key.sign({ sub: subject }))
    await accounts.revoke({ subject }, { until: new Date(Date.now() + 3_000).toISOString() })
    await untilRejected(sale, before.ticket)
    await eventually(async () =>
      expect((await accounts.tryJoin(sale, await accounts.key.sign({ sub: subject }))).status).toBe(201),
    )
  })
})

describe('a revoked ID token', () => {
  it('is rejected, while another device keeps the place of the account', async () => {
    const [sub, sale] = [newSubject(), await accounts.openSale('required', { admitPerSecond: 0.1 })]
    await accounts.join(sale, await accounts.key.sign({ sub: newSubject() }))
    const [stolen, own] = [`stolen-${sub}`, `own-${sub}`]
    const thief = await accounts.join(sale, await accounts.key.sign({ sub, jti: stolen }))
    const owner = await accounts.join(sale, await accounts.key.sign({ sub, jti: own }))
    expect(thief.place).toBe(owner.place)
    expect((await accounts.revoke({ jti: stolen })).status).toBe(201)
    await untilRejected(sale, thief.ticket)
    await expectProblem(await accounts.tryJoin(sale, await accounts.key.sign({ sub, jti: stolen })), 'identity-revoked')
    await expectProblem(await accounts.tryJoin(sale, undefined, accounts.bearer(thief.ticket)), 'identity-revoked')
    expect((await accounts.poll(sale, owner.ticket)).state).toBe('waiting')
    expect(await accounts.join(sale, await accounts.key.sign({ sub, jti: own }))).toMatchObject({ place: owner.place })
  })

  it("neither gives the account's place away nor reads its orders; a revoked account may", async () => {
    const [sub, sale] = [newSubject(), await accounts.openSale('required', { admitPerSecond: 0.1 })]
    await accounts.join(sale, await accounts.key.sign({ sub: newSubject() }))
    const thief = await accounts.join(sale, await accounts.key.sign({ sub, jti: `stolen-${sub}` }))
    const owner = await accounts.join(sale, await accounts.key.sign({ sub, jti: `own-${sub}` }))
    await accounts.revoke({ jti: `stolen-${sub}` })
    await untilRejected(sale, thief.ticket)
    const tryBoth = async (token: string) => [
      await rooms.request('GET', `/sales/${sale}/ended-pass`, { headers: accounts.bearer(token) }),
      await rooms.request('DELETE', `/sales/${sale}/ticket`, { headers: accounts.bearer(token) }),
    ]
    for (const response of await tryBoth(thief.ticket)) await expectProblem(response, 'identity-revoked')
    expect((await accounts.poll(sale, owner.ticket)).state).toBe('waiting')
    await accounts.revoke({ subject: sub })
    await untilRejected(sale, owner.ticket)
    expect((await tryBoth(owner.ticket)).map(({ status }) => status)).toEqual([200, 204])
  })

  it('ends a turn whose pass it was shown, on all devices', async () => {
    const [sub, sale] = [newSubject(), await accounts.openSale('required')]
    const thief = await accounts.join(sale, await accounts.key.sign({ sub, jti: `stolen-${sub}` }))
    const owner = await accounts.join(sale, await accounts.key.sign({ sub, jti: `own-${sub}` }))
    const { admission } = await accounts.untilAdmitted(sale, owner.ticket)
    expect((await accounts.untilAdmitted(sale, thief.ticket)).admission).toBe(admission)
    await accounts.revoke({ jti: `stolen-${sub}` })
    await untilPassRevoked(sale, admission)
    expect((await accounts.poll(sale, owner.ticket)).state).toBe('left')
  })

  it('leaves a turn whose pass it was not shown', async () => {
    const [sub, sale] = [newSubject(), await accounts.openSale('required')]
    const thief = await accounts.join(sale, await accounts.key.sign({ sub, jti: `stolen-${sub}` }))
    const owner = await accounts.join(sale, await accounts.key.sign({ sub, jti: `own-${sub}` }))
    const { admission } = await accounts.untilAdmitted(sale, owner.ticket)
    await accounts.revoke({ jti: `stolen-${sub}` })
    // Not by a poll: a process that does not know it yet would show the pass.
    await eventually(async () => {
      for (let at = 0; at < 2; at += 1)
        await expectProblem(await accounts.tryJoin(sale, undefined, accounts.bearer(thief.ticket)), 'identity-revoked')
    })
    // By then the turns of all tokens known to be revoked were given back: one more is the sign.
    const other = newSubject()
    const ended = await accounts.join(sale, await accounts.key.sign({ sub: other }))
    const { admission: pass } = await accounts.untilAdmitted(sale, ended.ticket)
    await accounts.revoke({ subject: other })
    await untilPassRevoked(sale, pass)
    expect(await accounts.poll(sale, owner.ticket)).toMatchObject({ state: 'admitted', admission })
  })
})

it('a revocation that is made while Redis is away ends the turn once it is back', async () => {
  const [subject, sale] = [newSubject(), await accounts.openSale('required')]
  const { ticket } = await accounts.join(sale, await accounts.key.sign({ sub: subject }))
  const { admission } = await accounts.untilAdmitted(sale, ticket)
  await rooms.redis.kill()
  await accounts.revoke({ subject })
  await rooms.redis.restart()
  await untilPassRevoked(sale, admission)
  await untilRejected(sale, ticket)
})

it('revocations are listed until they end, page by page, and pruned a day later', async () => {
  const own = [newSubject(), newSubject(), newSubject()]
  for (const subject of own) await accounts.revoke({ subject })
  const listed = async (query: string) =>
    identityRevocationList.parse(await (await rooms.request('GET', `/admin/revocations?${query}`, { headers })).json())
  const first = await listed('limit=2')
  expect(first.revocations.map(({ subject }) => subject)).toEqual([own[2], own[1]])
  expect((await listed(`limit=1&before=${first.next}`)).revocations).toMatchObject([{ subject: own[0] }])
  const repeated = await accounts.revoke({ subject: own[0] ?? '' }, { until: first.revocations[0]?.until })
  expect(repeated.status).toBe(200)
  await rooms.pool.query(`update rooms.identity_revocations set until = now() - interval '25 hours' where value = $1`, [
    own[2],
  ])
  expect((await listed('limit=1')).revocations).not.toMatchObject([{ subject: own[2] }])
  await pruneIdentityRevocations(rooms.pool)
  const { rows } = await rooms.pool.query('select value from rooms.identity_revocations where value = any($1)', [own])
  expect(rows.map(({ value }) => value).toSorted()).toEqual(own.slice(0, 2).toSorted())
})

it.each([
  ['neither', {}],
  ['both', { subject: 'a', jti: 'b' }],
  ['an empty subject', { subject: '' }],
  ['a subject of 256 characters', { subject: 'x'.repeat(256) }],
  ['an unknown member', { subject: 'a', sale: 'demo' }],
  ['no issuer', { subject: 'a', issuer: undefined }],
  ['no end', { subject: 'a', until: undefined }],
  ['an end after 400 days', { subject: 'a', until: new Date(Date.now() + 401 * 86_400_000).toISOString() }],
])('a revocation with %s is rejected', async (_, body) => {
  await expectProblem(await accounts.revoke(body as { subject: string }), 'invalid-request')
})

it('only operators revoke and list', async () => {
  for (const method of ['GET', 'POST'])
    await expectProblem(await rooms.request(method, '/admin/revocations'), 'unauthorized')
})
