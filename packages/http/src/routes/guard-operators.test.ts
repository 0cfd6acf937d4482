import {
  type Auth,
  defineRoute,
  EVERYBODY,
  empty,
  OPERATOR_ONLY,
  OPERATOR_OR_SHOP,
  ROLES,
  type Role,
  type RouteContract,
} from '@floodgate/contracts'
import { AppError, createMetrics } from '@floodgate/runtime'
import { silentLogger } from '@floodgate/testkit/fixtures'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { Caller } from '../requests/operator-auth.ts'
import { handle } from './handle.ts'
import { createHttpApp } from './http-app.ts'
import { mountRoutes } from './mount-routes.ts'
import type { OperatorAct } from './operator-audit.ts'

const log = silentLogger
const adminToken = 'operator-token'
const shopToken = 'shop-token'

function createApp(path: string, auth: Auth, tokens: { shopToken?: string } = { shopToken }) {
  const route: RouteContract = {
    method: 'get',
    path,
    summary: 'A test',
    auth,
    role: 'viewer',
    responses: { 204: empty('Done') },
  }
  const operators = { routes: { route }, adminToken, ...tokens }
  const app = createHttpApp({ log, metrics: createMetrics('test'), allowedOrigins: [], operators })
  app.get('/things/:id', (c) => c.body(null, 204))
  app.get('/admin/things/:id', (c) => c.body(null, 204))
  app.post('/admin/things/:id', (c) => c.body(null, 204))
  app.get('/admin/undeclared', (c) => c.body(null, 204))
  return app
}
const statusOf = async (app: ReturnType<typeof createApp>, path: string, token?: string) =>
  (await app.request(path, { headers: token === undefined ? {} : { authorization: `Bearer ${token}` } })).status

describe('a guarded route', () => {
  it('is one that is declared for operators, whatever its path', async () => {
    const app = createApp('/things/{id}', OPERATOR_ONLY)
    expect(await statusOf(app, '/things/1')).toBe(401)
    expect(await statusOf(app, '/things/1', 'another')).toBe(401)
    expect(await statusOf(app, '/things/1', adminToken)).toBe(204)
    expect(await statusOf(createApp('/things/{id}', EVERYBODY), '/things/1')).toBe(204)
  })

  it('is anything that is mounted below /admin/, declared or not', async () => {
    const app = createApp('/admin/declared', OPERATOR_ONLY)
    expect(await statusOf(app, '/admin/undeclared')).toBe(401)
    expect(await statusOf(app, '/admin/undeclared', adminToken)).toBe(204)
  })
})

describe("the token of the shop's server", () => {
  it.each(['/admin/things/{id}', '/things/{id}'])('opens a route that is declared for it: %s', async (path) => {
    const app = createApp(path, OPERATOR_OR_SHOP)
    const one = path.replace('{id}', '1')
    for (const token of [shopToken, adminToken]) expect(await statusOf(app, one, token)).toBe(204)
    for (const token of [undefined, '', 'another', `${shopToken}x`, `${shopToken} ${adminToken}`])
      expect(await statusOf(app, one, token)).toBe(401)
  })

  it('opens nothing else', async () => {
    const app = createApp('/admin/things/{id}', OPERATOR_OR_SHOP)
    for (const path of ['/admin/undeclared', '/admin/things', '/admin/things/1/more', '/admin/'])
      expect(await statusOf(app, path, shopToken), path).toBe(401)
    const headers = { authorization: `Bearer ${shopToken}` }
    for (const method of ['POST', 'PUT', 'DELETE'])
      expect((await app.request('/admin/things/1', { method, headers })).status, method).toBe(401)
    expect(await statusOf(createApp('/admin/things/{id}', OPERATOR_ONLY), '/admin/things/1', shopToken)).toBe(401)
    expect(await statusOf(createApp('/things/{id}', OPERATOR_ONLY), '/things/1', shopToken)).toBe(401)
  })

  it('is unknown where none is set', async () => {
    const app = createApp('/admin/things/{id}', OPERATOR_OR_SHOP, {})
    for (const token of [shopToken, '', 'undefined']) expect(await statusOf(app, '/admin/things/1', token)).toBe(401)
    expect(await statusOf(app, '/admin/things/1', adminToken)).toBe(204)
  })
})

it.each<[string, Auth]>([
  ['everybody', EVERYBODY],
  ['a ticket', ['ticket']],
  ['the operator or a ticket', ['operator', 'ticket']],
  ['the operator or everybody', ['operator', 'none']],
  ['the shop alone', ['shop']],
  ['the shop or a ticket', ['operator', 'shop', 'ticket']],
])('a route below /admin/ that is declared for %s fails the start', (_, auth) => {
  expect(() => createApp('/admin/things', auth)).toThrow('get /admin/things is declared without operator auth.')
})

it('an operator route without a role fails the start, and does not compile', () => {
  const common = { method: 'get', summary: 'A test', auth: OPERATOR_ONLY, responses: { 204: empty('Done') } } as const
  // @ts-expect-error: no role
  const route = defineRoute({ ...common, path: '/things' })
  // @ts-expect-error: below /admin/ for everybody
  defineRoute({ ...common, path: '/admin/things', auth: EVERYBODY })
  // @ts-expect-error: a role for everybody
  defineRoute({ ...common, path: '/things', auth: EVERYBODY, role: 'viewer' })
  const operators = { routes: { route }, adminToken }
  expect(() => createHttpApp({ log, metrics: createMetrics('test'), allowedOrigins: [], operators })).toThrow(
    'get /things is declared without a role.',
  )
})

const TOKENS = Object.fromEntries(ROLES.map((role) => [role, `fgop_${role.padEnd(43, '-')}`])) as Record<Role, string>
/** A token that only the store knows: it was created a moment ago. */
const NEW_TOKEN = `fgop_${'n'.repeat(43)}`

function createPeople() {
  const known = new Map<string, Caller>()
  const stored = new Map<string, Caller>()
  async function add(to: Map<string, Caller>, token: string, role: Role): Promise<void> {
    const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token))
    to.set(Buffer.from(bytes).toString('hex'), { id: `id-of-${role}`, name: `a ${role}`, role, expiresAt: null })
  }
  const acts: OperatorAct[] = []
  return {
    add,
    known,
    stored,
    acts,
    guard: {
      tokens: { find: (sha256: string) => known.get(sha256), lookUp: async (sha256: string) => stored.get(sha256) },
      audit: { record: async (act: OperatorAct) => void acts.push(act) },
    },
  }
}

async function createPeopleApp() {
  const people = createPeople()
  for (const role of ROLES) await people.add(people.known, TOKENS[role], role)
  await people.add(people.stored, NEW_TOKEN, 'viewer')
  const params = z.object({ sale: z.string() })
  const routes = Object.fromEntries(
    ROLES.map((role) => [
      role,
      defineRoute({
        method: 'post',
        path: `/admin/sales/{sale}/${role}`,
        summary: 'A test',
        auth: OPERATOR_ONLY,
        role,
        request: { params },
        responses: { 204: empty('Done') },
      }),
    ]),
  )
  const operators = { routes, adminToken, ...people.guard }
  const app = createHttpApp({ log, metrics: createMetrics('test'), allowedOrigins: [], operators })
  const handlers = Object.values(routes).map((route) =>
    handle(route, (request, reply) => {
      if (request.parameter === 'closed') throw new AppError('wrong-state')
      if (request.parameter === 'broken') throw new Error('a defect')
      return reply(204, undefined, { 'x-caller': request.operator.name })
    }),
  )
  mountRoutes(app, handlers, { clientAddressOf: () => 'unknown', declared: routes })
  function post(path: string, token: string) {
    return app.request(path, { method: 'POST', headers: { authorization: `Bearer ${token}` } })
  }
  return { ...people, post }
}

describe('a role', () => {
  it('opens the routes that need it or an earlier one, and no other', async () => {
    const { post } = await createPeopleApp()
    for (const [has, token] of Object.entries(TOKENS) as [Role, string][])
      for (const needs of ROLES) {
        const response = await post(`/admin/sales/demo/${needs}`, token)
        const isEnough = ROLES.indexOf(has) >= ROLES.indexOf(needs)
        expect(response.status, `${has} at ${needs}`).toBe(isEnough ? 204 : 403)
        if (isEnough) expect(response.headers.get('x-caller')).toBe(`a ${has}`)
        else expect(await response.json()).toMatchObject({ code: 'role-too-low', role: has, needs })
      }
  })

  it('of ADMIN_TOKEN is admin, and what is not declared needs it', async () => {
    const { post } = await createPeopleApp()
    expect((await post('/admin/sales/demo/admin', adminToken)).status).toBe(204)
    expect((await post('/admin/undeclared', adminToken)).status).toBe(404)
    expect((await post('/admin/undeclared', TOKENS.operator)).status).toBe(403)
  })
})

it('an act can be stored, whatever its path: no NUL, and parameters of a bounded length', async () => {
  const { post, acts } = await createPeopleApp()
  await post('/admin/sales/a%00b/admin', TOKENS.viewer)
  await post(`/admin/sales/${'x'.repeat(3_000)}/viewer`, TOKENS.viewer)
  await post(`/admin/sales/${'x'.repeat(199)}%F0%9F%98%80/viewer`, TOKENS.viewer)
  expect(acts.map(({ target }) => target.sale)).toEqual(['a\ufffdb', 'x'.repeat(200), `${'x'.repeat(199)}\ufffd`])
})

describe('a token', () => {
  it('that was created a moment ago is looked up', async () => {
    const { post } = await createPeopleApp()
    expect((await post('/admin/sales/demo/viewer', NEW_TOKEN)).status).toBe(204)
  })

  it('that is wrong counts against its client, and known ones stay accepted', async () => {
    const { post } = await createPeopleApp()
    const guess = (number: number) => post('/admin/sales/demo/viewer', `fgop_${String(number).padEnd(43, 'x')}`)
    let guesses = 1
    let response = await guess(0)
    for (; response.status === 401 && guesses < 5_000; guesses += 1) response = await guess(guesses)
    expect(guesses).toBeGreaterThanOrEqual(200)
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '1'])
    for (const token of [adminToken, TOKENS.viewer])
      expect((await post('/admin/sales/demo/viewer', token)).status).toBe(204)
  })
})

describe('the audit', () => {
  it('has every state-changing request with its outcome, and what a role does not allow', async () => {
    const { post, acts } = await createPeopleApp()
    await post('/admin/sales/demo/operator', TOKENS.operator)
    await post('/admin/sales/closed/operator', TOKENS.operator)
    await post('/admin/sales/broken/operator', adminToken)
    await post('/admin/sales/demo/admin', TOKENS.viewer)
    await post('/admin/sales/demo/admin', 'a wrong one')
    expect(acts.map(({ caller, target, route, status, code }) => [caller.name, target, route, status, code])).toEqual([
      ['a operator', { sale: 'demo' }, '/admin/sales/{sale}/operator', 204, null],
      ['a operator', { sale: 'closed' }, '/admin/sales/{sale}/operator', 409, 'wrong-state'],
      ['ADMIN_TOKEN', { sale: 'broken' }, '/admin/sales/{sale}/operator', 500, 'internal'],
      ['a viewer', { sale: 'demo' }, '/admin/sales/{sale}/admin', 403, 'role-too-low'],
    ])
    expect(acts.every(({ traceId }) => /^[0-9a-f]{32}$/.test(traceId))).toBe(true)
  })
})
