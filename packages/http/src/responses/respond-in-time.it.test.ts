import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { defineRoute, EVERYBODY, empty } from '@floodgate/contracts'
import { connectionDefaults } from '@floodgate/runtime'
import { eventually } from '@floodgate/testkit'
import { silentLogger } from '@floodgate/testkit/fixtures'
import { Registry } from 'prom-client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createFastPath } from '../fast-path/fast-path.ts'
import { createClientAddressOf } from '../requests/client-address.ts'
import { handle } from '../routes/handle.ts'
import { createHttpApp } from '../routes/http-app.ts'
import { mountRoutes } from '../routes/mount-routes.ts'
import { type Listening, listen } from '../server/listen.ts'

const RESPONSE_MS_MAX = 150
const OPERATOR_MS_MAX = 300

const LONG_WORK = [
  ['GET', '/admin/money-check'],
  ['GET', '/admin/sales/one/stock/ledger'],
  ['POST', '/admin/erasures'],
  ['POST', '/admin/dead-letters/a.group/replay'],
  ['POST', '/admin/mails/retry'],
  ['DELETE', '/admin/parked/ID'],
  ['PUT', '/admin/sales/one/catalogue'],
] as const
const OPERATORS_READS = [
  '/admin/mute',
  '/admin/dead-letters/a.group',
  '/admin/sales/one/catalogue',
  '/admin/sales/one/stock',
]

const log = silentLogger
let metrics: Registry
let listening: Listening
/** Releases the work that requests wait for. */
let goOn: () => void
let started: number
let finished: number
beforeEach(async () => {
  metrics = new Registry()
  started = 0
  finished = 0
  const server = Promise.withResolvers<void>()
  goOn = server.resolve
  async function work() {
    started += 1
    await server.promise
    finished += 1
    return { status: 200, headers: {}, body: 'done' }
  }
  const declare = (path: string) =>
    defineRoute({ method: 'get', path, summary: 'A test', auth: EVERYBODY, responses: { 200: empty('Done') } })
  const routes = [
    handle(declare('/mute/{id}'), work),
    handle(declare('/quick'), async () => ({ status: 200, headers: {}, body: 'quick' })),
  ]
  const options = { log, metrics, allowedOrigins: [], answerMsMax: RESPONSE_MS_MAX, operatorMsMax: OPERATOR_MS_MAX }
  const clientAddressOf = createClientAddressOf({ trustedHops: 0 })
  const app = createHttpApp(options)
  mountRoutes(app, routes, { clientAddressOf })
  for (const path of OPERATORS_READS) app.get(path, async (c) => c.text((await work()).body))
  for (const [method, path] of LONG_WORK) app.on(method, path, async (c) => c.text((await work()).body))
  app.get('/fails-late', async () => {
    await server.promise
    throw new Error('late')
  })
  app.post('/echo', async (c) => c.text(await c.req.text()))
  const tryFastPath = createFastPath(routes, { ...options, clientAddressOf })
  const connections = { ...connectionDefaults, responseSeconds: 1 }
  listening = await listen({ fetch: app.fetch, tryFastPath, host: '127.0.0.1', port: 0, connections })
})
afterEach(async () => {
  goOn()
  await listening.close(0)
})

const limited = async () => (await metrics.metrics()).match(/floodgate_limited_total\{limit="answer-time"\} (\d+)/)?.[1]

describe('a request whose work does not end in time', () => {
  // The fast path leaves a request with a query to Hono.
  it.each(['/mute/1', '/mute/1?hono', '/fails-late'])(
    'gets 503 and is counted, and the work continues: %s',
    async (path) => {
      const response = await fetch(listening.url + path)
      expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1'])
      expect(await response.json()).toMatchObject({ code: 'unavailable', limit: 'answer-time' })
      expect(await limited()).toBe('1')
      goOn()
      // The same connection serves the next request, and gets no late response.
      expect(await (await fetch(listening.url + path.replace('fails-late', 'quick'))).text()).toMatch(/done|quick/)
      expect(finished).toBe(path === '/fails-late' ? 0 : 2)
    },
  )

  it.each<Record<string, string>>([{ 'sec-fetch-mode': 'navigate' }, { accept: 'text/html,*/*;q=0.8' }])(
    'gets a page that reloads itself if a person opened the URL: %o',
    async (headers) => {
      // Node's own fetch always sends its own `Sec-Fetch-Mode`.
      const opened = get(`${listening.url}/mute/1?hono`, { headers })
      const [response] = (await once(opened, 'response')) as [IncomingMessage]
      expect([response.statusCode, response.headers['retry-after']]).toEqual([503, '1'])
      expect(response.headers['content-type']).toContain('text/html')
      expect(await text(response)).toContain('<meta http-equiv="refresh" content="1">')
    },
  )

  it('is not affected when it ends in time, or is long work of an operator', async () => {
    const slow = LONG_WORK.map(([method, path]) => fetch(listening.url + path, { method }))
    expect((await fetch(`${listening.url}/quick`)).status).toBe(200)
    for (const path of OPERATORS_READS) expect((await fetch(listening.url + path)).status).toBe(503)
    goOn()
    for (const each of slow) expect((await each).status).toBe(200)
  })

  it('keeps its connection when it is long work of an operator, silent for longer than other responses may be', async () => {
    const slow = fetch(`${listening.url}/admin/money-check`)
    await eventually(() => expect(started).toBe(1))
    // A connection without a request is closed after the same time.
    await once(connect(listening.port, '127.0.0.1'), 'close')
    goOn()
    expect(await (await slow).text()).toBe('done')
  })

  it('has a longer limit when it is an operator’s', async () => {
    const operators = fetch(`${listening.url}/admin/mute`)
    expect((await fetch(`${listening.url}/mute/1`)).status).toBe(503)
    goOn()
    expect((await operators).status).toBe(200)
  })

  it('does not include the time that a client takes to send', async () => {
    const body = new ReadableStream<Uint8Array>({
      async start(controller) {
        controller.enqueue(Buffer.from('slow '))
        await fetch(`${listening.url}/mute/1`)
        await fetch(`${listening.url}/mute/2`)
        controller.enqueue(Buffer.from('body'))
        controller.close()
      },
    })
    const response = await fetch(`${listening.url}/echo`, { method: 'POST', body, duplex: 'half' } as RequestInit)
    expect([response.status, await response.text()]).toEqual([200, 'slow body'])
  })
})
