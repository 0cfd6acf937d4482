import { defineRoute, EVERYBODY, readiness } from '@floodgate/contracts'
import { silentLogger } from '@floodgate/testkit/fixtures'
import { Registry } from 'prom-client'
import { describe, expect, it, vi } from 'vitest'
import { createHttpApp } from '../routes/http-app.ts'
import type { HealthOptions } from './health-routes.ts'
import { createOperationsApp } from './operations.ts'

const log = silentLogger
const metrics = new Registry()
const app = createHttpApp({ log, metrics, allowedOrigins: [] })
const echo = defineRoute({
  method: 'get',
  path: '/echo',
  summary: 'Echoes',
  auth: EVERYBODY,
  responses: { 200: { description: 'An echo' } },
})
app.get('/echo', (c) => c.text('echo'))

const operations = (health: Omit<HealthOptions, 'metrics'>, metrics = new Registry()) =>
  createOperationsApp({
    api: { title: 'Example', description: 'An example', routes: { echo } },
    log,
    metrics,
    serverUrl: () => 'http://buyers.example',
    ...health,
  })
const calm = operations({ checks: {} }, metrics)
const delay = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const ok = () => ({ ready: true })
const down = () => ({ ready: false, detail: 'connection refused' })

describe('the readiness', () => {
  const read = async (health: Omit<HealthOptions, 'metrics'>) => {
    const response = await operations(health).request('/readyz')
    return { status: response.status, body: readiness.parse(await response.json()) }
  }

  it.each([
    [ok, 204],
    [down, 503],
  ])('responds to the OPTIONS of a load balancer by the same rule', async (redis, status) => {
    const response = await operations({ checks: { redis } }).request('/readyz', { method: 'OPTIONS' })
    expect(response.status).toBe(status)
  })
  it('is 503 and names a failed check without which the process cannot serve', async () => {
    expect(await read({ checks: { redis: down }, reports: { postgres: ok } })).toEqual({
      status: 503,
      body: {
        ready: false,
        degraded: [],
        checks: { redis: { ready: false, detail: 'connection refused' }, postgres: { ready: true } },
      },
    })
  })
  it('is 200 and degraded while an optional part is missing', async () => {
    expect(await read({ checks: { redis: ok }, reports: { postgres: down, bus: ok } })).toEqual({
      status: 200,
      body: {
        ready: true,
        degraded: ['postgres'],
        checks: {
          redis: { ready: true },
          postgres: { ready: false, detail: 'connection refused' },
          bus: { ready: true },
        },
      },
    })
  })
  it('is 200 within a second while an optional part does not respond', async () => {
    vi.useFakeTimers()
    try {
      const mute = () => new Promise<never>(() => undefined)
      const reading = Promise.race([read({ checks: { redis: ok }, reports: { postgres: mute } }), delay(900)])
      await vi.advanceTimersByTimeAsync(900)
      expect(await reading).toMatchObject({ status: 200, body: { ready: true, degraded: ['postgres'] } })
    } finally {
      vi.useRealTimers()
    }
  })
  it('matches the contract, whatever else a part reports about itself', async () => {
    const relay = () => ({ ready: true, backlog: 7 })
    expect((await read({ checks: {}, reports: { relay } })).body.checks).toEqual({ relay: { ready: true } })
  })
  it('is 503 as soon as the process stops', async () => {
    const { status, body } = await read({ checks: { redis: ok }, isStopping: () => true })
    expect(status).toBe(503)
    expect(body.checks).toEqual({ process: { ready: false, detail: 'stopping' } })
  })
})

describe('the metrics of the checks', () => {
  const mute = () => new Promise<never>(() => undefined)
  const read = async (health: Omit<HealthOptions, 'metrics'>) => {
    const text = await (await operations(health).request('/metrics')).text()
    return text.split('\n').filter((line) => line.startsWith('floodgate_check_failing'))
  }

  it('have a series for each check: 1 while it fails', async () => {
    expect(await read({ checks: { redis: down }, reports: { postgres: ok } })).toEqual([
      'floodgate_check_failing{check="redis"} 1',
      'floodgate_check_failing{check="postgres"} 0',
    ])
  })
  it('respond in time while a part does not: workers have 0.8 s for a scrape', async () => {
    vi.useFakeTimers()
    try {
      const reading = Promise.race([read({ checks: { redis: mute } }), delay(700)])
      await vi.advanceTimersByTimeAsync(700)
      expect(await reading).toEqual(['floodgate_check_failing{check="redis"} 1'])
    } finally {
      vi.useRealTimers()
    }
  })
  it('do not run the checks of a process that stops', async () => {
    expect(await read({ checks: { redis: down }, isStopping: () => true })).toEqual([])
  })
})

describe('the operations port', () => {
  it('lives', async () => {
    expect(await (await calm.request('/livez')).json()).toEqual({ live: true })
  })
  it('loads the API reference from its own host only', async () => {
    const page = await (await calm.request('/docs')).text()
    const loaded = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address ?? '')
    expect(loaded).toHaveLength(3)
    for (const address of loaded) expect((await calm.request(address)).status).toBe(200)
  })
  it('describes the routes of the app, with the URL that buyers use', async () => {
    const document = (await (await calm.request('/openapi.json')).json()) as { paths: object; servers: object[] }
    expect(Object.keys(document.paths)).toEqual(['/echo'])
    expect(document.servers).toEqual([{ url: 'http://buyers.example' }])
  })
  it('has the metrics of the app, by route pattern', async () => {
    await app.request('/echo')
    expect(await (await calm.request('/metrics')).text()).toContain('route="/echo"')
  })
})
