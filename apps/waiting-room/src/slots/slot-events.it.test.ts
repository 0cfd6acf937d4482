import { encodeEvent } from '@floodgate/contracts'
import { createPool } from '@floodgate/database'
import { createEventBus, type EventBus } from '@floodgate/event-bus'
import { eventually, freshDatabase, ownRedis } from '@floodgate/testkit'
import { silentLogger } from '@floodgate/testkit/fixtures'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { admit } from '../admission/admit.ts'
import { lineKeys } from '../redis/keys.ts'
import { connectVirtualLine, type VirtualLine } from '../testing/virtual-line.ts'
import { consumeSlotEvents } from './slot-events.ts'

const log = silentLogger
/** The sales whose slots were changed. */
let noted: string[]
const recentActs = { noteChange: (sale: string) => void noted.push(sale) }
beforeEach(() => {
  noted = []
})

let redis: Awaited<ReturnType<typeof ownRedis>>
let database: Awaited<ReturnType<typeof freshDatabase>>
let virtual: VirtualLine
let bus: EventBus
beforeAll(async () => {
  ;[redis, database] = await Promise.all([ownRedis(), freshDatabase()])
  virtual = await connectVirtualLine(redis.url)
  bus = createEventBus({ kind: 'redis', redisUrl: redis.url, clientId: 'test', log })
})
afterAll(async () => {
  await bus.close()
  await virtual.close()
  await Promise.all([redis.remove(), database.drop()])
})

it('an event whose recovery Postgres cancels as too slow does not become a dead letter', async () => {
  const pool = createPool(database.url, { max: 1, statementTimeoutMs: 1 })
  const sale = await virtual.openSale({ admitPerSecond: 10, maxActive: 1 })
  await virtual.joinAndStay(sale.id, ['ann'])
  virtual.clock.advance(100)
  const tick = await admit(virtual.line, sale.id, 'kid')
  const slot = tick.kind === 'ok' ? (tick.admitted[0]?.slot ?? '') : ''
  const { sale: hash, active } = lineKeys(sale.id)
  const run = (await virtual.redis.hget(hash, 'run')) ?? ''
  await virtual.redis.hset(hash, 'run', 'another')
  let attempts = 0
  consumeSlotEvents({
    ...{ bus, line: virtual.line, pool, log, recentActs },
    restore: async () => {
      attempts += 1
      if (attempts <= 7) await pool.query('select pg_sleep(60)')
      await virtual.redis.hset(hash, 'run', run)
      return true
    },
  })
  const at = new Date().toISOString()
  const order = { order: crypto.randomUUID(), sale: sale.id, buyer: 'ann', slot, createdAt: at, holdExpiresAt: at }
  const money = { items: [{ sku: 'a', quantity: 1, priceMinor: 5 }], totalMinor: 5, currency: 'EUR' }
  const data = { ...order, ...money, sealedEmail: 'sealed' }
  const envelope = { id: crypto.randomUUID(), source: '/test', time: at, aggregateVersion: 1 }
  await bus.publish([encodeEvent({ type: 'order.confirmed.v1', ...envelope, data })])
  await eventually(async () => expect(await virtual.redis.zcard(active)).toBe(0))
  expect(attempts).toBe(8)
  expect(noted, 'to be made again where Redis loses it').toEqual([sale.id])
  await pool.end()
})

it.each([
  ['declined', 1],
  ['abandoned', 1],
  ['declined-final', 0],
  ['expired', 0],
] as const)('after an order cancelled as %s, %i slots are taken', async (reason, taken) => {
  const pool = createPool(database.url, { max: 1 })
  const sale = await virtual.openSale({ admitPerSecond: 10, maxActive: 1 })
  await virtual.joinAndStay(sale.id, ['ann'])
  virtual.clock.advance(100)
  const tick = await admit(virtual.line, sale.id, 'kid')
  const slot = tick.kind === 'ok' ? (tick.admitted[0]?.slot ?? '') : ''
  const subscription = consumeSlotEvents({
    ...{ bus, line: virtual.line, pool, log, recentActs },
    restore: async () => true,
  })
  const at = new Date().toISOString()
  const order = { order: crypto.randomUUID(), sale: sale.id, buyer: 'ann', slot, createdAt: at, holdExpiresAt: at }
  const money = { items: [{ sku: 'a', quantity: 1, priceMinor: 5 }], totalMinor: 5, currency: 'EUR' }
  const data = { ...order, ...money, reason, sealedEmail: 'sealed' }
  const envelope = { id: crypto.randomUUID(), source: '/test', time: at, aggregateVersion: 1 }
  await bus.publish([encodeEvent({ type: 'order.cancelled.v1', ...envelope, data })])
  const { active, held } = lineKeys(sale.id)
  await eventually(async () => {
    expect(await virtual.redis.zcard(active)).toBe(taken)
    if (taken === 1) expect(await virtual.redis.hget(held, slot), 'the event was read').toContain(order.order)
  })
  await subscription.stop()
  expect(noted, 'to be made again where Redis loses it').toEqual([sale.id])
  await pool.end()
})
