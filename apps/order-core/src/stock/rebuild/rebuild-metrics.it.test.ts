import { closeRedis, createRedis, waitUntilReady } from '@floodgate/redis'
import { eventually } from '@floodgate/testkit'
import { silentLogger } from '@floodgate/testkit/fixtures'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { call, createTestCore, type TestCore } from '../../testing/running-core.ts'

let core: TestCore

beforeAll(async () => {
  core = await createTestCore()
  await core.saveCatalogue([{ total: 20, perBuyerLimit: 5 }])
})
afterAll(() => core?.remove())

/** Returns 0 for a series that has not begun. */
const figure = async (series: string) =>
  Number(new RegExp(`^${series}.*\\} (.+)$`, 'm').exec((await call(`${core.opsUrl}/metrics`)).text)?.[1] ?? 0)
const rebuilds = (outcome: string) => figure(`floodgate_stock_rebuilds_total\\{outcome="${outcome}"`)
const timed = () => figure('floodgate_stock_rebuild_seconds_count\\{')
const running = () => figure('floodgate_stock_rebuilds_running\\{')
const place = async () => {
  const body = { items: [{ sku: 'tea', quantity: 1 }], email: 'a@example.org', paymentMethod: 'sim_ok' }
  return await call(`${core.url}/orders`, {
    method: 'POST',
    token: await core.issuer.sign(),
    key: crypto.randomUUID(),
    body,
  })
}
const forgetStock = async () => {
  const client = createRedis({ url: core.redis.url, name: 'wipe', role: 'commands', log: silentLogger })
  await waitUntilReady(client, AbortSignal.timeout(60_000))
  await client.flushall()
  await closeRedis(client)
}

it('rebuilds are counted by outcome, timed, and gauged while in progress', async () => {
  await eventually(async () => expect((await place()).status).toBe(201))
  const before = { rebuilt: await rebuilds('rebuilt'), failed: await rebuilds('failed'), timed: await timed() }
  expect(await running()).toBe(0)

  await core.pool.query('alter table orders.stock rename to gone')
  await forgetStock()
  await eventually(async () => {
    expect((await place()).status).not.toBe(201)
    expect(await rebuilds('failed')).toBeGreaterThan(before.failed)
  })
  expect(await rebuilds('rebuilt')).toBe(before.rebuilt)
  expect(await timed()).toBe(before.timed)
  await core.pool.query('alter table orders.gone rename to stock')
  await eventually(async () => expect((await place()).status).toBe(201))
  await eventually(async () => expect(await rebuilds('rebuilt')).toBeGreaterThan(before.rebuilt))
  expect(await timed()).toBe(await rebuilds('rebuilt'))

  // Another transaction holds the ledger's rows: the rebuild waits, and the gauge shows it.
  const holder = await core.pool.connect()
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
