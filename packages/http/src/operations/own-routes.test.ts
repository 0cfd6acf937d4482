import { about, ownRoutes } from '@floodgate/contracts'
import { createMetrics } from '@floodgate/runtime'
import { ADMIN_TOKEN, expectProblem, silentLogger } from '@floodgate/testkit/fixtures'
import { Gauge } from 'prom-client'
import { expect, it } from 'vitest'
import { createHttpApp } from '../routes/http-app.ts'
import { mountRoutes } from '../routes/mount-routes.ts'
import { createOwnRoutes } from './own-routes.ts'

const ready = { ready: true, degraded: [], checks: {} }

function createApp() {
  const state = { isAway: false, rounds: 0 }
  const metrics = createMetrics('test')
  const operators = { routes: ownRoutes, adminToken: ADMIN_TOKEN }
  const app = createHttpApp({ log: silentLogger, metrics, allowedOrigins: [], operators })
  const retention = {
    async round() {
      state.rounds += 1
      return { 'orders.orders': 3 }
    },
    async oldest() {
      if (state.isAway) throw new Error('away')
      return [
        { table: 'orders.orders', oldest: new Date(0) },
        { table: 'orders.empty', oldest: undefined },
      ]
    },
  }
  const routes = createOwnRoutes({
    ...{ app: 'order-core', settings: { BUS: 'kafka' }, metrics, retention },
    readiness: async () => ready,
    isUnavailable: () => state.isAway,
  })
  mountRoutes(app, routes, { clientAddressOf: () => 'test', declared: ownRoutes })
  function ask(method: string, path: string) {
    return app.request(path, { method, headers: { authorization: `Bearer ${ADMIN_TOKEN}` } })
  }
  return { state, metrics, ask }
}

it('a process tells what it is, and what waits in its outbox', async () => {
  const { ask, metrics } = createApp()
  const first = about.parse(await (await ask('GET', '/admin/about')).json())
  expect(first).toMatchObject({
    app: 'order-core',
    node: process.version,
    settings: { BUS: 'kafka' },
    readiness: ready,
  })
  expect(first.figures).toEqual({})
  expect(Date.parse(first.now)).toBeGreaterThan(Date.parse(first.startedAt))
  new Gauge({ name: 'floodgate_outbox_unsent', help: 'A test', registers: [metrics] }).set(7)
  expect(await (await ask('GET', '/admin/about')).json()).toMatchObject({ figures: { outboxUnsent: 7 } })
})

it('old rows are listed, and deleted on request', async () => {
  const { ask, state } = createApp()
  expect(await (await ask('GET', '/admin/retention')).json()).toEqual({
    app: 'order-core',
    tables: [
      { table: 'orders.orders', oldest: '1970-01-01T00:00:00.000Z' },
      { table: 'orders.empty', oldest: null },
    ],
  })
  expect(state.rounds).toBe(0)
  expect(await (await ask('POST', '/admin/retention')).json()).toEqual({
    app: 'order-core',
    deleted: { 'orders.orders': 3 },
  })
  state.isAway = true
  await expectProblem(await ask('GET', '/admin/retention'), 'unavailable', 503)
})
