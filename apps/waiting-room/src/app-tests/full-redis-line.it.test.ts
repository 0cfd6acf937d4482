import { createTestDatabase, fillRedis, ownRedis, type TestDatabase } from '@floodgate/testkit'
import type { Pool } from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { admit, admitNobody } from '../admission/admit.ts'
import { archiveLog } from '../archive/archive-log.ts'
import { createLogBounds } from '../archive/bound-logs.ts'
import { readLineTotals } from '../archive/line-summary.ts'
import { lineKeys } from '../redis/keys.ts'
import { followOrdersSeen } from '../slots/follow-orders-seen.ts'
import { returnSlots } from '../slots/return-slot.ts'
import { connectVirtualLine, type VirtualLine } from '../testing/virtual-line.ts'

let server: Awaited<ReturnType<typeof ownRedis>>
let virtual: VirtualLine
let database: TestDatabase
let pool: Pool
beforeAll(async () => {
  ;[server, database] = await Promise.all([ownRedis(), createTestDatabase()])
  virtual = await connectVirtualLine(server.url)
  pool = database.pool
})
afterAll(async () => {
  await virtual.close()
  await Promise.all([database.remove(), server.remove()])
})

it('while Redis is full a tick admits no buyer, and slots return past their deadline or unclaimed', async () => {
  const settings = { admitPerSecond: 100, maxActive: 2, admissionTtlSeconds: 600, claimSeconds: 20 }
  const { id: sale } = await virtual.openSale(settings)
  const keys = lineKeys(sale)
  await virtual.joinAndStay(sale, ['ann', 'ben', 'eve'])
  virtual.clock.advance(100)
  const { line, redis } = virtual
  const tick = await admit(line, sale, 'kid')
  const [expiring = '', unclaimed = ''] = tick.kind === 'ok' ? tick.admitted.map(({ slot }) => slot) : []
  await redis.zadd(keys.active, 'XX', virtual.clock.now() + 10_000, expiring)
  await redis.zrem(keys.unclaimed, expiring)
  const full = await fillRedis(server.url)
  try {
    // Ticks continue, so this is no silence in which nobody could claim.
    for (let second = 0; second < 21; second += 1) {
      virtual.clock.advance(1_000)
      await expect(admit(line, sale, 'kid')).rejects.toMatchObject({ code: 'unavailable' })
      expect(await admitNobody(line, sale)).toMatchObject({ kind: 'ok', admitted: [], active: 2, waiting: 1 })
    }
    expect(await admitNobody(line, sale)).toMatchObject({ overdue: 1, unclaimed: 1 })
    const seen = followOrdersSeen({ line, process: 'one', health: () => ({ caughtUpAgeMs: 0 }) })
    await seen.exchange()
    const latestMs = seen.latestDeadlineMs()
    expect(await returnSlots(line, sale, { reason: 'expired', latestMs })).toEqual([expiring])
    expect(await returnSlots(line, sale, { reason: 'unclaimed' })).toEqual([unclaimed])
    expect(await admitNobody(line, sale)).toMatchObject({ admitted: [], active: 0, waiting: 1 })
  } finally {
    await full.free()
  }
  virtual.clock.advance(100)
  expect(await admit(line, sale, 'kid')).toMatchObject({ admitted: [{ buyer: 'eve' }] })
})

it('while Redis is full a sale closes by its schedule', async () => {
  const closesAt = new Date(virtual.clock.now() + 5_000)
  const { id: sale } = await virtual.openSale({ closesAt })
  await virtual.joinAndStay(sale, ['ann'])
  const full = await fillRedis(server.url)
  try {
    virtual.clock.advance(5_000)
    expect(await admitNobody(virtual.line, sale)).toMatchObject({ state: 'closed', due: 'close' })
  } finally {
    await full.free()
  }
})

it('a cut log is archived while Redis is full', async () => {
  const { id: sale } = await virtual.openSale({})
  const { log } = lineKeys(sale)
  await virtual.redis.del(log)
  const append =
    "for i = 1, 100 do redis.call('XADD', KEYS[1], '*', 'kind', 'joined', 'at', 1, 'place', i, 'count', 0) end"
  await virtual.redis.eval(append, 1, log)
  const full = await fillRedis(server.url)
  try {
    const cut: number[] = []
    const bounds = createLogBounds({
      ...{ line: virtual.line, entriesMax: 100, behind: () => [sale], onCut: (_, count) => cut.push(count) },
      onFailure: (_, error) => {
        throw error
      },
    })
    await bounds.keep()
    expect(cut).toEqual([19])
    expect(await archiveLog({ line: virtual.line, pool }, sale)).toMatchObject({ isBehind: false })
    const [[newest = ''] = []] = await virtual.redis.xrevrange(log, '+', '-', 'COUNT', 1)
    expect((await readLineTotals(pool, sale)).reached).toBe(newest)
  } finally {
    await full.free()
  }
})
