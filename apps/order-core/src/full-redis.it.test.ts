import { randomUUID } from 'node:crypto'
import { encodeEvent, orderPlaced, orderResource, problemBody, publicCatalogue, stockAudit } from '@floodgate/contracts'
import { createEventBus, type EventBus } from '@floodgate/event-bus'
import { closeRedis, type Redis } from '@floodgate/redis'
import { connectRedis, eventually, fillRedis } from '@floodgate/testkit'
import { ADMIN_TOKEN, silentLogger } from '@floodgate/testkit/fixtures'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { saleKeys } from './stock/keys.ts'
import { call, createTestCore, type TestCore } from './testing/running-core.ts'

const sale = 'demo'
let core: TestCore
let redis: Redis
/** The bus of another app. */
let bus: EventBus

beforeAll(async () => {
  core = await createTestCore()
  redis = await connectRedis(core.redis.url)
  await save(sale, 10)
  bus = createEventBus({ kind: 'redis', redisUrl: core.redis.url, clientId: 'test', log: silentLogger })
})
afterAll(async () => {
  await bus?.close()
  if (redis !== undefined) await closeRedis(redis)
  await core?.remove()
})

const save = async (id: string, total: number) => (await core.saveCatalogue([{ total }], id)).status
const shown = async (id: string) => {
  const { status, body } = await call(`${core.url}/sales/${id}/catalogue`)
  return { status, available: publicCatalogue.parse(body).items[0]?.available }
}
const place = (token: string, key: string) => {
  const body = { items: [{ sku: 'tea', quantity: 1 }], email: 'a@example.org', paymentMethod: 'sim_ok' }
  return call(`${core.url}/orders`, { method: 'POST', token, key, body })
}
const placed = async (token: string) =>
  await eventually(async () => orderPlaced.parse((await place(token, randomUUID())).body).id)
const statusOf = async (token: string, order: string) =>
  orderResource.parse((await call(`${core.url}/orders/${order}`, { token })).body).status
const stock = async () =>
  stockAudit.parse((await call(`${core.url}/admin/sales/${sale}/stock`, { token: ADMIN_TOKEN })).body).skus[0]
const inRedis = async () => {
  const [available, held] = await Promise.all(
    ['stock', 'held'].map((name) => redis.hget(`oc:{o:${sale}}:${name}`, 'tea')),
  )
  return { available: Number(available), held: Number(held) }
}
const unsent = async () =>
  (await core.pool.query('select count(*)::int as n from orders.outbox where sent_at is null')).rows[0]?.n
const paymentOf = (order: string) =>
  encodeEvent({
    type: 'payment.succeeded.v1',
    id: randomUUID(),
    source: '/floodgate/test',
    time: new Date().toISOString(),
    aggregateVersion: 1,
    data: { order, sale, amountMinor: 10, currency: 'EUR', charge: `charge-of-${order}` },
  })

it('rejects new orders while Redis is full, still gives holds back, and finishes everything afterwards', async () => {
  const tokens = await Promise.all(Array.from({ length: 4 }, () => core.issuer.sign()))
  const [paid, waiting, dropped, newcomer] = tokens as [string, string, string, string]
  const orders = { paid: await placed(paid), waiting: await placed(waiting), dropped: await placed(dropped) }
  await eventually(async () => expect(await unsent()).toBe(0))
  const full = await fillRedis(core.redis.url)

  const key = randomUUID()
  const rejected = await place(newcomer, key)
  expect(problemBody.parse(rejected.body)).toMatchObject({ status: 503, code: 'unavailable', retryable: true })
  expect(rejected.headers.get('retry-after')).toMatch(/^\d+$/)
  expect(await statusOf(waiting, orders.waiting)).toBe('pending')
  await expect(bus.publish([paymentOf(orders.paid)])).rejects.toThrow(/^OOM/)

  const cancelled = await call(`${core.url}/orders/${orders.dropped}`, { method: 'DELETE', token: dropped })
  expect(cancelled).toMatchObject({ status: 200, body: { status: 'cancelled' } })
  expect(await inRedis()).toEqual({ available: 8, held: 2 })
  // Another run of Redis than the one that the stock was written under, as after a restart: the stock is rebuilt
  // although Redis is full.
  const lua = "#!lua flags=allow-oom\nreturn redis.call('HSET', KEYS[1], 'epoch', '1:another')"
  await redis.eval(lua, 1, saleKeys(sale).meta)
  await eventually(async () => {
    expect((await place(newcomer, key)).status).toBe(503)
    expect(await redis.hget(saleKeys(sale).meta, 'epoch')).not.toBe('1:another')
    expect(await inRedis()).toEqual({ available: 8, held: 2 })
  })
  // Catalogue and operator routes continue, also for a sale without any stock in Redis.
  await eventually(async () => expect(await shown(sale)).toEqual({ status: 200, available: 8 }))
  await eventually(async () => expect(await stock()).toMatchObject({ agree: true, redis: { available: 8, held: 2 } }))
  expect([await save(sale, 11), await save('another', 5)]).toEqual([200, 201])
  expect(await inRedis()).toEqual({ available: 9, held: 2 })
  expect(await shown('another')).toEqual({ status: 200, available: 5 })
  // Its event waits in Postgres: a full Redis accepts none.
  expect(await unsent()).toBeGreaterThan(0)
  expect((await call(`${core.opsUrl}/readyz`)).body).toMatchObject({ ready: true })

  await full.free()
  await eventually(() => bus.publish([paymentOf(orders.paid), paymentOf(orders.waiting)]))
  await eventually(async () => expect(orderPlaced.parse((await place(newcomer, key)).body).status).toBe('pending'))
  await eventually(async () => {
    for (const [token, order] of [
      [paid, orders.paid],
      [waiting, orders.waiting],
    ] as const)
      expect(await statusOf(token, order)).toBe('confirmed')
    expect(await unsent()).toBe(0)
    expect(await stock()).toMatchObject({ postgres: { held: 1, sold: 2 }, redis: { available: 8, held: 1, sold: 2 } })
  })
  expect(await redis.keys('bus:*:dead')).toEqual([])
})
