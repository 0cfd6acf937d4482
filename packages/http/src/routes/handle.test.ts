import { defineRoute, empty, jsonBody, NO_BODY, OPERATOR_ONLY, queryInteger, success } from '@floodgate/contracts'
import { createMetrics } from '@floodgate/runtime'
import { silentLogger } from '@floodgate/testkit/fixtures'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { handle, rejectWithoutUpgrade } from './handle.ts'
import { createHttpApp } from './http-app.ts'
import { mountRoutes } from './mount-routes.ts'
import type { Route } from './route.ts'

const auth = OPERATOR_ONLY
const params = z.object({ thing: z.string().regex(/^[a-z]+$/), part: z.string() })
const query = z.strictObject({ limit: queryInteger(1, 9).default(7) })
const part = z.strictObject({ name: z.string() })
const read = defineRoute({
  method: 'get',
  path: '/things/{thing}/parts/{part}',
  summary: 'Reads',
  auth,
  role: 'viewer',
  request: { params, query },
  responses: { 200: success('The part', z.object({ thing: z.string(), part: z.string(), limit: z.int() })) },
})
const put = defineRoute({
  ...read,
  method: 'put',
  request: { params, body: jsonBody(part) },
  bodyBytesMax: 50,
  responses: { 201: success('Created', part) },
})
const clear = defineRoute({ ...read, method: 'delete', request: { body: NO_BODY }, responses: { 204: empty('Gone') } })
const watch = defineRoute({ ...read, path: '/live', request: {}, responses: { 101: empty('A socket') } })

const createTestApp = () => createHttpApp({ log: silentLogger, metrics: createMetrics('test'), allowedOrigins: [] })
const app = createTestApp()
const routes = [
  handle(read, ({ params: { thing, part: name }, query: { limit } }, reply) =>
    reply(200, { thing, part: name, limit }),
  ),
  handle(put, async (request, reply) => reply(201, await request.body(), { 'cache-control': 'no-store' })),
  handle(clear, async (request, reply) => {
    await request.body()
    return reply(204, undefined)
  }),
  rejectWithoutUpgrade(watch),
]
mountRoutes(app, routes, { clientAddressOf: () => 'test' })

const json = (body: unknown) => ({
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
})

it('passes the handler the request, parsed as its route declares it', async () => {
  expect(await (await app.request('/things/a/parts/b%20c?limit=3')).json()).toEqual({
    thing: 'a',
    part: 'b c',
    limit: 3,
  })
  expect(await (await app.request('/things/a/parts/b')).json()).toEqual({ thing: 'a', part: 'b', limit: 7 })
  const created = await app.request('/things/a/parts/b', { method: 'PUT', ...json({ name: 'x' }) })
  expect(created.status).toBe(201)
  expect(created.headers.get('content-type')).toBe('application/json')
  expect(created.headers.get('cache-control')).toBe('no-store')
  expect(await created.json()).toEqual({ name: 'x' })
})

it.each<[string, string, RequestInit, number]>([
  ['parameters', '/things/A/parts/b', {}, 400],
  ['a query', '/things/a/parts/b?limit=10', {}, 400],
  ['an unknown query parameter', '/things/a/parts/b?other=1', {}, 400],
  ['a body', '/things/a/parts/b', { method: 'PUT', ...json({ name: 1 }) }, 400],
  ['a media type', '/things/a/parts/b', { method: 'PUT', body: '{}' }, 415],
  [
    'a body above the bound of its route',
    '/things/a/parts/b',
    { method: 'PUT', ...json({ name: 'x'.repeat(60) }) },
    413,
  ],
  ['an unexpected body', '/things/a/parts/b', { method: 'DELETE', ...json({ name: 'x' }) }, 400],
  ['a request without an upgrade', '/live', {}, 426],
])('rejects %s that the route does not allow', async (_, path, init, status) => {
  expect((await app.request(path, init)).status).toBe(status)
})

it.each<RequestInit>([{}, json({})])('accepts no body, or an empty object, where the route has none', async (init) => {
  const response = await app.request('/things/a/parts/b', { method: 'DELETE', ...init })
  expect(response.status).toBe(204)
  expect(await response.text()).toBe('')
})

it('starts no app with a declared route without its one handler, or with another route', () => {
  const mount = (...mounted: readonly Route[]) =>
    mountRoutes(createTestApp(), mounted, { clientAddressOf: () => 'test', declared: { read, clear } })
  const [reading, putting, clearing] = routes as [Route, Route, Route]
  expect(() => mount(reading, clearing)).not.toThrow()
  expect(() => mount(reading)).toThrow('delete /things/{thing}/parts/{part} has no handler')
  expect(() => mount(reading, putting, clearing)).toThrow('put /things/{thing}/parts/{part} is not declared')
  expect(() => mount(reading, clearing, clearing)).toThrow('delete /things/{thing}/parts/{part} has two handlers')
})

it('compiles no response that the route does not declare', () => {
  // @ts-expect-error 404 is not declared.
  handle(read, (_, reply) => reply(404, undefined))
  // @ts-expect-error A member is missing.
  handle(read, (_, reply) => reply(200, { thing: 'a', part: 'b' }))
  // @ts-expect-error The route has no query.
  handle(put, async ({ query: { limit } }, reply) => reply(201, { name: String(limit) }))
})
