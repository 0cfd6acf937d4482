import { once } from 'node:events'
import { connect } from 'node:net'
import { defineRoute, EVERYBODY, empty } from '@floodgate/contracts'
import { AppError, connectionDefaults } from '@floodgate/runtime'
import { silentLogger } from '@floodgate/testkit/fixtures'
import { Registry } from 'prom-client'
import { afterEach, describe, expect, it } from 'vitest'
import { createFastPath } from '../fast-path/fast-path.ts'
import { handle } from '../routes/handle.ts'
import { createHttpApp } from '../routes/http-app.ts'
import { createListeners, type Listeners } from '../server/listeners.ts'
import { createTestSockets } from '../sockets/testing/test-sockets.ts'

const log = silentLogger
let listeners: Listeners | undefined
afterEach(async () => {
  await listeners?.stop()
  await listeners?.end()
})

const fast = defineRoute({
  method: 'get',
  path: '/fast/{thing}',
  summary: 'A test',
  auth: EVERYBODY,
  responses: { 200: empty('Done') },
})

async function start(publicUrl: string | undefined): Promise<void> {
  const metrics = new Registry()
  const https = publicUrl === undefined ? {} : { publicUrl }
  const common = { log, metrics, allowedOrigins: [], ...https }
  const app = createHttpApp(common)
  app.get('/slow/:thing', (c) => c.text('slow'))
  const tryFastPath = createFastPath(
    [
      handle(fast, ({ parameter }) => {
        if (parameter === 'bad') throw new AppError('not-found')
        return { status: 200, headers: { 'content-type': 'text/plain' }, body: 'fast' }
      }),
    ],
    { ...common, clientAddressOf: () => 'somebody' },
  )
  const sockets = createTestSockets({
    ...https,
    route: {
      matches: (path) => path === '/live',
      authenticate: async () => Promise.reject(new AppError('ticket-missing')),
      holderOf: () => '',
      onOpen: () => () => {},
    },
  })
  const ports = { host: '127.0.0.1', port: 0, opsHost: '127.0.0.1', opsPort: 0, trustedHops: 0, headersMax: 20 }
  const options = {
    api: { title: 'T', description: 'T', routes: {} },
    log,
    metrics,
    app,
    tryFastPath,
    sockets,
    checks: {},
    closeGraceMs: 100,
  }
  listeners = createListeners({ ...connectionDefaults, ...ports, allowedOrigins: [], ...https }, options)
  await listeners.start()
}

/** Returns the status and the header section of the response to these bytes. */
async function send(head: string): Promise<{ status: number; fields: string }> {
  const { port } = new URL(listeners?.url() ?? '')
  const socket = connect(Number(port), '127.0.0.1')
  await once(socket, 'connect')
  socket.write(head)
  let received = ''
  // Some responses leave the connection open for the next request.
  for await (const bytes of socket) {
    received += bytes
    if (received.includes('\r\n\r\n')) break
  }
  const [response = ''] = received.split('\r\n\r\n')
  return { status: Number(response.split(' ')[1]), fields: response.toLowerCase() }
}

const request = (line: string, ...fields: string[]) =>
  [`${line} HTTP/1.1`, 'Host: shop', 'Connection: close', ...fields, '', ''].join('\r\n')
const upgrade = (path: string) =>
  request(
    `GET ${path}`,
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  ).replace('Connection: close', 'Connection: Upgrade')
const manyFields = Array.from({ length: 30 }, (_, index) => `X-${index}: 1`)

const ways = [
  ['the fast path', request('GET /fast/good'), 200],
  ['a problem on the fast path', request('GET /fast/bad'), 404],
  ['Hono', request('GET /slow/good'), 200],
  ['an unknown path', request('GET /nowhere'), 404],
  ['another method', request('DELETE /slow/good'), 405],
  ['an invalid target', request('GET http://['), 400],
  ['bytes that are not HTTP', 'NONSENSE\r\n\r\n', 400],
  ['too many fields', request('GET /fast/good', ...manyFields), 431],
  ['a header section that is too large', request('GET /fast/good', `X: ${'x'.repeat(40_000)}`), 431],
  ['an upgrade without a ticket', upgrade('/live'), 401],
  ['an upgrade of another path', upgrade('/elsewhere'), 404],
] as const

describe('with an https address', () => {
  it.each(ways)('%s has nosniff and HSTS', async (_, head, status) => {
    await start('https://queue.example')
    const response = await send(head)
    expect(response.status).toBe(status)
    expect(response.fields.match(/x-content-type-options: nosniff/g)).toHaveLength(1)
    expect(response.fields.match(/strict-transport-security: max-age=31536000/g)).toHaveLength(1)
  })
})

it('with an http address there is no HSTS', async () => {
  await start('http://queue.example')
  for (const [, head, status] of ways) {
    const response = await send(head)
    expect(response.status).toBe(status)
    expect(response.fields).toContain('x-content-type-options: nosniff')
    expect(response.fields).not.toContain('strict-transport-security')
  }
})
