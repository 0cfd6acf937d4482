import { createMetrics } from '@floodgate/runtime'
import { silentLogger } from '@floodgate/testkit/fixtures'
import { describe, expect, it } from 'vitest'
import { defineOperation, empty } from '../openapi/operation.ts'
import { EVERYBODY, OPERATOR_ONLY, type Security } from '../openapi/security-schemes.ts'
import { createHttpApp } from './http-app.ts'

const log = silentLogger
const adminToken = 'operator-token'

function createApp(path: string, security: Security) {
  const operation = defineOperation({
    method: 'get',
    path,
    summary: 'A test',
    security,
    responses: { 204: empty('Done') },
  })
  const operators = { operations: [operation], adminToken }
  const app = createHttpApp({ log, metrics: createMetrics('test'), allowedOrigins: [], operators })
  app.get('/things/:id', (c) => c.body(null, 204))
  app.get('/admin/undeclared', (c) => c.body(null, 204))
  return app
}
const statusOf = async (app: ReturnType<typeof createApp>, path: string, token?: string) =>
  (await app.request(path, { headers: token === undefined ? {} : { authorization: `Bearer ${token}` } })).status

describe('what is guarded', () => {
  it('is an operation that is declared for operators, wherever it is', async () => {
    const app = createApp('/things/{id}', OPERATOR_ONLY)
    expect(await statusOf(app, '/things/1')).toBe(401)
    expect(await statusOf(app, '/things/1', 'another')).toBe(401)
    expect(await statusOf(app, '/things/1', adminToken)).toBe(204)
    expect(await statusOf(createApp('/things/{id}', EVERYBODY), '/things/1')).toBe(204)
  })

  it('is whatever is mounted below /admin/, declared or not', async () => {
    const app = createApp('/admin/declared', OPERATOR_ONLY)
    expect(await statusOf(app, '/admin/undeclared')).toBe(401)
    expect(await statusOf(app, '/admin/undeclared', adminToken)).toBe(204)
  })
})

it.each<[string, Security]>([
  ['everybody', EVERYBODY],
  ['a ticket', [{ ticket: [] }]],
  ['the operator or a ticket', [{ operator: [] }, { ticket: [] }]],
  ['the operator or everybody', [{ operator: [] }, {}]],
])('an operation below /admin/ that is declared for %s ends the start', (_, security) => {
  expect(() => createApp('/admin/things', security)).toThrow('get /admin/things is declared without operator auth.')
})
