import { auditPage, createdOperatorToken, type Role } from '@floodgate/contracts'
import { eventually } from '@floodgate/testkit'
import { expectProblem } from '@floodgate/testkit/fixtures'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { operator, type Rooms, startRooms } from '../testing/start-rooms.ts'

let rooms: Rooms
beforeAll(async () => {
  // Requests go to both in turn.
  rooms = await startRooms(2)
})
afterAll(() => rooms.remove())

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const SALE = { name: 'Winter', admitPerSecond: 5, maxActive: 10, admissionTtlSeconds: 300 }

async function create(role: Role, name = `a ${role}`) {
  const response = await rooms.request('POST', '/admin/tokens', { headers: operator, body: { name, role } })
  expect([response.status, response.headers.get('cache-control')]).toEqual([201, 'no-store'])
  return createdOperatorToken.parse(await response.json())
}
async function readAudit(query: string) {
  const response = await rooms.request('GET', `/admin/audit?${query}`, { headers: operator })
  return auditPage.parse(await response.json()).entries
}

it('a person has a token of its own from the moment it is created until it is revoked, in every process', async () => {
  const { id, token, ...created } = await create('operator', 'Ada')
  expect(created).toMatchObject({ name: 'Ada', role: 'operator', createdBy: 'ADMIN_TOKEN', revokedAt: null })
  expect(Date.parse(created.expiresAt) - Date.parse(created.createdAt)).toBe(90 * 86_400_000)
  for (let times = 0; times < 2; times += 1) {
    const me = await rooms.request('GET', '/admin/me', { headers: bearer(token) })
    expect(await me.json()).toEqual({ id, name: 'Ada', role: 'operator', expiresAt: created.expiresAt })
  }
  for (let times = 0; times < 2; times += 1) {
    const revoked = await rooms.request('DELETE', `/admin/tokens/${id}`, { headers: operator })
    expect(await revoked.json()).toMatchObject({ id, revokedAt: expect.any(String) })
  }
  await eventually(async () => {
    for (let times = 0; times < 2; times += 1)
      await expectProblem(await rooms.request('GET', '/admin/me', { headers: bearer(token) }), 'unauthorized', 401)
  })
  const listed = JSON.stringify(await (await rooms.request('GET', '/admin/tokens', { headers: operator })).json())
  expect(listed).toContain(id)
  expect(listed).not.toContain(token)
})

it('a viewer reads and changes nothing, an operator runs a sale, and only an admin makes tokens', async () => {
  const [viewer, seller] = await Promise.all([create('viewer'), create('operator')])
  const put = (token: string) => rooms.request('PUT', '/admin/sales/by-role', { headers: bearer(token), body: SALE })
  await expectProblem(await put(viewer.token), 'role-too-low', 403)
  expect((await put(seller.token)).status).toBe(201)
  expect((await rooms.request('GET', '/admin/sales', { headers: bearer(viewer.token) })).status).toBe(200)
  const body = { name: 'Eve', role: 'admin' }
  for (const { token } of [viewer, seller])
    await expectProblem(
      await rooms.request('POST', '/admin/tokens', { headers: bearer(token), body }),
      'role-too-low',
      403,
    )
  const entries = await readAudit('sale=by-role')
  expect(entries.map(({ token, method, route, status, code }) => [token.name, method, route, status, code])).toEqual([
    ['a operator', 'PUT', '/admin/sales/{sale}', 201, null],
    ['a viewer', 'PUT', '/admin/sales/{sale}', 403, 'role-too-low'],
  ])
  expect(entries[0]).toMatchObject({
    app: 'waiting-room',
    sale: 'by-role',
    client: '127.0.0.1',
    token: { id: seller.id },
  })
  const acts = await rooms.pool.query("select actor from rooms.acts where sale = 'by-role'")
  expect(acts.rows).toEqual([{ actor: `a operator (${seller.id})` }])
  const [refused] = await readAudit(`token=${viewer.id}&limit=1`)
  expect(refused).toMatchObject({ route: '/admin/tokens', status: 403 })
})

it.each([
  ['no name', { role: 'viewer' }],
  ['an empty name', { name: '', role: 'viewer' }],
  ['the name of another token', { name: 'admin_token ', role: 'viewer' }],
  ['an unknown role', { name: 'x', role: 'root' }],
  ['no day', { name: 'x', role: 'viewer', days: 0 }],
  ['more than a year', { name: 'x', role: 'viewer', days: 367 }],
  ['a hash of its own', { name: 'x', role: 'viewer', sha256: 'f'.repeat(64) }],
])('a token with %s is rejected', async (_, body) => {
  await expectProblem(await rooms.request('POST', '/admin/tokens', { headers: operator, body }), 'invalid-request', 400)
})

it('an unknown token cannot be revoked, and an invalid query reads no audit', async () => {
  const unknown = '/admin/tokens/7f3b8c1e-0a4d-4e5f-8a9b-0c1d2e3f4a5b'
  await expectProblem(await rooms.request('DELETE', unknown, { headers: operator }), 'not-found', 404)
  for (const query of ['before=0', 'limit=0', 'limit=1001', 'sale=A', 'more=1'])
    await expectProblem(
      await rooms.request('GET', `/admin/audit?${query}`, { headers: operator }),
      'invalid-request',
      400,
    )
})

it('an expired token is wrong, and tokens beyond the bound are rejected', async () => {
  const { id, token } = await create('viewer', 'briefly')
  await rooms.pool.query("update operators.tokens set expires_at = now() - interval '1 second' where id = $1", [id])
  await eventually(async () => {
    for (let times = 0; times < 2; times += 1)
      await expectProblem(await rooms.request('GET', '/admin/me', { headers: bearer(token) }), 'unauthorized', 401)
  })
  await rooms.pool.query(
    `insert into operators.tokens (id, name, role, sha256, created_by, expires_at)
     select gen_random_uuid(), 'crowd', 'viewer', 'hash of ' || n, 'a test', now() + interval '1 day'
     from generate_series(1, 1000) n`,
  )
  const body = { name: 'one more', role: 'viewer' }
  await expectProblem(await rooms.request('POST', '/admin/tokens', { headers: operator, body }), 'tokens-full', 409)
})
