import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { problemBody } from '@floodgate/contracts'
import { Registry } from 'prom-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AppError } from '../app-error.ts'
import type { Logger } from '../logger.ts'
import { traceIdOf } from '../trace-context.ts'
import type { HotJsonRequest, HotRoute } from './hot-route.ts'
import { createHotRoutes } from './hot-routes.ts'
import { createHttpApp } from './http-app.ts'
import { traceparentOf } from './instrument.ts'
import { type Listening, listen } from './listen.ts'
import { answerPlainly, type PlainAnswer } from './plain-answer.ts'

const warnings: object[] = []
const log: Logger = { debug() {}, info() {}, warn: (line) => warnings.push(line), error() {}, child: () => log }
const metrics = new Registry()
const options = { log, metrics, allowedOrigins: ['https://shop.example'] }
const app = createHttpApp({ title: 'Example', description: 'An example', checks: {}, ...options })

const answerOf = (by: 'hot' | 'hono', name: string): PlainAnswer => {
  if (name === 'busy') throw new AppError('busy', { retryAfterSeconds: 2, members: { hint: 'later' } })
  if (name === 'broken') throw new Error('a secret')
  if (name === 'varied') return { status: 200, headers: { 'content-type': 'text/plain', vary: 'Accept' }, body: 'x' }
  if (name === 'none') return { status: 304, headers: { etag: '"x"' }, body: null }
  return { status: 200, headers: { 'content-type': 'text/plain', 'x-by': by }, body: `ä ${name}` }
}
/** What a hot route with a body was given, in the order in which it came. */
const taken: string[] = []
const echo = (by: 'hot' | 'hono', { parameter, text, traceparent }: Omit<HotJsonRequest, 'headers'>): PlainAnswer => {
  if (by === 'hot') taken.push(text)
  if (text.includes('busy')) throw new AppError('busy', { retryAfterSeconds: 2 })
  const body = JSON.stringify({ parameter, text, traceId: traceIdOf(traceparent) })
  return { status: 201, headers: { 'content-type': 'application/json', 'x-by': by }, body }
}
/** Resolved by the test, in the order it likes. */
const gates = new Map<string, PromiseWithResolvers<void>>()
const gate = (name: string) => {
  const known = gates.get(name) ?? Promise.withResolvers<void>()
  gates.set(name, known)
  return known
}
const hot: readonly HotRoute[] = [
  {
    method: 'GET',
    path: '/things/:thing/state',
    answer: (name) => (name === 'declined' ? undefined : answerOf('hot', name)),
  },
  {
    method: 'POST',
    path: '/things/:thing/slow',
    answer: (name) => gate(name).promise.then(() => answerOf('hot', name)),
  },
  { method: 'POST', path: '/orders', body: 'json', answer: (request) => echo('hot', request) },
  { method: 'POST', path: '/things/:thing/parts', body: 'json', answer: (request) => echo('hot', request) },
]
app.get('/things/:thing/state', (c) => answerPlainly(c, answerOf('hono', c.req.param('thing'))))
app.post('/things/:thing/slow', (c) => answerPlainly(c, answerOf('hono', c.req.param('thing'))))
app.on('POST', ['/orders', '/things/:thing/parts'], async (c) => {
  const parameter = c.req.param('thing') ?? ''
  return answerPlainly(c, echo('hono', { parameter, text: await c.req.text(), traceparent: traceparentOf(c) }))
})

let server: Listening
beforeAll(async () => {
  const fetch = (request: Request) => app.fetch(request)
  server = await listen({ fetch, takeRequest: createHotRoutes(hot, options), host: '127.0.0.1', port: 0 })
})
afterAll(() => server.close(100))

/** Node's own client: `fetch` would not send what some of these send. */
const send = async (path: string, { method = 'GET', headers = {}, body = '' } = {}) => {
  const request = httpRequest(`${server.url}${path}`, { method, headers: { ...headers }, agent: false }).end(body)
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  return { status: response.statusCode, headers: response.headers, body: await text(response) }
}

describe('a hot route', () => {
  it('answers the ordinary case', async () => {
    const answer = await send('/things/a/state')
    expect(answer).toMatchObject({ status: 200, headers: { 'x-by': 'hot', 'content-length': '4' }, body: 'ä a' })
    expect(await send('/things/none/state')).toMatchObject({ status: 304, headers: { etag: '"x"' }, body: '' })
  })

  it.each([
    ['a query', '/things/a/state?x', {}],
    ['a body', '/things/a/state', { headers: { 'content-length': '2' }, body: '{}' }],
    ['a host that is written in an odd way', '/things/a/state', { headers: { host: 'EXAMPLE.org' } }],
    ['what the route declines', '/things/declined/state', {}],
  ])('leaves to Hono %s', async (_, path, init) => {
    expect((await send(path, init)).headers['x-by']).toBe('hono')
  })

  it('leaves to Hono a header that is there twice and may not be', async () => {
    const socket = connect(server.port, '127.0.0.1')
    const twice = 'Authorization: Bearer a\r\nauthorization: Bearer b\r\n'
    socket.end(`GET /things/a/state HTTP/1.1\r\nHost: localhost\r\n${twice}Connection: close\r\n\r\n`)
    expect(await text(socket)).toContain('x-by: hono')
  })

  it.each([
    ['HEAD', '/things/a/state', 200],
    ['DELETE', '/things/a/state', 404],
    ['GET', '/things//state', 404],
    ['GET', '/things/state', 404],
  ])('is not asked: %s %s', async (method, path, status) => {
    const answer = await send(path, { method })
    expect(answer.status).toBe(status)
    expect(answer.headers['x-by']).not.toBe('hot')
  })

  it.each(['busy', 'broken'])('refuses as Hono does: %s', async (name) => {
    const headers = { traceparent: '00-0123456789abcdef0123456789abcdef-0123456789abcdef-01' }
    warnings.length = 0
    const [byHot, byHono] = [
      await send(`/things/${name}/state`, { headers }),
      await send(`/things/${name}/state?hono`, { headers }),
    ]
    expect(problemBody.parse(JSON.parse(byHot.body)).traceId).toBe('0123456789abcdef0123456789abcdef')
    const comparable = ({ headers: { date: _, ...rest }, ...answer }: typeof byHot) => ({ ...answer, headers: rest })
    expect(comparable(byHot)).toEqual(comparable(byHono))
    const [first, second] = warnings.map((line) => ({ ...line, elapsedMs: 0 }))
    expect(first).toEqual(second)
  })

  it.each([
    ['a listed origin', 'a', 'https://shop.example'],
    ['another origin', 'a', 'https://evil.example'],
    ['a listed origin, refusing', 'busy', 'https://shop.example'],
    ['a listed origin, with a vary of its own', 'varied', 'https://shop.example'],
  ])('tells %s what Hono tells it', async (_, name, origin) => {
    const [byHot, byHono] = [
      await send(`/things/${name}/state`, { headers: { origin } }),
      await send(`/things/${name}/state?hono`, { headers: { origin } }),
    ]
    const comparable = ({ headers: { date: _date, 'x-by': by, ...rest }, status }: typeof byHot) => ({ status, rest })
    if (name === 'a') expect([byHot.headers['x-by'], byHono.headers['x-by']]).toEqual(['hot', 'hono'])
    const own = origin === 'https://shop.example' ? origin : undefined
    expect(byHot.headers['access-control-allow-origin']).toBe(own)
    expect(byHot.headers.vary).toMatch(/Origin/)
    expect(comparable(byHot)).toEqual(comparable(byHono))
  })

  it('is counted like any other', async () => {
    await send('/things/counted/state')
    expect(await metrics.metrics()).toMatch(/_count\{method="GET",route="\/things\/:thing\/state",status="200"\} \d/)
  })

  it('answers pipelined requests in their order, whichever is ready first', async () => {
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

  it('outlives a client that went before its answer was ready', async () => {
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

describe('a hot route that takes JSON', () => {
  const traceparent = '00-0123456789abcdef0123456789abcdef-0123456789abcdef-01'
  const json = { 'content-type': 'application/json', traceparent }
  const post = (path: string, body: string, headers = {}) =>
    send(path, { method: 'POST', headers: { ...json, 'content-length': Buffer.byteLength(body), ...headers }, body })
  const comparable = ({
    status,
    body,
    headers: { date: _, 'x-by': _by, ...headers },
  }: Awaited<ReturnType<typeof send>>) => ({
    status,
    body,
    headers,
  })

  it.each([
    ['a body', '/orders', '{"a":"ä"}'],
    ['what is no JSON', '/orders', '{'],
    ['a byte order mark', '/orders', '\ufeff{}'],
    ['a refusal', '/orders', '{"busy":true}'],
    ['a path with a parameter', '/things/a/parts', '{}'],
  ])('reads and answers as Hono does: %s', async (_, path, body) => {
    const [byHot, byHono] = [await post(path, body), await post(`${path}?hono`, body)]
    if (byHot.status === 201) expect([byHot.headers['x-by'], byHono.headers['x-by']]).toEqual(['hot', 'hono'])
    expect(comparable(byHot)).toEqual(comparable(byHono))
    expect(JSON.parse(byHot.body).traceId).toBe('0123456789abcdef0123456789abcdef')
  })

  it.each([
    ['a query', '/orders?x', {}],
    ['a media type with a parameter', '/orders', { 'content-type': 'application/json; charset=utf-8' }],
    ['a client that waits until it is asked', '/orders', { expect: '100-continue' }],
    ['a host that is written in an odd way', '/orders', { host: 'EXAMPLE.org' }],
  ])('leaves to Hono %s', async (_, path, headers) => {
    expect((await post(path, '{}', headers)).headers['x-by']).toBe('hono')
  })

  it('leaves to Hono a body of unknown length', async () => {
    const headers = { ...json, 'transfer-encoding': 'chunked' }
    expect((await send('/orders', { method: 'POST', headers, body: '{}' })).headers['x-by']).toBe('hono')
  })

  const head = (length: number) =>
    `POST /orders HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n`

  it('puts together what comes in pieces, also in the middle of a character', async () => {
    const socket = connect(server.port, '127.0.0.1').setNoDelay()
    const body = Buffer.from('{"a":"ä"}')
    socket.write(`${head(body.length)}Connection: close\r\n\r\n`)
    socket.write(body.subarray(0, 7))
    await send('/things/between/state')
    socket.write(body.subarray(7))
    expect(await text(socket)).toContain(JSON.stringify({ text: '{"a":"ä"}' }).slice(1, -1))
  })

  it('does nothing for a client that hangs up in the middle of its body', async () => {
    taken.length = 0
    const socket = connect(server.port, '127.0.0.1')
    socket.write(`${head(500)}\r\n{`)
    await send('/things/arrived/state')
    socket.destroy()
    await once(socket, 'close')
    await post('/orders', '{}')
    expect(taken).toEqual(['{}'])
  })
})
