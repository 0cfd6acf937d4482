import { closeRedis, type Redis } from '@floodgate/redis'
import { connectGuardedRedis, ownRedis, type VirtualClock, virtualClock } from '@floodgate/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { lineKeys } from '../redis/keys.ts'
import { createLineRedis, type LineRedis } from '../redis/line-redis.ts'
import { projectSale } from '../sales/project-sale.ts'
import { joinLine, leaveLine, readBuyerState } from '../testing/one-buyer.ts'
import { openSaleOf } from '../testing/virtual-line.ts'
import { admit } from './admit.ts'

const SECOND = 1_000
let server: Awaited<ReturnType<typeof ownRedis>>
let redis: Redis
let clock: VirtualClock
let line: LineRedis
beforeAll(async () => {
  server = await ownRedis()
  const connection = await connectGuardedRedis(server.url)
  redis = connection.redis
  clock = virtualClock(1_800_000_000_000)
  line = createLineRedis({ redis, guard: connection.runIdGuard, now: clock.now })
})
afterAll(async () => {
  await closeRedis(redis)
  await server.remove()
})

const openSale = async (id: string) => {
  await projectSale(line, openSaleOf({ id, maxActive: 100 }), { act: 'open', isNew: true })
  return id
}
const join = async (sale: string, buyer: string) => {
  await joinLine(line, sale, { buyer, claimedPlace: 0 })
  await readBuyerState(line, sale, { buyer, place: 0, presentMs: 30_000 })
}
const tick = async (sale: string, ms: number) => {
  clock.advance(ms)
  const result = await admit(line, sale, 'kid')
  if (result.kind !== 'ok') throw new Error(result.kind)
  return result
}
/** Counts the changes of the server's data, which go into the append-only file. */
const changes = async () => Number(/rdb_changes_since_last_save:(\d+)/.exec(await redis.info('persistence'))?.[1])

it.each(['scheduled', 'open', 'paused'] as const)('a tick of a sale at rest (%s) writes nothing', async (state) => {
  const sale = await openSale(`rest-${state}`)
  await join(sale, 'ann')
  await tick(sale, 100)
  if (state !== 'open')
    await projectSale(line, openSaleOf({ id: sale, maxActive: 100, state, version: 2 }), { act: 'pause', isNew: false })
  for (let ticks = 0; ticks < 5; ticks += 1) await tick(sale, SECOND)
  const before = await changes()
  for (let ticks = 0; ticks < 30; ticks += 1)
    expect(await tick(sale, SECOND)).toMatchObject({ state, waiting: 0, active: 1, admitted: [] })
  expect(await changes()).toBe(before)
})

it('its stamp is written once a minute, so that a clock that was set back is detected', async () => {
  const sale = await openSale('minute')
  await tick(sale, 100)
  const before = await changes()
  for (let ticks = 0; ticks < 300; ticks += 1) await tick(sale, SECOND)
  // Each write has some five fields.
  expect((await changes()) - before).toBeGreaterThanOrEqual(4)
  expect((await changes()) - before).toBeLessThanOrEqual(6 * 5)
})

it.each([0.5, 10, 100])(
  'rest neither saves nor costs tokens: a crowd after an hour is admitted at %d/s',
  async (rate) => {
    const sale = `after-rest-${rate}`
    const open = openSaleOf({ id: sale, admitPerSecond: rate, maxActive: 100_000 })
    await projectSale(line, open, { act: 'open', isNew: true })
    for (let ticks = 0; ticks < 3_600; ticks += 60) await tick(sale, 60 * SECOND)
    await tick(sale, 59 * SECOND)
    for (let buyer = 0; buyer < rate * 8; buyer += 1) await join(sale, `b-${buyer}`)
    const admitted: number[] = []
    for (let ticks = 0; ticks < 50; ticks += 1) admitted.push((await tick(sale, 100)).admitted.length)
    const total = admitted.reduce((sum, count) => sum + count, 0)
    expect(Math.abs(total - 5 * rate)).toBeLessThanOrEqual(Math.max(1, 0.1 * rate))
    const first = admitted.slice(0, 10).reduce((sum, count) => sum + count, 0)
    expect(first).toBeLessThanOrEqual(Math.max(1.2 * rate, rate + 1))
    const hash = await redis.hgetall(lineKeys(sale).sale)
    expect(Number(hash.longestStallMs ?? 0)).toBeLessThan(SECOND)
  },
)

it('after a buyer who leaves before the tick, the sale is still at rest and saves no tokens', async () => {
  const sale = await openSale('left')
  await join(sale, 'ann')
  await tick(sale, 100)
  await join(sale, 'ben')
  await leaveLine(line, sale, 'ben')
  await tick(sale, 30 * SECOND)
  const before = await changes()
  await tick(sale, SECOND)
  expect(await changes()).toBe(before)
})
