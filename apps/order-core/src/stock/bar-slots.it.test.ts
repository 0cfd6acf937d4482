import { withTransaction } from '@floodgate/database'
import { eventually } from '@floodgate/testkit'
import { silentLogger } from '@floodgate/testkit/fixtures'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { createRevocations, voidRevoked } from '../checkout/revocations.ts'
import { resolveOverdueHolds } from '../reconcile/overdue-holds.ts'
import { createTestStock, type TestStock } from '../testing/stock.ts'
import { createEndHolds, undoHold } from './end-holds.ts'
import type { HoldTaken } from './hold.ts'
import { saleKeys } from './keys.ts'

let stock: TestStock
let sale = ''
beforeAll(async () => {
  stock = await createTestStock()
})
afterAll(() => stock.remove())
beforeEach(async () => {
  sale = await stock.createSale({ total: 10_000, perBuyerLimit: 3 })
})

const deps = () => ({ ...stock, log: silentLogger, wakeRelay: () => undefined })
const askedFor = (slot: string, order: string = crypto.randomUUID()) => ({
  ...{ sale, order, buyer: `buyer of ${slot}`, slot, requestHash: 'hash' },
})
const hold = async (
  slot: string,
  { order, commitWithinMs = 60_000 }: { order?: string; commitWithinMs?: number } = {},
) => {
  const asked = askedFor(slot, order)
  return { outcome: await stock.tryHold({ ...asked, commitWithinMs }), asked }
}
const commit = async ({ outcome, asked }: Awaited<ReturnType<typeof hold>>) =>
  (await stock.commit(asked, outcome))?.kind
const revoke = async (...slots: string[]) => {
  const at = new Date().toISOString()
  const data = { sale, passExpiresAt: new Date(Date.now() + 600_000).toISOString(), at }
  const envelope = { source: '/test', time: at, aggregateVersion: 1 }
  await createRevocations(deps()).remember(
    slots.map((slot) => ({ type: 'admission.revoked.v1', id: slot, ...envelope, data: { ...data, slot } })),
  )
}
const voided = async () => {
  const { rows } = await stock.pool.query<{ slot: string }>(
    `select key as slot from orders.outbox where type = 'admission.voided.v1' and data::json->>'sale' = $1 order by id`,
    [sale],
  )
  return rows.map(({ slot }) => slot)
}

it('a revoked slot starts no order, and its admission is voided once, however often it is checked', async () => {
  await revoke('free')
  await revoke('free')
  await Promise.all([voidRevoked(deps()), voidRevoked(deps())])
  await voidRevoked(deps())
  expect((await hold('free')).outcome).toEqual({ kind: 'revoked' })
  expect((await hold('another')).outcome).toMatchObject({ kind: 'held' })
  expect(await voided()).toEqual(['free'])
})

it('an admission is not void while an order waits for its commit, is pending, or its process may still commit it', async () => {
  const early = await hold('early')
  await revoke('early')
  await voidRevoked(deps())
  expect(await voided()).toEqual([])
  expect(await commit(early)).toBe('placed')
  await voidRevoked(deps())
  expect(await voided()).toEqual([])
  // The same order is returned; another is not started.
  expect((await hold('early', { order: early.asked.order })).outcome).toMatchObject({ kind: 'adopted' })
  expect((await hold('early')).outcome).toMatchObject({ kind: 'order-exists' })
  await createEndHolds(stock.stockRedis)([{ order: early.asked.order, sale, outcome: 'released', releaseSlot: true }])
  // After a declined card the buyer may try another; a buyer who gave the turn back may not.
  expect((await hold('early')).outcome).toEqual({ kind: 'revoked' })
  await voidRevoked(deps())
  expect(await voided()).toEqual(['early'])
})

it('a hold whose process stopped before the commit is abandoned first: then the late commit loses, and the admission is void', async () => {
  const stopped = await hold('stopped', { commitWithinMs: 1 })
  await revoke('stopped')
  await voidRevoked(deps())
  expect(await voided()).toEqual([])
  await eventually(async () =>
    expect(await resolveOverdueHolds({ ...stock, log: silentLogger }, sale)).toMatchObject({ abandoned: 1 }),
  )
  await voidRevoked(deps())
  expect(await voided()).toEqual(['stopped'])
  expect(await commit(stopped)).toBe('existing')
})

it('a loss of Redis loses neither that a slot is barred nor that an order is in progress on one', async () => {
  const [pending, undone] = [await hold('pending'), await hold('undone')]
  expect(await commit(pending)).toBe('placed')
  await revoke('pending', 'undone', 'free')
  await voidRevoked(deps())
  expect(await voided()).toEqual(['free'])
  await stock.redis.flushall()
  await voidRevoked(deps())
  await stock.stockRedis.rebuild(sale)
  await voidRevoked(deps())
  // The hold that Redis lost can no longer be committed.
  expect(await voided()).toEqual(['free', 'undone'])
  expect(await commit(undone)).toBe('stale')
  await stock.redis.flushall()
  await stock.stockRedis.rebuild(sale)
  for (const slot of ['undone', 'free']) expect((await hold(slot)).outcome).toEqual({ kind: 'revoked' })
  expect((await hold('pending')).outcome).toMatchObject({ kind: 'order-exists' })
})

it('nothing is void because of an uncommitted rebuild: orders from before it may still be committed', async () => {
  const before = [await hold('before-1'), await hold('before-2')] as const
  await revoke('before-1', 'before-2')
  const keys = saleKeys(sale)
  const epoch = (await stock.redis.hget(keys.meta, 'epoch')) ?? ''
  // A rebuild that died after it wrote Redis: a new epoch there, without the holds.
  await stock.redis.del(keys.slots, keys.holds)
  await stock.redis.hset(keys.meta, 'epoch', `${Number(epoch.split(':')[0]) + 1}:${epoch.split(':')[1]}`)
  expect(await commit(before[0])).toBe('placed')
  // Redis is rebuilt from the ledger first, which ends every other order from before.
  await voidRevoked(deps())
  await stock.stockRedis.rebuild(sale)
  expect(await voided()).toEqual([])
  expect(await commit(before[1])).toBe('stale')
  await voidRevoked(deps())
  expect(await voided()).toEqual(['before-2'])
})

it('a rebuild in progress is awaited', async () => {
  await revoke('free')
  const raised = await withTransaction(stock.pool, async (client) => {
    await client.query('update orders.fences set epoch = epoch + 1 where sale = $1', [sale])
    const looking = voidRevoked(deps())
    await eventually(async () => {
      const { rows } = await stock.pool.query(
        `select from pg_stat_activity where wait_event_type = 'Lock' and query like '%for share%'`,
      )
      expect(rows.length).toBeGreaterThan(0)
    })
    return { looking }
  })
  await raised.looking
  expect(await voided()).toEqual([])
})

it('any number of revoked slots with orders do not block those behind them, nor does a failing sale', async () => {
  const busy = Array.from({ length: 600 }, (_, index) => `busy-${String(index).padStart(4, '0')}`)
  const holds = await Promise.all(busy.map((slot) => hold(slot)))
  await revoke(...busy, 'free')
  await stock.pool.query(
    `insert into orders.revocations (sale, slot, pass_expires_at) values ('a-broken-one', 's', now() + interval '1 hour')`,
  )
  await stock.redis.set(saleKeys('a-broken-one').meta, 'not a hash')
  await voidRevoked(deps())
  expect(await voided()).toEqual(['free'])
  const { asked, outcome } = holds[0] ?? (await hold('none'))
  await undoHold(stock.stockRedis, { sale, order: asked.order, attempt: (outcome as HoldTaken).hold.attempt })
  await voidRevoked(deps())
  expect(await voided()).toEqual(['free', busy[0]])
  await stock.pool.query(`delete from orders.revocations where sale = 'a-broken-one'`)
})
