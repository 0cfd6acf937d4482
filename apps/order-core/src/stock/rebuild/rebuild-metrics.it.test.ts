import { migrate } from '@floodgate/database'
import type { RedisServer } from '@floodgate/local-servers'
import { closeRedis, createRedis, waitUntilReady } from '@floodgate/redis'
import { eventually, type FreshDatabase, freshDatabase, type Own, ownRedis } from '@floodgate/testkit'
import { ADMIN_TOKEN, silentLogger } from '@floodgate/testkit/fixtures'
import pg, { type Pool } from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { call, createIssuer, type RunningCore, startCore } from '../../testing/running-core.ts'

let database: FreshDatabase
let redis: Own<RedisServer>
let issuer: Awaited<ReturnType<typeof createIssuer>>
let core: RunningCore
let pool: Pool

beforeAll(async () => {
  ;[database, redis, issuer] = await Promise.all([freshDatabase(), ownRedis(), createIssuer()])
  await migrate(database.url)
  pool = new pg.Pool({ connectionString: database.url, max: 2 })
  core = await startCore({ databaseUrl: database.url, redisUrl: redis.url, jwksUrl: issuer.jwksUrl })
  await eventually(async () => expect((await call(`${core.opsUrl}/readyz`)).body).toMatchObject({ ready: true }))
  const tea = { sku: 'tea', name: 'Tea', listPriceMinor: 2, salePriceMinor: 1, total: 20, perBuyerLimit: 5 }
  const body = { currency: 'EUR', items: [tea] }
  await call(`${core.url}/admin/sales/demo/catalogue`, { method: 'PUT', token: ADMIN_TOKEN, body })
})
afterAll(async () => {
  await core?.service.stop()
  await pool?.end()
  issuer?.close()
  await redis?.remove()
  await database?.drop()
})

/** 0 for a series that has not begun. */
const figure = async (series: string) =>
  Number(new RegExp(`^${series}.*\\} (.+)$`, 'm').exec((await call(`${core.opsUrl}/metrics`)).text)?.[1] ?? 0)
const rebuilds = (outcome: string) => figure(`floodgate_stock_rebuilds_total\\{outcome="${outcome}"`)
const timed = () => figure('floodgate_stock_rebuild_seconds_count\\{')
const running = () => figure('floodgate_stock_rebuilds_running\\{')
const place = async () => {
  const body = { items: [{ sku: 'tea', quantity: 1 }], email: 'a@example.org', paymentMethod: 'sim_ok' }
  return await call(`${core.url}/orders`, {
    method: 'POST',
    token: await issuer.sign(),
    key: crypto.randomUUID(),
    body,
  })
}
const forgetStock = async () => {
  const client = createRedis({ url: redis.url, name: 'wipe', role: 'commands', log: silentLogger })
  await waitUntilReady(client, AbortSignal.timeout(60_000))
  await client.flushall()
  await closeRedis(client)
}

it('rebuilds show by how they ended, how long they took, and while they are under way', async () => {
  await eventually(async () => expect((await place()).status).toBe(201))
  const before = { rebuilt: await rebuilds('rebuilt'), failed: await rebuilds('failed'), timed: await timed() }
  expect(await running()).toBe(0)

  await pool.query('alter table orders.stock rename to gone')
  await forgetStock()
  await eventually(async () => {
    expect((await place()).status).not.toBe(201)
    expect(await rebuilds('failed')).toBeGreaterThan(before.failed)
  })
  expect(await rebuilds('rebuilt')).toBe(before.rebuilt)
  expect(await timed()).toBe(before.timed)
  await pool.query('alter table orders.gone rename to stock')
  await eventually(async () => expect((await place()).status).toBe(201))
  await eventually(async () => expect(await rebuilds('rebuilt')).toBeGreaterThan(before.rebuilt))
  expect(await timed()).toBe(await rebuilds('rebuilt'))

  // Somebody holds the ledger's rows: the rebuild waits, and shows.
  const holder = await pool.connect()
  await holder.query('begin; lock table orders.fences in access exclusive mode')
  await forgetStock()
  await eventually(async () => {
    void place()
    expect(await running()).toBe(1)
  })
  await holder.query('rollback')
  holder.release()
  await eventually(async () => expect((await place()).status).toBe(201))
  await eventually(async () => expect(await running()).toBe(0))
})
