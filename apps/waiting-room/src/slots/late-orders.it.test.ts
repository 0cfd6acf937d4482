import { closeRedis, createRedis } from '@floodgate/redis'
import { eventually } from '@floodgate/testkit'
import { silentLogger } from '@floodgate/testkit/fixtures'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { admit } from '../admission/admit.ts'
import { lineKeys } from '../redis/keys.ts'
import { startRooms } from '../testing/start-rooms.ts'
import { connectVirtualLine, type VirtualLine } from '../testing/virtual-line.ts'
import { followOrdersSeen } from './follow-orders-seen.ts'
import { holdSlot } from './hold-slot.ts'
import { returnSlots } from './return-slot.ts'

const HOUR_MS = 3_600_000
let virtual: VirtualLine
beforeAll(async () => {
  virtual = await connectVirtualLine(undefined, { startMs: Date.now() + 24 * HOUR_MS })
})
afterAll(() => virtual.close())

it('while no process has seen the orders, slots past their deadline stay, for at most ten minutes', async () => {
  const sale = await virtual.openSale({ admitPerSecond: 100, maxActive: 2, admissionTtlSeconds: 20 })
  await virtual.joinAndStay(sale.id, ['ann', 'ben', 'eve'])
  virtual.clock.advance(100)
  const tick = await admit(virtual.line, sale.id, 'kid')
  const slots = tick.kind === 'ok' ? tick.admitted.map(({ slot }) => slot) : []
  expect(slots).toHaveLength(2)
  let caughtUpAgeMs = 0
  const now = virtual.clock.now
  const seen = followOrdersSeen({ line: virtual.line, process: `p-${sale.id}`, health: () => ({ caughtUpAgeMs }) })
  const giveBack = async () => {
    await seen.exchange()
    return await returnSlots(virtual.line, sale.id, { reason: 'expired', latestMs: seen.latestDeadlineMs() })
  }
  // The consumer stops at once; an order is placed on the first slot, and its event arrives a minute later.
  virtual.clock.advance(60_000)
  caughtUpAgeMs = 60_000
  expect(await giveBack()).toEqual([])
  const orderCreatedMs = now() - 50_000
  const order = { slot: slots[0] ?? '', order: 'late', orderCreatedMs, deadlineMs: orderCreatedMs + 605_000 }
  expect(await holdSlot(virtual.line, sale.id, order)).toEqual({ kind: 'moved' })
  caughtUpAgeMs = 100
  expect(await giveBack()).toEqual([slots[1]])
  expect(await virtual.redis.zrange(lineKeys(sale.id).active, '0', '-1')).toEqual([slots[0]])

  caughtUpAgeMs = 2_000_000
  virtual.clock.advance(600_000)
  expect(await giveBack()).toEqual([])
  virtual.clock.advance(600_000)
  expect(await giveBack()).toEqual([slots[0]])
  await virtual.redis.hdel('wr:orders-seen', `p-${sale.id}`)
})

it('a process whose clock is far behind that of Redis still returns slots at their deadline', async () => {
  const sale = await virtual.openSale({ admitPerSecond: 100, maxActive: 1, admissionTtlSeconds: 20 })
  await virtual.joinAndStay(sale.id, ['ann'])
  virtual.clock.advance(100)
  await admit(virtual.line, sale.id, 'kid')
  virtual.clock.advance(20_100)
  expect(Date.now()).toBeLessThan(virtual.clock.now() - HOUR_MS)
  const health = () => ({ caughtUpAgeMs: 100 })
  const seen = followOrdersSeen({ line: virtual.line, process: `p-${sale.id}`, health })
  await seen.exchange()
  expect(
    await returnSlots(virtual.line, sale.id, { reason: 'expired', latestMs: seen.latestDeadlineMs() }),
  ).toHaveLength(1)
  await virtual.redis.hdel('wr:orders-seen', `p-${sale.id}`)
})

it('a process that ends leaves its report: no other process reports on its partitions yet', async () => {
  const rooms = await startRooms(1)
  const redis = createRedis({ url: rooms.redis.url, name: 'test', role: 'commands', log: silentLogger })
  const reports = () => redis.hvals('wr:orders-seen')
  await eventually(async () => {
    const [report = ''] = await reports()
    expect(Number(report.split(' ')[1])).toBeGreaterThan(0)
  })
  await rooms.rooms.pop()?.stop()
  expect(await reports()).toHaveLength(1)
  await closeRedis(redis)
  await rooms.remove()
})
