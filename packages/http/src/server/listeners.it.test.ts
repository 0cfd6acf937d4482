import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { problemBody } from '@floodgate/contracts'
import { connectionDefaults } from '@floodgate/runtime'
import { eventually } from '@floodgate/testkit'
import { silentLogger } from '@floodgate/testkit/fixtures'
import { Registry } from 'prom-client'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import type { HealthChecks } from '../operations/health-routes.ts'
import { createHttpApp } from '../routes/http-app.ts'
import { createTestSockets } from '../sockets/testing/test-sockets.ts'
import { createListeners, type Listeners, type ListenersConfig } from './listeners.ts'

const log = silentLogger
let listeners: Listeners | undefined
/** Longer than a stop takes to begin, shorter than its grace. */
const SLOW_MS = 50
let slowRequests = 0
afterEach(async () => {
  await listeners?.stop()
  await listeners?.end()
})

const config: ListenersConfig = {
  ...connectionDefaults,
  host: '127.0.0.1',
  port: 0,
  opsHost: '127.0.0.1',
  opsPort: 0,
  trustedHops: 0,
  allowedOrigins: ['https://shop.example'],
}

function create(changes: Partial<ListenersConfig> = {}, blockMs = 0, checks: HealthChecks = {}) {
  const metrics = new Registry()
  const app = createHttpApp({ log, metrics, allowedOrigins: [] })
  app.get('/work', (c) => {
    const endMs = performance.now() + blockMs
    while (performance.now() < endMs);
    return c.text('done')
  })
  app.get('/slow', async (c) => {
    slowRequests += 1
    await delay(SLOW_MS)
    return c.text('done')
  })
  const sockets = createTestSockets({
    route: {
      matches: (path) => path !== '/work',
      authenticate: async () => undefined,
      holderOf: () => '',
      onOpen: () => () => {},
    },
  })
  const api = { title: 'T', description: 'T', routes: {} }
  const options = { api, log, metrics, app, sockets, checks, closeGraceMs: 100 }
  return createListeners({ ...config, ...changes }, options)
}

describe('the settings of a listener', () => {
  it('are rejected when they can never work', () => {
    expect(() => create({ headersSeconds: 11, requestSeconds: 10 })).toThrow(/HEADERS_SECONDS/)
    expect(() => create({ port: 7_100, opsPort: 7_100 })).toThrow(/OPS_PORT/)
    expect(() => create({ headersSeconds: 10, requestSeconds: 10 })).not.toThrow()
  })
})

describe('an upgrade to WebSocket outside the socket routes', () => {
  const offer = { connection: 'upgrade', upgrade: 'websocket' }
  async function statusOf(url: string, method: string): Promise<number | undefined> {
    const request = httpRequest(url, { method, headers: offer })
    request.end()
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    response.resume()
    return response.statusCode
  }

  it('is an ordinary request, on a path without sockets and by another method than GET', async () => {
    listeners = create()
    await listeners.start()
    expect(await statusOf(`${listeners.url()}/work`, 'GET')).toBe(200)
    expect(await statusOf(`${listeners.url()}/work`, 'HEAD')).toBe(200)
    expect(await statusOf(`${listeners.url()}/work`, 'POST')).toBe(405)
    expect(await statusOf(`${listeners.url()}/slow`, 'POST')).toBe(405)
  })

  it('is an ordinary request to a process and a port without sockets', async () => {
    listeners = create()
    await listeners.start()
    expect(await statusOf(`${listeners.opsUrl()}/livez`, 'GET')).toBe(200)
    expect(await statusOf(`${listeners.opsUrl()}/livez`, 'POST')).toBe(405)
  })
})

describe('the two ports', () => {
  it('serve the routes of their clients', async () => {
    listeners = create()
    await listeners.start()
    for (const path of ['/readyz', '/metrics', '/openapi.json', '/docs']) {
      expect((await fetch(`${listeners.url()}${path}`)).status, path).toBe(404)
      expect((await fetch(`${listeners.opsUrl()}${path}`)).status, path).toBe(200)
    }
    for (const url of [listeners.url(), listeners.opsUrl()]) expect((await fetch(`${url}/livez`)).status).toBe(200)
    expect((await fetch(`${listeners.opsUrl()}/work`)).status).toBe(404)
  })

  it("are both open, the clients' port only after the first checks are ready", async () => {
    let isReady = false
    listeners = create({}, 0, { redis: () => ({ ready: isReady }) })
    const starting = listeners.start()
    const opsUrl = await eventually(() => {
      const url = listeners?.opsUrl() ?? ''
      expect(url).not.toBe('')
      return url
    })
    expect((await fetch(`${opsUrl}/readyz`)).status).toBe(503)
    expect(listeners.url()).toBe('')
    isReady = true
    await starting
    expect((await fetch(`${listeners.url()}/livez`)).status).toBe(200)
  })

  it('open even while a required server does not respond', async () => {
    listeners = create({}, 0, { redis: () => new Promise(() => undefined) })
    await listeners.start()
    expect((await fetch(`${listeners.url()}/livez`)).status).toBe(200)
  })

  it('keep no connection that is about to close', async () => {
    const stopping = create({}, 0, {})
    await stopping.start()
    const working = fetch(`${stopping.url()}/slow`)
    await eventually(() => expect(slowRequests).toBe(1))
    const stopped = stopping.stop()
    expect((await working).headers.get('connection')).toBe('close')
    await stopped
    await stopping.end()
  })

  it('close one after the other: readiness reports the stop until the end', async () => {
    const stopping = create()
    await stopping.start()
    const [url, opsUrl] = [stopping.url(), stopping.opsUrl()]
    await stopping.stop()
    await expect(fetch(`${url}/livez`)).rejects.toThrow()
    expect((await fetch(`${opsUrl}/readyz`)).status).toBe(503)
    await stopping.end()
    await expect(fetch(`${opsUrl}/livez`)).rejects.toThrow()
  })
})

describe('a process that has more work than it can do in time', () => {
  const LAG_MS_MAX = 50

  it('sends 503 instead of working, except for its health, and recovers afterwards', async () => {
    listeners = create({ eventLoopLagMsMax: LAG_MS_MAX }, 2 * LAG_MS_MAX)
    await listeners.start()
    const { url, opsUrl } = listeners
    const statuses: number[] = []
    let isOver = false
    const crowd = Array.from({ length: 8 }, async () => {
      while (!isOver) statuses.push((await fetch(`${url()}/work`)).status)
    })
    const rejected = await eventually(async () => {
      const response = await fetch(`${url()}/work`, { headers: { origin: 'https://shop.example' } })
      expect(response.status).toBe(503)
      return response
    })
    expect(problemBody.parse(await rejected.json())).toMatchObject({ code: 'busy', limit: 'event-loop-lag' })
    expect(rejected.headers.get('retry-after')).toBe('2')
    expect(rejected.headers.get('access-control-allow-origin')).toBe('https://shop.example')
    const upgrade = await eventually(async () => {
      const status = await statusOfUpgrade(url())
      expect(status).toBe(503)
      return status
    })
    expect(upgrade).toBe(503)
    for (const health of [`${url()}/livez`, `${opsUrl()}/livez`, `${opsUrl()}/metrics`])
      expect((await fetch(health)).status).toBe(200)
    expect(await (await fetch(`${opsUrl()}/metrics`)).text()).toMatch(/floodgate_limited_total\{limit="event-loop-lag"/)
    isOver = true
    await Promise.all(crowd)
    expect(new Set(statuses)).toEqual(new Set([200, 503]))
    await eventually(async () => expect((await fetch(`${url()}/work`)).status).toBe(200))
  })

  it('does not include a process that is busy below the bound', async () => {
    listeners = create({ eventLoopLagMsMax: 60_000 }, LAG_MS_MAX)
    await listeners.start()
    const { url } = listeners
    const responses = await Promise.all(Array.from({ length: 20 }, () => fetch(`${url()}/work`)))
    expect(responses.every(({ status }) => status === 200)).toBe(true)
  })
})

/** Resolves to the status of the upgrade, 101 for a socket that opens. */
function statusOfUpgrade(url: string): Promise<number> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/live`, ['floodgate.v1'])
  return new Promise((resolve) => {
    socket.on('error', () => undefined)
    socket.once('unexpected-response', (_, response) => {
      resolve(response.statusCode ?? 0)
      socket.terminate()
    })
    socket.once('open', () => {
      resolve(101)
      socket.terminate()
    })
  })
}
