import { orderPlaced, problemBody, stockAudit } from '@floodgate/contracts'
import { migrate } from '@floodgate/database'
import type { RedisServer } from '@floodgate/local-servers'
import { eventually, type FreshDatabase, freshDatabase, type Own, ownRedis } from '@floodgate/testkit'
import { ADMIN_TOKEN } from '@floodgate/testkit/fixtures'
import pg, { type Pool } from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { call, createIssuer, type RunningCore, startCore } from '../testing/running-core.ts'

const sale = 'full'
let database: FreshDatabase
let redis: Own<RedisServer>
let issuer: Awaited<ReturnType<typeof createIssuer>>
let core: RunningCore
let pool: Pool

beforeAll(async () => {
  ;[database, redis, issuer] = await Promise.all([freshDatabase(), ownRedis(), createIssuer()])
  await migrate(database.url)
  pool = new pg.Pool({ connectionString: database.url, max: 2 })
  const { url: databaseUrl } = database
  core = await startCore({ databaseUrl, redisUrl: redis.url, jwksUrl: issuer.jwksUrl, settings: { QUEUE_MAX: '1' } })
  await eventually(async () =>
    expect((await call(`${core.opsUrl}/readyz`)).body).toMatchObject({ ready: true, degraded: [] }),
  )
})
afterAll(async () => {
  await core?.service.stop()
  await pool?.end()
  issuer?.close()
  await redis?.remove()
  await database?.drop()
})

const audit = async () =>
  stockAudit.parse((await call(`${core.url}/admin/sales/${sale}/stock`, { token: ADMIN_TOKEN })).body).skus[0]
const order = async (key: string, of = sale) =>
  call(`${core.url}/orders`, {
    method: 'POST',
    token: await issuer.sign({ sale: of }),
    key,
    body: { items: [{ sku: 'tea', quantity: 1 }], email: 'buyer@example.org', paymentMethod: 'sim_ok' },
  })

it('an order above the bound of its sale is refused as busy, holds nothing, and those inside are not harmed', async () => {
  const tea = { sku: 'tea', name: 'Tea', listPriceMinor: 2, salePriceMinor: 1, total: 5, perBuyerLimit: 5 }
  const catalogue = { currency: 'EUR', items: [tea] }
  for (const each of [sale, 'another'])
    await call(`${core.url}/admin/sales/${each}/catalogue`, { method: 'PUT', token: ADMIN_TOKEN, body: catalogue })
  orderPlaced.parse((await order('first')).body)

  const blocker = await pool.connect()
  await blocker.query('begin')
  await blocker.query('select from orders.fences where sale = $1 for update', [sale])
  const inside = order('inside')
  await eventually(async () => {
    const { rows } = await pool.query(
      `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    )
    expect(rows).toHaveLength(1)
  })
  const refused = await order('outside')
  expect(refused.status).toBe(503)
  expect(problemBody.parse(refused.body)).toMatchObject({ code: 'busy', retryable: true })
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  expect((await order('elsewhere', 'another')).status, 'another sale has a queue of its own').toBe(201)

  await blocker.query('rollback')
  blocker.release()
  expect((await inside).status).toBe(201)
  await eventually(async () => expect(await audit()).toMatchObject({ agree: true, redis: { available: 3, held: 2 } }))
  expect((await order('outside')).status, 'the same key succeeds later').toBe(201)
})
