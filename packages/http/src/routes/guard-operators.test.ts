import { type Auth, defineRoute, EVERYBODY, empty, OPERATOR_ONLY, OPERATOR_OR_SHOP } from '@floodgate/contracts'
import { createMetrics } from '@floodgate/runtime'
import { silentLogger } from '@floodgate/testkit/fixtures'
import { describe, expect, it } from 'vitest'
import { createHttpApp } from './http-app.ts'

const log = silentLogger
const adminToken = 'operator-token'

const shopToken = 'shop-token'

function createApp(path: string, auth: Auth, tokens: { shopToken?: string } = { shopToken }) {
  const route = defineRoute({
    method: 'get',
    path,
    summary: 'A test',
    auth,
    responses: { 204: empty('Done') },
  })
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
