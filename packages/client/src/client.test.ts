import { defineRoute, empty, jsonBody, NO_BODY, OPERATOR_ONLY, queryInteger, success } from '@floodgate/contracts'
import { createHttpApp, handle, mountRoutes } from '@floodgate/http'
import { AppError, createMetrics } from '@floodgate/runtime'
import { silentLogger } from '@floodgate/testkit/fixtures'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { createClient, requestOf } from './client.ts'
import { bodyOf, UnexpectedResponse } from './responses.ts'
import { createSend, type Send } from './send.ts'
import { sendPatiently } from './send-patiently.ts'

const params = z.object({ thing: z.string() })
const thing = z.strictObject({ thing: z.string(), limit: z.int(), key: z.string().optional() })
const routes = {
  read: defineRoute({
    method: 'get',
    path: '/things/{thing}',
    summary: 'Reads',
    auth: ['none', 'ticket'],
    request: {
      params,
      query: z.strictObject({ limit: queryInteger(1, 9).default(7) }),
      headers: z.object({ 'idempotency-key': z.string().optional() }),
    },
    responses: { 200: success('The thing', thing) },
    problems: { 'not-found': true },
  }),
  put: defineRoute({
    method: 'put',
    path: '/admin/things/{thing}',
    summary: 'Puts',
    auth: OPERATOR_ONLY,
    role: 'viewer',
    request: { params, body: jsonBody(z.strictObject({ name: z.string() })) },
    responses: { 201: success('Created', z.strictObject({ name: z.string() })) },
  }),
  clear: defineRoute({
    method: 'delete',
    path: '/admin/things',
    summary: 'Clears',
    auth: OPERATOR_ONLY,
    role: 'viewer',
    request: { body: NO_BODY },
    responses: { 204: empty('Gone') },
  }),
}
const adminToken = 'operator-token'

const app = createHttpApp({
  ...{ log: silentLogger, metrics: createMetrics('test'), allowedOrigins: [], operators: { routes, adminToken } },
})
const authorizations: (string | undefined)[] = []
let busy = 0
mountRoutes(
  app,
  [
    handle(routes.read, ({ params: { thing: name }, query: { limit }, headers }, reply) => {
      authorizations.push(headers.authorization)
      if (busy > 0) {
        busy -= 1
        throw new AppError('busy', { retryAfterSeconds: 1 })
      }
      if (name === 'broken') return { status: 200, headers: { 'content-type': 'application/json' }, body: '{}' }
      const key = headers['idempotency-key']
      return reply(200, { thing: name, limit, ...(typeof key === 'string' && { key }) })
    }),
    handle(routes.put, async (request, reply) => reply(201, await request.body())),
    handle(routes.clear, (_, reply) => reply(204, undefined)),
  ],
  { clientAddressOf: () => 'test' },
)
const fetchFrom = (async (url: string, init: RequestInit) => app.request(url, init)) as typeof fetch
const send = createSend({ urls: ['http://app.test'], msMax: 10_000, fetch: fetchFrom })
const client = createClient(routes, { send, adminToken })

beforeEach(() => void authorizations.splice(0))

it.each(['', '.', '..'])('never sends a request to another path: "%s" is no parameter', async (name) => {
  await expect(client.put({ params: { thing: name }, body: { name } })).rejects.toThrow(TypeError)
})

it('sends a declared request, and reads its response', async () => {
  const request = { params: { thing: 'a/b c' }, query: { limit: 3 }, headers: { 'idempotency-key': 'k' } }
  expect(await bodyOf(client.read(request))).toEqual({ thing: 'a/b c', limit: 3, key: 'k' })
  expect(await bodyOf(client.read({ params: { thing: 'a' } }))).toEqual({ thing: 'a', limit: 7 })
  expect(await client.put({ params: { thing: 'a' }, body: { name: 'x' } })).toMatchObject({
    ...{ kind: 'success', status: 201, body: { name: 'x' }, attempts: 1 },
    request: 'PUT http://app.test/admin/things/a',
  })
  expect(await bodyOf(client.clear())).toBeUndefined()
})

it('sends the admin token only to operator routes', async () => {
  await client.read({ params: { thing: 'a' } })
  await client.read({ params: { thing: 'a' }, bearer: 'ticket' })
  expect(authorizations).toEqual([undefined, 'Bearer ticket'])
  const other = createClient(routes, { send })
  expect(await other.clear()).toMatchObject({ kind: 'problem', problem: { code: 'unauthorized' } })
})

it('throws problems and invalid responses, with the received response', async () => {
  const rejected = await bodyOf(createClient(routes, { send }).clear()).catch((error: unknown) => error)
  expect(rejected).toBeInstanceOf(UnexpectedResponse)
  expect(rejected).toMatchObject({ problem: { code: 'unauthorized' }, received: { status: 401 } })
  await expect(client.read({ params: { thing: 'broken' } })).rejects.toThrow('which breaks its contract')
  const proxy: Send = async (method, path) => ({
    ...{ request: `${method} ${path}`, status: 502, headers: new Headers(), text: '<html>', attempts: 1 },
  })
  await expect(createClient(routes, { send: proxy }).clear()).rejects.toThrow('502, which is no problem')
})

describe('a client that retries', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())
  const read = (patience: Parameters<typeof sendPatiently>[1], from: Send = send) =>
    createClient(routes, { send: sendPatiently(from, patience) }).read({ params: { thing: 'a' } })

  it('retries a request at the time the app requests', async () => {
    busy = 2
    const reading = read({ msMax: 60_000 })
    await vi.advanceTimersByTimeAsync(1_999)
    expect(authorizations).toHaveLength(2)
    await vi.advanceTimersByTimeAsync(600)
    expect(await reading).toMatchObject({ kind: 'success', attempts: 3 })
  })

  it('returns the last response when its attempts are used up', async () => {
    busy = 9
    const reading = [read({ msMax: 60_000, attemptsMax: 2 }), read({ msMax: 500 })]
    await vi.advanceTimersByTimeAsync(5_000)
    for (const response of await Promise.all(reading))
      expect(response).toMatchObject({ kind: 'problem', problem: { code: 'busy' }, attempts: 2 })
    busy = 0
  })

  it('retries a request without a response if configured', async () => {
    let failures = 1
    const failing: Send = (...request) => {
      failures -= 1
      return failures < 0 ? send(...request) : Promise.reject(new Error('away'))
    }
    const reading = read({ msMax: 60_000, isRetriable: () => true }, failing)
    await vi.advanceTimersByTimeAsync(400)
    expect(await reading).toMatchObject({ kind: 'success', attempts: 2 })
    failures = 1
    await expect(read({ msMax: 60_000 }, failing)).rejects.toThrow('away')
  })
})

it('does not compile an undeclared request', () => {
  // @ts-expect-error A parameter is missing.
  void (() => client.read({ params: {} }))
  // @ts-expect-error The query has no such member.
  void (() => client.read({ params: { thing: 'a' }, query: { last: 1 } }))
  // @ts-expect-error The body is missing.
  void (() => client.put({ params: { thing: 'a' } }))
  // @ts-expect-error The route takes no body.
  void (() => client.clear({ body: {} }))
  expect(requestOf(routes.clear, {})).toMatchObject({ method: 'DELETE', path: '/admin/things' })
})
