import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { defineRoute, EVERYBODY, empty, jsonBody, NO_BODY, problemBody } from '@floodgate/contracts'
import { AppError, type Logger } from '@floodgate/runtime'
import { traceIdOf } from '@floodgate/tracing'
import { Registry } from 'prom-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createClientAddressOf } from '../requests/client-address.ts'
import type { ResponseParts } from '../responses/response-parts.ts'
import { handle } from '../routes/handle.ts'
import { createHttpApp } from '../routes/http-app.ts'
import { mountRoutes } from '../routes/mount-routes.ts'
import type { Route, RouteRequest } from '../routes/route.ts'
import { type Listening, listen } from '../server/listen.ts'
import { createFastPath } from './fast-path.ts'

const warnings: object[] = []
const log: Logger = { debug() {}, info() {}, warn: (line) => warnings.push(line), error() {}, child: () => log }
const metrics = new Registry()
const clientAddressOf = createClientAddressOf({ trustedHops: 1 })
const options = { log, metrics, allowedOrigins: ['https://shop.example'], clientAddressOf }
const app = createHttpApp(options)

const partsOf = (name: string): ResponseParts => {
  if (name === 'busy') throw new AppError('busy', { retryAfterSeconds: 2, members: { hint: 'later' } })
  if (name === 'broken') throw new Error('a secret')
  if (name === 'varied') return { status: 200, headers: { 'content-type': 'text/plain', vary: 'Accept' }, body: 'x' }
  if (name === 'cookies')
    return {
      status: 200,
      headers: { 'content-type': 'text/plain' },
      cookies: ['a=1; Path=/', 'b=2; Path=/'],
      body: 'x',
    }
  if (name === 'none') return { status: 304, headers: { etag: '"x"' }, body: null }
  return { status: 200, headers: { 'content-type': 'text/plain' }, body: `ä ${name}` }
}
const order = z.strictObject({ a: z.string().optional(), busy: z.boolean().optional() })
/** The bodies that reached the handler, in the order of their arrival. */
const received: object[] = []
const echo = async (request: RouteRequest): Promise<ResponseParts> => {
  const { parameter, traceparent } = request
  const body = order.parse(await request.body())
  received.push(body)
  if (body.busy) throw new AppError('busy', { retryAfterSeconds: 2 })
  const response = JSON.stringify({ parameter, body, traceId: traceIdOf(traceparent) })
  return { status: 201, headers: { 'content-type': 'application/json' }, body: response }
}
/** Gates of the handlers, which the test opens in any order. */
const gates = new Map<string, PromiseWithResolvers<void>>()
const gate = (name: string) => {
  const known = gates.get(name) ?? Promise.withResolvers<void>()
  gates.set(name, known)
  return known
}
function declare(method: 'get' | 'post' | 'delete', path: string, body?: typeof NO_BODY | ReturnType<typeof jsonBody>) {
  const request = { params: z.object({ thing: z.string().max(20) }), ...(body !== undefined && { body }) }
  return defineRoute({ method, path, summary: 'A test', auth: EVERYBODY, request, responses: { 204: empty('Done') } })
}
const routes: readonly Route[] = [
  handle(declare('get', '/things/{thing}/state'), ({ parameter }) => partsOf(parameter)),
  handle(declare('get', '/things/{thing}/parsed'), ({ params }) => partsOf(params.thing)),
  handle(declare('get', '/things/{thing}/later'), async ({ parameter }) => partsOf(parameter)),
  handle(declare('get', '/things/{thing}/client'), ({ client }) => partsOf(client)),
  handle(declare('delete', '/things/{thing}/counted'), ({ parameter }) => partsOf(parameter)),
  handle(declare('post', '/things/{thing}/slow'), ({ parameter }) =>
    gate(parameter).promise.then(() => partsOf(parameter)),
  ),
  handle(declare('post', '/things/{thing}/empty', NO_BODY), async (request) => {
    await request.body()
    return partsOf(`${request.parameter} of ${request.headers.cookie}`)
  }),
  handle(
    defineRoute({
      ...{ method: 'get', path: '/things/{thing}/parts/{part}', summary: 'A test', auth: EVERYBODY },
      request: { params: z.object({ thing: z.string().max(20), part: z.string().regex(/^[a-z]+$/) }) },
      responses: { 204: empty('Done') },
    }),
    ({ parameter, params }) => partsOf(`${parameter} ${params.thing} ${params.part}`),
  ),
  handle(declare('post', '/orders', jsonBody(order)), echo),
  handle(declare('post', '/things/{thing}/parts', jsonBody(order)), echo),
]
mountRoutes(app, routes, { clientAddressOf })

/** The transport that served the last request. */
let by: 'fast path' | 'hono'
let server: Listening
beforeAll(async () => {
  const tryFastPath = createFastPath(routes, options)
  server = await listen({
    fetch: (request, env) => app.fetch(request, env),
    tryFastPath: (request, response) => {
      const taken = tryFastPath(request, response)
      by = taken ? 'fast path' : 'hono'
      return taken
    },
    host: '127.0.0.1',
    port: 0,
  })
})
afterAll(() => server.close(100))

/** Uses Node's own client: `fetch` cannot send some of these requests. */
const send = async (path: string, { method = 'GET', headers = {}, body = '' } = {}) => {
  const request = httpRequest(`${server.url}${path}`, { method, headers: { ...headers }, agent: false }).end(body)
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  const { date: _, ...others } = response.headers
  return { by, status: response.statusCode, headers: others, body: await text(response) }
}
/** Sends the same request through both transports: a query makes it take Hono. */
const sendBothWays = async (path: string, init: Parameters<typeof send>[1] = {}) => {
  const [{ by: first, ...fast }, { by: second, ...slow }] = [await send(path, init), await send(`${path}?x`, init)]
  expect([first, second]).toEqual(['fast path', 'hono'])
  return [fast, slow] as const
}

describe('a route', () => {
  it.each(['a', 'none', 'varied', 'cookies'])(
    'gives the same response on both transports, at once and later: %s',
    async (name) => {
      const [now, nowByHono] = await sendBothWays(`/things/${name}/state`)
      const [later, laterByHono] = await sendBothWays(`/things/${name}/later`)
      expect([nowByHono, later, laterByHono]).toEqual([now, now, now])
      expect(now.status).toBe(name === 'none' ? 304 : 200)
    },
  )

  it.each([
    ['a query', '/things/a/state?x', {}],
    ['an encoded parameter', '/things/%61/state', {}],
    ['a body', '/things/a/state', { headers: { 'content-length': '2' }, body: '{}' }],
    ['a host in an unusual form', '/things/a/state', { headers: { host: 'EXAMPLE.org' } }],
  ])('is served by Hono with %s', async (_, path, init) => {
    expect(await send(path, init)).toMatchObject({ by: 'hono', status: 200, body: 'ä a' })
  })

  const raw = async (request: string) => {
    const socket = connect(server.port, '127.0.0.1')
    socket.end(`${request}\r\nHost: localhost\r\nConnection: close\r\n\r\n`)
    return await text(socket)
  }

  it('is served by Hono with a repeated header that must be single', async () => {
    const twice = 'Authorization: Bearer a\r\nauthorization: Bearer b'
    expect(await raw(`GET /things/a/state HTTP/1.1\r\n${twice}`)).toContain('200 OK')
    expect(by).toBe('hono')
  })

  it.each([
    ['/things/a/parts/../state', '200 OK'],
    ['/things/a/parts/..', '404 Not Found'],
    ['/things/./state', '404 Not Found'],
  ])('is served by Hono with segments that a URL parser removes: %s', async (path, status) => {
    expect(await raw(`GET ${path} HTTP/1.1`)).toContain(status)
    expect(by).toBe('hono')
  })

  it.each(['', '?x'])('joins cookies of several headers into one list: %s', async (query) => {
    const request = `POST /things/a/empty${query} HTTP/1.1\r\nContent-Length: 0\r\nCookie: a=1\r\nCookie: b=2`
    expect(await raw(request)).toContain('ä a of a=1; b=2')
  })

  it('accepts a body only where one is declared, and only of the declared type', async () => {
    const post = (body: string, type = 'application/json') =>
      send('/things/a/empty', {
        method: 'POST',
        headers: { 'content-length': Buffer.byteLength(body), ...(body === '' ? {} : { 'content-type': type }) },
        body,
      })
    expect(await post('')).toMatchObject({ by: 'fast path', status: 200 })
    expect(await post('{}')).toMatchObject({ by: 'hono', status: 200 })
    expect(await post('{"a":1}')).toMatchObject({ by: 'hono', status: 400 })
    expect(await post('a', 'text/plain')).toMatchObject({ by: 'hono', status: 415 })
    for (const type of ['application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'Text/Plain'])
      for (const query of ['', '?x']) {
        const headers = { 'content-type': type, 'content-length': 0 }
        expect((await send(`/things/a/empty${query}`, { method: 'POST', headers })).status).toBe(415)
      }
  })

  it.each([
    ['HEAD', '/things/a/state', 200],
    ['DELETE', '/things/a/state', 405],
    ['GET', '/things//state', 404],
    ['GET', '/things/state', 404],
  ])('is left to Hono: %s %s', async (method, path, status) => {
    expect(await send(path, { method })).toMatchObject({ by: 'hono', status })
  })

  it.each(['busy', 'broken'])('gives the same problem on both transports, at once and later: %s', async (name) => {
    const headers = { traceparent: '00-0123456789abcdef0123456789abcdef-0123456789abcdef-01' }
    warnings.length = 0
    const [now, nowByHono] = await sendBothWays(`/things/${name}/state`, { headers })
    const [later, laterByHono] = await sendBothWays(`/things/${name}/later`, { headers })
    expect(problemBody.parse(JSON.parse(now.body)).traceId).toBe('0123456789abcdef0123456789abcdef')
    expect([nowByHono, later, laterByHono]).toEqual([now, now, now])
    const [first, ...others] = warnings.map((line) => ({ ...line, elapsedMs: 0, route: '' }))
    for (const other of others) expect(other).toEqual(first)
  })

  it.each([
    ['ko-KR,ko;q=0.9,en-US;q=0.8', 'ko', '현재 요청이 많아 처리할 수 없습니다'],
    ['de, en;q=0.5', 'en', 'The service is busy at the moment'],
    ['*', 'en', 'The service is busy at the moment'],
    ['', 'en', 'The service is busy at the moment'],
    [' \t', 'en', 'The service is busy at the moment'],
    ['ko\u00ff, \u00e9', 'en', 'The service is busy at the moment'],
    [`${'x'.repeat(9_000)};q=,,;;ko`, 'en', 'The service is busy at the moment'],
  ])('rejects in the language of the request on both transports: %s', async (acceptLanguage, language, title) => {
    const headers = { traceparent: '00-0123456789abcdef0123456789abcdef-0123456789abcdef-01' }
    const plain = await send('/things/busy/state', { headers })
    const [fast, slow] = await sendBothWays('/things/busy/state', {
      headers: { ...headers, 'accept-language': acceptLanguage },
    })
    expect(slow).toEqual(fast)
    expect(fast.headers).toMatchObject({ 'content-language': language, 'cache-control': 'no-store' })
    expect(plain.headers['content-language'], 'unchanged for a request without Origin').toBeUndefined()
    expect(JSON.parse(fast.body)).toEqual({ ...JSON.parse(plain.body), title })
  })

  it.each([
    ['a listed origin', 'a', 'https://shop.example'],
    ['another origin', 'a', 'https://evil.example'],
    ['a listed origin, refusing', 'busy', 'https://shop.example'],
    ['a listed origin, with a vary of its own', 'varied', 'https://shop.example'],
  ])('has the same CORS headers on both transports for %s', async (_, name, origin) => {
    const [{ body: _fast, ...fast }, { body: _slow, ...slow }] = await sendBothWays(`/things/${name}/state`, {
      headers: { origin },
    })
    expect(fast).toEqual(slow)
    const own = origin === 'https://shop.example' ? origin : undefined
    expect(fast.headers['access-control-allow-origin']).toBe(own)
    expect(fast.headers.vary).toMatch(/Origin/)
  })

  it('parses parameters alike on both transports, for a handler that reads them', async () => {
    const [fast, slow] = await sendBothWays('/things/a/parsed')
    expect(fast).toEqual(slow)
    expect(fast.body).toBe('ä a')
    const rejected = await sendBothWays('/things/longer-than-twenty-characters/parsed')
    for (const { status, body } of rejected) {
      expect(status).toBe(400)
      expect(problemBody.parse(JSON.parse(body)).errors).toEqual([{ pointer: '/thing', message: expect.any(String) }])
    }
  })

  it('has all parameters of its path on both transports', async () => {
    const [fast, slow] = await sendBothWays('/things/a/parts/b')
    expect(fast).toEqual(slow)
    expect(fast.body).toBe('ä a a b')
    const headers = { traceparent: '00-0123456789abcdef0123456789abcdef-0123456789abcdef-01' }
    const [rejected, rejectedByHono] = await sendBothWays('/things/longer-than-twenty-characters/parts/7', { headers })
    expect(rejected).toEqual(rejectedByHono)
    const pointers = problemBody.parse(JSON.parse(rejected.body)).errors?.map(({ pointer }) => pointer)
    expect([rejected.status, pointers]).toEqual([400, ['/thing', '/part']])
  })

  it.each([
    ['/things/a/parts/%62', 200],
    ['/things/%61/parts/b', 200],
    ['/things/a/parts/b/', 404],
    ['/things/a/parts/', 404],
    ['/things/a/parts/b/c', 404],
    ['/things//parts/b', 404],
  ])('is served by Hono with parameters in an unusual form: %s', async (path, status) => {
    expect(await send(path)).toMatchObject({ by: 'hono', status })
  })

  it('sees the same client on both transports', async () => {
    const headers = { 'x-forwarded-for': '192.0.2.7' }
    const [fast, slow] = await sendBothWays('/things/a/client', { headers })
    expect([fast.body, slow.body]).toEqual(['ä 192.0.2.7', 'ä 192.0.2.7'])
    expect((await send('/things/a/client')).body).toBe('ä 127.0.0.1')
  })

  it('is counted in the same series on both transports', async () => {
    const count = async () =>
      Number(
        /_count\{method="DELETE",route="\/things\/:thing\/counted",status="200"\} (\d+)/.exec(
          await metrics.metrics(),
        )?.[1] ?? 0,
      )
    await sendBothWays('/things/a/counted', { method: 'DELETE' })
    expect(await count()).toBe(2)
  })

  it('responds to pipelined requests in their order, whichever response is ready first', async () => {
    const socket = connect(server.port, '127.0.0.1')
    const post = (name: string) => `POST /things/${name}/slow HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n`
    const get = 'GET /things/last/state HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'
    socket.write(`${post('first')}${post('second')}${get}`)
    gate('second').resolve()
    await send('/things/between/state')
    gate('first').resolve()
    const bodies = (await text(socket)).match(/ä [a-z]+/g)
    expect(bodies).toEqual(['ä first', 'ä second', 'ä last'])
  })

  it('survives a client that disconnects before its response is ready', async () => {
    const request = httpRequest(`${server.url}/things/gone/slow`, { method: 'POST', agent: false })
    const closed = Promise.withResolvers<void>()
    request.on('close', () => closed.resolve()).on('error', () => undefined)
    request.end()
    const [socket] = await once(request, 'socket')
    if (socket.connecting) await once(socket, 'connect')
    await send('/things/arrived/state')
    request.destroy()
    await closed.promise
    gate('gone').resolve()
    expect((await send('/things/after/state')).status).toBe(200)
  })
})

describe('a route with a JSON body', () => {
  const traceparent = '00-0123456789abcdef0123456789abcdef-0123456789abcdef-01'
  const json = { 'content-type': 'application/json', traceparent }
  const initOf = (body: string, headers = {}) => ({
    method: 'POST',
    headers: { ...json, 'content-length': Buffer.byteLength(body), ...headers },
    body,
  })

  it.each([
    ['a body', '/orders', '{"a":"ä"}', 201],
    ['invalid JSON', '/orders', '{', 400],
    ['an unknown field', '/orders', '{"b":1}', 400],
    ['a byte order mark', '/orders', '\ufeff{}', 201],
    ['a rejection', '/orders', '{"busy":true}', 503],
    ['a path with a parameter', '/things/a/parts', '{}', 201],
  ])('gives the same response on both transports: %s', async (_, path, body, status) => {
    const [fast, slow] = await sendBothWays(path, initOf(body))
    expect(fast).toEqual(slow)
    expect(fast.status).toBe(status)
    expect(JSON.parse(fast.body).traceId).toBe('0123456789abcdef0123456789abcdef')
  })

  it.each([
    ['a query', '/orders?x', {}, 201],
    ['a media type with a parameter', '/orders', { 'content-type': 'application/json; charset=utf-8' }, 201],
    ['another media type', '/orders', { 'content-type': 'text/plain' }, 415],
    ['a client that waits for 100 Continue', '/orders', { expect: '100-continue' }, 201],
    ['a host in an unusual form', '/orders', { host: 'EXAMPLE.org' }, 201],
  ])('is served by Hono with %s', async (_, path, headers, status) => {
    expect(await send(path, initOf('{}', headers))).toMatchObject({ by: 'hono', status })
  })

  it('is served by Hono with a body of unknown length, and rejected above the bound', async () => {
    const headers = { ...json, 'transfer-encoding': 'chunked' }
    expect(await send('/orders', { method: 'POST', headers, body: '{}' })).toMatchObject({ by: 'hono', status: 201 })
    expect((await send('/orders', { method: 'POST', headers, body: ' '.repeat(17_000) })).status).toBe(413)
    expect((await send('/orders', initOf(' '.repeat(17_000)))).status).toBe(413)
  })

  const head = (length: number) =>
    `POST /orders HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n`

  it('joins a body that arrives in pieces, even if split within a character', async () => {
    const socket = connect(server.port, '127.0.0.1').setNoDelay()
    const body = Buffer.from('{"a":"ä"}')
    socket.write(`${head(body.length)}Connection: close\r\n\r\n`)
    socket.write(body.subarray(0, 7))
    await send('/things/between/state')
    socket.write(body.subarray(7))
    expect(await text(socket)).toContain('"body":{"a":"ä"}')
  })

  it('does nothing for a client that disconnects during its body', async () => {
    received.length = 0
    const socket = connect(server.port, '127.0.0.1')
    socket.write(`${head(500)}\r\n{`)
    await send('/things/arrived/state')
    socket.destroy()
    await once(socket, 'close')
    await send('/orders', initOf('{"a":"after"}'))
    expect(received).toEqual([{ a: 'after' }])
  })
})
