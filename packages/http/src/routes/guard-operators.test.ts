import { type Auth, defineRoute, EVERYBODY, empty, OPERATOR_ONLY } from '@floodgate/contracts'
import { createMetrics } from '@floodgate/runtime'
import { silentLogger } from '@floodgate/testkit/fixtures'
import { describe, expect, it } from 'vitest'
import { createHttpApp } from './http-app.ts'

const log = silentLogger
const adminToken = 'operator-token'

function createApp(path: string, auth: Auth) {
  const route = defineRoute({
    method: 'get',
    path,
    summary: 'A test',
    auth,
    responses: { 204: empty('Done') },
  })
  const operators = { routes: { route }, adminToken }
  const app = createHttpApp({ log, metrics: createMetrics('test'), allowedOrigins: [], operators })
  app.get('/things/:id', (c) => c.body(null, 204))
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

it.each<[string, Auth]>([
  ['everybody', EVERYBODY],
  ['a ticket', ['ticket']],
  ['the operator or a ticket', ['operator', 'ticket']],
  ['the operator or everybody', ['operator', 'none']],
])('a route below /admin/ that is declared for %s fails the start', (_, auth) => {
  expect(() => createApp('/admin/things', auth)).toThrow('get /admin/things is declared without operator auth.')
})
