import { readdirSync } from 'node:fs'
import { defineScript } from '@floodgate/redis'
import { ownRedisCluster } from '@floodgate/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { findOrders } from '../order/find-orders.ts'
import { readLevels } from '../stock-news/read-levels.ts'
import { createTestStock, type TestStock } from '../testing/stock.ts'
import { readCampaigns, saveCampaign } from '../vouchers/campaign-store.ts'
import { endClaims } from '../vouchers/end-claims.ts'
import { projectCampaigns } from '../vouchers/project-campaigns.ts'
import { createTakeClaim } from '../vouchers/take-claims.ts'
import { readRedisStock } from './availability.ts'
import { barSlots } from './bar-slots.ts'
import { createCorrectStock } from './correct-stock.ts'
import { createEndHolds } from './end-holds.ts'
import { forgetHolds } from './forget-holds.ts'
import { saleKeys } from './keys.ts'
import { createLoadBuyer } from './load-buyers.ts'
import { markHoldCommitted } from './mark-committed.ts'
import { putBehind } from './move-deadlines.ts'
import { restoreHold } from './sync-hold.ts'

let stock: TestStock
beforeAll(async () => {
  stock = await createTestStock(ownRedisCluster)
})
afterAll(() => stock.remove())

const SOURCES = new URL('../', import.meta.url)
const scripts = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.lua') && !path.endsWith('.inc.lua'))
  .map((path) => ({
    path,
    sha: defineScript({ name: path, file: new URL(path, SOURCES), numberOfKeys: 'any' }).sha,
  }))

it('a Redis Cluster runs every script of the order core', async () => {
  const sale = await stock.createSale()
  const buyer = 'ann'
  const asked = { sale, order: crypto.randomUUID(), buyer, slot: 'slot' }
  await stock.commit(asked, await stock.hold(asked))
  const order = (await findOrders(stock.pool, [asked.order])).get(asked.order)
  if (order === undefined) throw new Error('not committed')
  expect(await markHoldCommitted(stock.stockRedis, { sale, order: order.id, holdExpiresAt: order.holdExpiresAt })).toBe(
    'marked',
  )
  await putBehind(stock.redis, { sale, orders: [order.id], untilMs: order.holdExpiresAt.getTime() + 1 })
  expect(await readRedisStock(stock.redis, sale)).toMatchObject({ held: new Map([['tea', 1]]) })
  expect((await readLevels(stock.redis, sale))?.levels.has('tea')).toBe(true)
  expect(await createEndHolds(stock.stockRedis)([{ sale, order: order.id, outcome: 'released' }])).toEqual(['settled'])
  expect(await createCorrectStock(stock.stockRedis)([order])).toEqual(['corrected'])
  await stock.redis.unlink(saleKeys(sale).hold(order.id))
  expect(await restoreHold(stock.stockRedis, order)).toBe('restored')
  const revoked = { slot: asked.slot, passExpiresAt: new Date(Date.now() + 60_000) }
  expect(await barSlots(stock.stockRedis, sale, [revoked])).toEqual({ epoch: 1, free: [] })

  await createLoadBuyer(stock)({ sale, buyer, epoch: String(await stock.redis.hget(saleKeys(sale).meta, 'epoch')) })
  expect(await stock.redis.sismember(saleKeys(sale).loaded, buyer)).toBe(1)
  expect(await forgetHolds(stock.stockRedis, sale, [crypto.randomUUID()])).toBe(0)
  const discount = { kind: 'fixed' as const, amountMinor: 1 }
  const body = { name: 'Spring', discount, minimumMinor: 0, total: 1, validFrom: null, validUntil: null }
  await saveCampaign(stock.pool, { sale, campaign: 'spring', body })
  const stored = await readCampaigns(stock.pool, sale)
  expect(await projectCampaigns(stock.stockRedis, sale, stored?.campaigns ?? [])).toBe('projected')
  const claim = { sale, campaign: 'spring', buyer }
  const claiming = { ...claim, slot: 'another', mayStart: true, commitWithinMs: 60_000 }
  expect((await createTakeClaim(stock.stockRedis)(claiming)).kind).toBe('taken')
  expect(await endClaims(stock.stockRedis, sale, [{ ...claim, outcome: 'issued' }])).toBe(1)
  const known = (await stock.redis.script('EXISTS', ...scripts.map(({ sha }) => sha))) as number[]
  const never = scripts.filter((_, index) => known[index] !== 1).map(({ path }) => path)
  expect(never, 'add the script to the calls above').toEqual([])
  expect(scripts.length).toBeGreaterThan(5)
})
