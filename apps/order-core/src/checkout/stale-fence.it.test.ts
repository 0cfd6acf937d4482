import { problemBody, stockAudit } from '@floodgate/contracts'
import { migrate } from '@floodgate/database'
import type { RedisServer } from '@floodgate/local-servers'
import { eventually, type FreshDatabase, freshDatabase, type Own, ownRedis } from '@floodgate/testkit'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { adminToken, call, createIssuer, type RunningCore, startCore } from '../testing/running-core.ts'

const sale = 'stale'
let database: FreshDatabase
let redis: Own<RedisServer>
let issuer: Awaited<ReturnType<typeof createIssuer>>
let core: RunningCore
let pool: pg.Pool

beforeAll(async () => {
  ;[database, redis, issuer] = await Promise.all([freshDatabase(), ownRedis(), createIssuer()])
  await migrate(database.url)
  pool = new pg.Pool({ connectionString: database.url, max: 2 })
  core = await startCore({ databaseUrl: database.url, redisUrl: redis.url, jwksUrl: issuer.jwksUrl })
  await eventually(async () =>
    expect((await call(`${core.opsUrl}/readyz`)).body).toMatchObject({ ready: true, degraded: [] }),
  )
  const tea = { sku: 'tea', name: 'Tea', listPriceMinor: 2, salePriceMinor: 1, total: 20, perBuyerLimit: 5 }
  const catalogue = { currency: 'EUR', items: [tea] }
  await call(`${core.url}/admin/sales/${sale}/catalogue`, { method: 'PUT', token: adminToken, body: catalogue })
})
afterAll(async () => {
  await core?.service.stop()
  await pool?.end()
  issuer?.close()
  await redis?.remove()
  await database?.drop()
})

const audit = async () =>
  stockAudit.parse((await call(`${core.url}/admin/sales/${sale}/stock`, { token: adminToken })).body).skus[0]
const metric = async (name: string) =>
  Number(new RegExp(`^${name}\\{.*\\} (.+)$`, 'm').exec((await call(`${core.opsUrl}/metrics`)).text)?.[1])

it('a fence whose commit was lost is rebuilt at the first order it refuses, and no buyer loses an order', async () => {
  const buyers = await Promise.all(Array.from({ length: 10 }, () => issuer.admit({ sale })))
  const order = (token: string) =>
    call(`${core.url}/orders`, {
      method: 'POST',
      token,
      key: 'one-key-per-buyer-is-enough',
      body: { items: [{ sku: 'tea', quantity: 1 }], email: 'buyer@example.org', paymentMethod: 'sim_ok' },
    })
  await pool.query('update orders.fences set epoch = epoch - 1 where sale = $1', [sale])

  const [refused, ...placed] = [await order(buyers[0] ?? ''), ...(await Promise.all(buyers.slice(1).map(order)))]
  expect(problemBody.parse(refused?.body)).toMatchObject({ code: 'busy', status: 503 })
  expect(placed.every(({ status }) => status === 201 || status === 503)).toBe(true)
  await eventually(async () => {
    const statuses = (await Promise.all(buyers.map(order))).map(({ status }) => status)
    expect(new Set(statuses)).toEqual(new Set([201]))
  })

  await eventually(async () => expect(await audit()).toMatchObject({ agree: true, redis: { available: 10, held: 10 } }))
  const { rows } = await pool.query(`select status, count(*)::int as orders from orders.orders group by status`)
  expect(rows).toEqual([{ status: 'pending', orders: 10 }])
  expect(await metric('floodgate_commit_stale_orders_total')).toBeGreaterThan(0)
})
