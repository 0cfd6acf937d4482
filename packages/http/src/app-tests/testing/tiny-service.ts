// A service that counts visits, for tests of the primary; TROUBLE selects a way to fail.
import { setTimeout as delay } from 'node:timers/promises'
import {
  ConfigurationError,
  commonSettings,
  connectionSettings,
  defineConfig,
  opsSettings,
  runService,
  setting,
  socketSettings,
  workersSetting,
} from '@floodgate/runtime'
import { Counter } from 'prom-client'
import { createLimitedCounter } from '../../limits/limits.ts'
import { createClientAddressOf } from '../../requests/client-address.ts'
import { createHttpApp } from '../../routes/http-app.ts'
import { createListeners } from '../../server/listeners.ts'
import { createSocketServer } from '../../sockets/socket-server.ts'

const definition = defineConfig({
  app: 'tiny',
  summary: 'a service to try things with',
  settings: {
    port: setting.integer({ description: 'Port', unit: 'port', min: 0, max: 65_535, default: 0 }),
    ...opsSettings(0),
    ...workersSetting,
    ...commonSettings,
    ...connectionSettings,
    ...socketSettings,
    trouble: setting.choice({
      description: 'What goes wrong',
      values: ['nothing', 'configuration', 'start', 'endless-start', 'slow-create', 'stop'],
      default: 'nothing',
    }),
  },
})

await runService({
  definition,
  createApp: async (config, { log, metrics }) => {
    const { trouble } = config
    if (trouble === 'slow-create') {
      log.info({}, 'creating')
      await delay(300)
    }
    if (trouble === 'configuration') throw new ConfigurationError('unusable keys')
    const visits = new Counter({ name: 'visits_total', help: 'Visits', registers: [metrics] })
    const app = createHttpApp({ log, metrics, allowedOrigins: [] })
    app.post('/visits', (c) => {
      visits.inc()
      return c.json({ pid: process.pid })
    })
    const sockets = createSocketServer({
      route: {
        matches: (path) => path === '/live',
        authenticate: async () => undefined,
        holderOf: () => 'everybody',
        onOpen: () => () => {},
      },
      allowedOrigins: [],
      limits: config,
      clientAddressOf: createClientAddressOf(config),
      countLimited: createLimitedCounter(metrics),
      log,
    })
    const listeners = createListeners(config, {
      api: { title: 'Tiny', description: 'Tiny', routes: {} },
      log,
      metrics,
      app,
      sockets,
      closeGraceMs: 1_000,
      checks: { disk: () => ({ ready: true }) },
    })
    // Behaves like a subscription whose bus is unavailable: it waits, and rejects when the bus closes.
    const closed = Promise.withResolvers<never>()
    closed.promise.catch(() => undefined)
    return {
      start: async () => {
        if (trouble === 'start') throw new Error('cannot start')
        await listeners.start()
        if (trouble === 'endless-start') await closed.promise
      },
      stop: async () => {
        if (trouble === 'stop') await new Promise<never>(() => {})
        await listeners.stop()
        closed.reject(new Error('closed'))
        await listeners.end()
      },
    }
  },
})
