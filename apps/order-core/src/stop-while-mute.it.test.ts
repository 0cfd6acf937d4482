import { setTimeout as delay } from 'node:timers/promises'
import { problemBody, stockAudit } from '@floodgate/contracts'
import { migrate } from '@floodgate/database'
import { eventually, freeze, ownPostgres, ownRedis, startAppProcess } from '@floodgate/testkit'
import { ADMIN_TOKEN } from '@floodgate/testkit/fixtures'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { call, coreSecrets, createIssuer } from './testing/running-core.ts'

const BUYERS = 12
/** A statement is given up after 15 s: an earlier response cannot have waited for it. */
const STATEMENT_MS = 15_000

let postgres: Awaited<ReturnType<typeof ownPostgres>>
let redis: Awaited<ReturnType<typeof ownRedis>>
let issuer: Awaited<ReturnType<typeof createIssuer>>
beforeAll(async () => {
  ;[postgres, redis, issuer] = await Promise.all([ownPostgres(), ownRedis(), createIssuer()])
  await migrate(postgres.url)
})
afterAll(async () => {
  issuer.close()
  await Promise.all([postgres.remove(), redis.remove()])
})

const startCore = (environment: Readonly<Record<string, string>>, until?: 'listening') =>
  startAppProcess(new URL('./main.ts', import.meta.url), {
    ...(until !== undefined && { until }),
    settings: {
      DATABASE_URL: postgres.url,
      REDIS_URL: redis.url,
      ...coreSecrets,
      JWKS_URL: issuer.jwksUrl,
      ORDERS_PER_SECOND: '0',
      ...environment,
    },
  })

interface Shopper {
  readonly token: string
  readonly key: string
}

const order = (url: string, { token, key }: Shopper) =>
  call(`${url}/orders`, {
    method: 'POST',
    token,
    key,
    body: { items: [{ sku: 'tea', quantity: 1 }], email: 'a@example.org', paymentMethod: 'sim_ok' },
  })

/** Sends every request of a buyer while servers are unresponsive. */
async function askEverything(url: string, sale: string, shopper: Shopper): Promise<void> {
  const { token } = shopper
  const startedMs = performance.now()
  const id = crypto.randomUUID()
  const responses = await Promise.all([
    order(url, shopper),
    call(`${url}/orders`, { token }),
    call(`${url}/orders/${id}`, { token }),
    call(`${url}/orders/${id}`, { token, method: 'DELETE' }),
    call(`${url}/sales/${sale}/catalogue`),
    call(`${url}/sales/unknown/catalogue`),
  ])
  for (const { status, headers } of responses)
    if (status >= 500) expect([status, headers.has('retry-after')]).toEqual([503, true])
  expect(responses.map(({ status }) => status)).toContain(503)
  expect(performance.now() - startedMs).toBeLessThan(STATEMENT_MS)
}

/** Retries like a well-behaved client: with the same key until the outcome is known, then with another. */
const insist = (url: string, { token, key }: Shopper, attempt = 0): Promise<void> =>
  eventually(async () => {
    const response = await order(url, { token, key: attempt === 0 ? key : `${key}-${attempt}` })
    if (response.status === 201) return
    if (problemBody.parse(response.body).code !== 'order-abandoned') throw new Error(response.text)
    await insist(url, { token, key }, attempt + 1)
  })

it.each([
  ['postgres', ['postgres'], {}],
  ['redis', ['redis'], {}],
  ['both', ['postgres', 'redis'], { SHUTDOWN_SECONDS: '4' }],
] as const)(
  'a core ends in order while servers are unresponsive, and the next one continues: %s',
  async (sale, mute, environment) => {
    const servers = { postgres, redis }
    const core = await startCore(environment)
    const item = { sku: 'tea', name: 'Tea', listPriceMinor: 20, salePriceMinor: 10, total: 1_000, perBuyerLimit: 2 }
    const catalogue = { method: 'PUT', token: ADMIN_TOKEN, body: { currency: 'EUR', items: [item] } }
    expect((await call(`${core.url}/admin/sales/${sale}/catalogue`, catalogue)).status).toBe(201)
    const shoppers = await Promise.all(
      Array.from({ length: BUYERS }, async (_, index) => ({
        token: await issuer.sign({ sale }),
        key: `order-${index}`,
      })),
    )
    const [first, ...others] = shoppers
    if (first === undefined) throw new Error('no orders are placed')
    await insist(core.url, first)
    const thaws = await Promise.all(mute.map((name) => freeze(servers[name].pid)))
    try {
      for (const each of others) order(core.url, each).catch(() => undefined)
      await askEverything(core.url, sale, first)
      // Orders, rounds and consumers hang; the test does not wait for these responses.
      for (const each of others) order(core.url, each).catch(() => undefined)
      await delay(500)
      core.child.kill('SIGTERM')
      // The process itself exits with 1 after SHUTDOWN_SECONDS.
      expect([await core.exited, core.said().includes('not stopped')]).toEqual([[0, null], false])
    } finally {
      for (const thaw of thaws) thaw()
      core.child.kill('SIGKILL')
    }
    const next = await startCore({})
    try {
      await Promise.all(shoppers.map((each) => insist(next.url, each)))
      await eventually(async () => {
        const { body } = await call(`${next.url}/admin/sales/${sale}/stock`, { token: ADMIN_TOKEN })
        const figures = { available: 1_000 - BUYERS, held: BUYERS, sold: 0 }
        expect(stockAudit.parse(body)).toMatchObject({ agree: true, skus: [{ redis: figures, postgres: figures }] })
      })
    } finally {
      next.child.kill('SIGTERM')
      expect(await next.exited).toEqual([0, null])
    }
  },
)

it('a core that starts while servers are unresponsive ends in order', async () => {
  const thaws = await Promise.all([freeze(postgres.pid), freeze(redis.pid)])
  try {
    const core = await startCore({ SHUTDOWN_SECONDS: '4' }, 'listening')
    await delay(200)
    core.child.kill('SIGTERM')
    expect([await core.exited, core.said().includes('not stopped')]).toEqual([[0, null], false])
  } finally {
    for (const thaw of thaws) thaw()
  }
})
