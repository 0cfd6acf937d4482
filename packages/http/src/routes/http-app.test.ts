import { OPERATOR_ONLY, problemBody } from '@floodgate/contracts'
import { AppError } from '@floodgate/runtime'
import { silentLogger } from '@floodgate/testkit/fixtures'
import { Registry } from 'prom-client'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { BODY_BYTES_MAX, readJsonBody } from '../requests/json-body.ts'
import { createHttpApp } from './http-app.ts'

const token = 'an-operator-token-for-tests'
const metrics = new Registry()
const operator = { method: 'get', path: '/operator', summary: 'A test', auth: OPERATOR_ONLY, role: 'viewer' } as const
const operators = { routes: { operator: { ...operator, responses: {} } }, adminToken: token }
const app = createHttpApp({ log: silentLogger, metrics, allowedOrigins: ['https://shop.example'], operators })
app.post('/echo', async (c) => c.json(await readJsonBody(c, z.strictObject({ name: z.string() }))))
app.post('/empty', async (c) => c.json(await readJsonBody(c, z.strictObject({}), { optional: true })))
app.get('/operator', (c) => c.text('in'))
app.get('/busy', () => {
  throw new AppError('busy', { retryAfterSeconds: 2, members: { hint: 'later' } })
})
app.get('/nothing', (c) => c.notFound())
app.get('/kept', (c) => c.text('for a minute', 200, { 'cache-control': 'public, max-age=60' }))
app.get('/kept-by-language', (c) => c.text('so', 200, { 'cache-control': 'public', vary: 'Accept-Language, Origin' }))
app.get('/broken', () => {
  throw new Error('a secret')
})

const post = (path: string, body?: string, type = 'application/json') =>
  app.request(path, { method: 'POST', ...(body === undefined ? {} : { body, headers: { 'content-type': type } }) })
const problem = async (response: Response) => {
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  return problemBody.parse(await response.json())
}

describe('a request body', () => {
  it('is read and validated', async () => {
    expect(await (await post('/echo', '{"name":"x"}')).json()).toEqual({ name: 'x' })
  })
  it.each([
    ['not JSON', '{', 400, 'invalid-request'],
    ['an unknown field', '{"name":"x","y":1}', 400, 'invalid-request'],
    ['the wrong type', '{"name":1}', 400, 'invalid-request'],
    ['too large', JSON.stringify({ name: 'x'.repeat(BODY_BYTES_MAX) }), 413, 'too-large'],
  ])('with %s is rejected', async (_, body, status, code) => {
    const response = await post('/echo', body)
    expect(response.status).toBe(status)
    expect((await problem(response)).code).toBe(code)
  })
  it('with a byte order mark is read however it arrives', async () => {
    const bytes = new TextEncoder().encode('\ufeff{"name":"x"}')
    for (const body of [bytes, new Blob([bytes]).stream()]) {
      const headers = {
        'content-type': 'Application/JSON; charset="utf-8"',
        ...(body === bytes ? { 'content-length': String(bytes.length) } : {}),
      }
      const response = await app.request('/echo', { method: 'POST', body, headers, duplex: 'half' } as RequestInit)
      expect(await response.json()).toEqual({ name: 'x' })
    }
  })
  it('that streams past the bound is rejected', async () => {
    const stream = new ReadableStream({
      start(controller) {
        for (let i = 0; i < 20; i++) controller.enqueue(new Uint8Array(1_024))
        controller.close()
      },
    })
    const response = await app.request('/echo', { method: 'POST', body: stream, duplex: 'half' } as RequestInit)
    expect(response.status).toBe(413)
  })
  it('of another media type is rejected', async () => {
    expect((await problem(await post('/echo', 'name=x', 'text/plain'))).code).toBe('wrong-media-type')
  })
  it('may be missing where every field is optional', async () => {
    expect((await post('/empty')).status).toBe(200)
    expect((await post('/empty', '{}')).status).toBe(200)
    expect((await post('/empty', '{"x":1}')).status).toBe(400)
  })
  it('names each fault by its JSON Pointer', async () => {
    const { errors } = await problem(await post('/echo', '{"name":1}'))
    expect(errors?.map(({ pointer }) => pointer)).toEqual(['/name'])
  })
})

describe('a rejection', () => {
  it('carries its members and Retry-After', async () => {
    const response = await app.request('/busy')
    expect(response.headers.get('retry-after')).toBe('2')
    expect(await problem(response)).toMatchObject({ code: 'busy', status: 503, retryable: true, hint: 'later' })
  })
  it('reveals nothing about an unexpected error', async () => {
    const response = await app.request('/broken')
    expect(response.status).toBe(500)
    expect(JSON.stringify(await problem(response))).not.toContain('secret')
  })
  it('carries the trace of the request that caused it', async () => {
    const traceparent = '00-0123456789abcdef0123456789abcdef-0123456789abcdef-01'
    const response = await app.request('/nowhere', { headers: { traceparent } })
    expect((await problem(response)).traceId).toBe('0123456789abcdef0123456789abcdef')
  })
})

describe('an operator route', () => {
  it.each([undefined, 'Bearer wrong', `Basic ${token}`, 'Bearer '])('rejects %s', async (authorization) => {
    const response = await app.request('/operator', { headers: authorization ? { authorization } : {} })
    expect((await problem(response)).code).toBe('unauthorized')
  })
  it('accepts the operator', async () => {
    expect((await app.request('/operator', { headers: { authorization: `Bearer ${token}` } })).status).toBe(200)
  })
})

describe('a path that supports other methods', () => {
  it('gets 405 with their names', async () => {
    const put = await app.request('/echo', { method: 'PUT' })
    expect([put.status, put.headers.get('allow')]).toEqual([405, 'POST, OPTIONS'])
    expect((await problem(put)).code).toBe('method-not-allowed')
    const remove = await app.request('/livez', { method: 'DELETE' })
    expect([remove.status, remove.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS'])
  })
  it('is different from a path that does not exist', async () => {
    for (const method of ['GET', 'PUT', 'BREW']) expect((await app.request('/nowhere', { method })).status).toBe(404)
  })
  it('serves HEAD where it serves GET', async () => {
    expect((await app.request('/livez', { method: 'HEAD' })).status).toBe(200)
  })
  it('gets 404 when its own handler finds nothing', async () => {
    expect((await app.request('/nothing')).status).toBe(404)
  })
})

describe('OPTIONS', () => {
  it.each([
    ['/echo', 204, 'POST, OPTIONS'],
    ['/livez', 204, 'GET, HEAD, OPTIONS'],
    ['/', 204, 'OPTIONS'],
    ['/nowhere', 404, null],
  ])('of %s gets %i', async (path, status, allow) => {
    const response = await app.request(path, { method: 'OPTIONS' })
    expect([response.status, response.headers.get('allow')]).toEqual([status, allow])
  })
})

describe('every response', () => {
  it('carries nosniff', async () => {
    for (const path of ['/livez', '/busy', '/broken', '/nowhere'])
      expect((await app.request(path)).headers.get('x-content-type-options'), path).toBe('nosniff')
  })
  it.each([
    ['https://queue.example', 'max-age=31536000'],
    ['http://127.0.0.1:7100', null],
  ])('keeps browsers on https where buyers use it: %s', async (publicUrl, header) => {
    const served = createHttpApp({ log: silentLogger, metrics: new Registry(), allowedOrigins: [], publicUrl })
    expect((await served.request('/livez')).headers.get('strict-transport-security')).toBe(header)
  })
})

describe('every service', () => {
  it('reports that it is alive, and nothing else about itself', async () => {
    expect(await (await app.request('/livez')).json()).toEqual({ live: true })
    for (const path of ['/readyz', '/metrics', '/openapi.json', '/docs', '/docs/start.js'])
      expect((await app.request(path)).status, path).toBe(404)
  })
  it('marks cacheable responses as varying by origin, also for a request without one', async () => {
    expect((await app.request('/kept')).headers.get('vary')).toBe('Origin')
    expect((await app.request('/kept-by-language')).headers.get('vary')).toBe('Accept-Language, Origin')
    const asked = await app.request('/kept', { headers: { origin: 'https://shop.example' } })
    expect(asked.headers.get('vary')).toMatch(/^origin$/i)
    expect((await app.request('/livez')).headers.get('vary')).toBeNull()
  })
  it('responds to preflights of the allowed origin only', async () => {
    const preflight = async (origin: string) => {
      const headers = { origin, 'access-control-request-method': 'POST' }
      const response = await app.request('/echo', { method: 'OPTIONS', headers })
      return response.headers.get('access-control-allow-origin')
    }
    expect(await preflight('https://shop.example')).toBe('https://shop.example')
    expect(await preflight('https://evil.example')).toBeNull()
  })
})
