import { setTimeout as delay } from 'node:timers/promises'
import { paymentSimulatorMain } from '@floodgate/simulators'
import { type AppProcess, eventually, freeze, ownPostgres, startAppProcess } from '@floodgate/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createOrder, type Fixture, startFixture } from './testing/fixture.ts'

const ORDERS = 40

let postgres: Awaited<ReturnType<typeof ownPostgres>>
let provider: AppProcess
let fixture: Fixture
beforeAll(async () => {
  ;[postgres, provider] = await Promise.all([ownPostgres(), startAppProcess(paymentSimulatorMain, { settings: {} })])
  fixture = await startFixture({
    database: { url: postgres.url, drop: () => postgres.remove() },
    simulator: { url: provider.url, stop: async () => void provider.child.kill('SIGKILL') },
  })
})
afterAll(() => fixture.stop())

const startWorker = (environment: Readonly<Record<string, string>> = {}, until?: 'listening') =>
  startAppProcess(new URL('./main.ts', import.meta.url), {
    ...(until !== undefined && { until }),
    settings: { ...fixture.settings, LOG_LEVEL: 'info', ...environment },
  })

it.each([
  ['postgres', ['postgres'], {}],
  ['redis', ['redis'], {}],
  ['the provider', ['provider'], {}],
  ['all', ['postgres', 'redis', 'provider'], { SHUTDOWN_SECONDS: '4' }],
] as const)(
  'a worker ends in order while servers are unresponsive, and the next one continues: %s',
  async (_, mute, environment) => {
    const pids = { postgres: postgres.pid, redis: fixture.redis.pid, provider: provider.child.pid ?? 0 }
    const worker = await startWorker({ ...environment, GATEWAY_TIMEOUT_MS: '8000' })
    const orders = Array.from({ length: ORDERS }, () => createOrder())
    // The provider is so slow that charges are in progress when everything stops responding.
    await fixture.control({ mode: 'ok', delayMs: 300 })
    await fixture.publish(...orders.map((order) => order.placed()))
    await eventually(async () => expect(await fixture.chargeStatus(orders[0]?.id ?? '')).toBe('started'))
    const thaws = await Promise.all(mute.map((name) => freeze(pids[name])))
    try {
      await delay(1_000)
      worker.child.kill('SIGTERM')
      // The process itself exits with 1 after SHUTDOWN_SECONDS.
      expect([await worker.exited, worker.said().includes('not stopped')]).toEqual([[0, null], false])
    } finally {
      for (const thaw of thaws) thaw()
      worker.child.kill('SIGKILL')
    }
    await fixture.control({ mode: 'ok' })
    const next = await startWorker()
    try {
      const ids = new Set(orders.map(({ id }) => id))
      await eventually(async () => {
        for (const id of ids) expect(await fixture.chargeStatus(id)).toBe('approved')
      })
      const charged = (await fixture.charges()).filter(({ orderId }) => ids.has(orderId))
      expect(charged.filter(({ status }) => status === 'approved')).toHaveLength(ORDERS)
      const told = (await fixture.paymentEvents()).filter(({ key }) => ids.has(key))
      expect(told.map(({ type }) => type)).toEqual(Array.from(ids, () => 'payment.succeeded.v1'))
    } finally {
      next.child.kill('SIGTERM')
      expect(await next.exited).toEqual([0, null])
    }
  },
)

it('a worker that starts while servers are unresponsive ends in order', async () => {
  const thaws = await Promise.all([freeze(postgres.pid), freeze(fixture.redis.pid), freeze(provider.child.pid ?? 0)])
  try {
    const worker = await startWorker({ SHUTDOWN_SECONDS: '4' }, 'listening')
    await delay(200)
    worker.child.kill('SIGTERM')
    expect([await worker.exited, worker.said().includes('not stopped')]).toEqual([[0, null], false])
  } finally {
    for (const thaw of thaws) thaw()
  }
})
