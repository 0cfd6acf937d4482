import { eventually } from '@floodgate/testkit'
import { silentLogger } from '@floodgate/testkit/fixtures'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { tryToProject } from '../catalogue/project.ts'
import { saveCatalogue } from '../catalogue/store.ts'
import { commitBatch } from '../ledger/commit-batch.ts'
import type { CommitOutcome } from '../ledger/commit-outcome.ts'
import type { GroupCommit } from '../ledger/group-commit.ts'
import type { NewOrder } from '../order/order.ts'
import type { HoldTaken } from '../stock/hold.ts'
import { saleKeys } from '../stock/keys.ts'
import { createMarkCommittedSoon } from '../stock/mark-committed.ts'
import { newOrder } from '../testing/new-orders.ts'
import { createTestStock, type TestStock } from '../testing/stock.ts'
import { commitHold } from './commit-hold.ts'

let stock: TestStock
let sale: string
/** Sales in which the ledger rejected what Redis allowed. */
const disagreements: string[] = []
beforeAll(async () => {
  stock = await createTestStock()
})
afterAll(() => stock?.remove())
beforeEach(async () => {
  disagreements.length = 0
  sale = await stock.createSale()
})

const idle = { size: () => 0, isFull: () => false, stop: async () => undefined }
const busy: GroupCommit = { ...idle, submit: async () => ({ kind: 'busy' }) }
const committing = (outcome: CommitOutcome): GroupCommit => ({
  ...idle,
  submit: async () => ({ kind: 'committed', outcome, batchSize: 1 }),
})
const writing: GroupCommit = {
  ...idle,
  submit: async (order) => {
    const times = { holdMs: 600_000, chargeMarginMs: 0 }
    const { pool } = stock
    const outcomes = await commitBatch({ pool, times, giveUpAfterMs: 2_000, onError: () => undefined }, [order])
    return { kind: 'committed', outcome: outcomes.get(order.id) ?? { kind: 'unknown' }, batchSize: 1 }
  },
}
const orderOf = (id: string, taken: HoldTaken): NewOrder =>
  newOrder({ id, sale, buyer: 'ann', slot: taken.hold.slot, epoch: taken.hold.epoch, lines: taken.hold.lines })
const commit = async (id: string, taken: HoldTaken, ledger: GroupCommit) => {
  const { stockRedis } = stock
  const deps = {
    stockRedis,
    ledger,
    log: silentLogger,
    markCommittedSoon: createMarkCommittedSoon({ stockRedis, log: silentLogger }),
  }
  const { outcome } = await commitHold(
    { ...deps, onPlaced: () => undefined, onDisagreement: (of) => void disagreements.push(of) },
    { ...taken.hold, order: orderOf(id, taken), adopted: taken.kind === 'adopted' },
  )
  return outcome
}

it('a request that took its hold and finds the queue full gives it back', async () => {
  const order = crypto.randomUUID()
  const held = await stock.hold({ sale, order, slot: 'one' })
  expect(await commit(order, held, busy)).toEqual({ kind: 'busy' })
  await eventually(async () => expect(await stock.counters(sale)).toEqual({ available: 10, held: 0 }))
})

it.each([
  ['a full queue', busy],
  [
    'a ledger that is sold out',
    committing({
      kind: 'sold-out',
      catalogueVersion: 1,
      shortages: [{ sku: 'tea', quantity: 1, available: 0, unsold: 0 }],
    }),
  ],
])(
  'a retry that meets %s leaves the hold to the request that commits it: the slot gets no second order',
  async (_, other) => {
    const order = crypto.randomUUID()
    const first = await stock.hold({ sale, order, slot: 'one' })
    const retry = await stock.hold({ sale, order, slot: 'one' })
    expect(retry.kind).toBe('adopted')
    await commit(order, retry, other)
    // The first request commits only now.
    expect(await commit(order, first, writing)).toMatchObject({ kind: 'accepted', order: { id: order } })
    await eventually(async () =>
      expect(await stock.redis.hget(saleKeys(sale).hold(order), 'state'), 'and is pending').toBe('pending'),
    )
    expect(await stock.counters(sale)).toEqual({ available: 9, held: 1 })
    await expect(stock.hold({ sale, order: crypto.randomUUID(), slot: 'one' })).rejects.toThrow('order-exists')
  },
)

it('an adopted hold is written with the slot that it is bound to, whatever admission the retry came with', async () => {
  const order = crypto.randomUUID()
  await stock.hold({ sale, order, slot: 'first' })
  const adopted = await stock.hold({ sale, order, slot: 'second' })
  expect(adopted).toMatchObject({ kind: 'adopted', hold: { slot: 'first' } })
})

it('a slot that Redis has forgotten starts no second order: Postgres rejects it, and Redis gets the first', async () => {
  const keys = saleKeys(sale)
  const first = crypto.randomUUID()
  await commit(first, await stock.hold({ sale, order: first, slot: 'one' }), writing)
  await eventually(async () => expect(await stock.redis.hget(keys.hold(first), 'state')).toBe('pending'))
  await stock.redis.del(keys.hold(first))
  await stock.redis.hdel(keys.slots, 'one')

  const second = crypto.randomUUID()
  const outcome = await commit(second, await stock.hold({ sale, order: second, slot: 'one' }), writing)
  expect(outcome).toEqual({ kind: 'order-exists', order: first })
  await eventually(async () => expect(await stock.redis.hget(keys.slots, 'one')).toBe(first))
  expect((await stock.counters(sale)).held, 'what was held for the second is back').toBe(1)
  const { rows } = await stock.pool.query('select id from orders.orders where sale = $1', [sale])
  expect(rows).toEqual([{ id: first }])
})

describe('a hold that Redis took and the ledger rejects', () => {
  const tea = { sku: 'tea', name: 'Tea', listPriceMinor: 10, salePriceMinor: 5, total: 10, perBuyerLimit: 5 }
  const change = async (items: readonly object[]) => {
    const saved = await saveCatalogue(stock.pool, { sale, body: { currency: 'EUR', items: items as [typeof tea] } })
    if (saved.kind !== 'saved') throw new Error(saved.kind)
    return saved.catalogue
  }
  const place = async (slot: string) => {
    const order = crypto.randomUUID()
    return await commit(order, await stock.hold({ sale, order, slot }), writing)
  }

  it.each([
    ['sold-out', 'the total was lowered', [{ ...tea, total: 1 }]],
    ['over-limit', 'the limit was lowered', [{ ...tea, perBuyerLimit: 1 }]],
  ])('as %s is given back without a rebuild when %s meanwhile', async (kind, _, items) => {
    expect(await place('one')).toMatchObject({ kind: 'accepted' })
    const order = crypto.randomUUID()
    const taken = [await stock.hold({ sale, order, slot: 'two' }), await stock.hold({ sale, order, slot: 'two' })]
    const changed = await change(items)
    expect(await place('three')).toMatchObject({ kind })
    expect(await tryToProject(stock.stockRedis, changed)).toBe('projected')
    for (const each of taken) expect(await commit(order, each, writing)).toMatchObject({ kind })
    expect(disagreements).toEqual([])
    const [{ total } = tea] = changed.items
    // The hold of two requests is left to the resolver.
    await eventually(async () => expect(await stock.counters(sale)).toEqual({ available: total - 2, held: 2 }))
  })

  it('as sold-out is given back without a rebuild when its item has left the catalogue meanwhile', async () => {
    const cup = { ...tea, sku: 'cup' }
    const order = crypto.randomUUID()
    const taken = await stock.hold({ sale, order, slot: 'one' })
    await change([cup])
    expect(await commit(order, taken, writing)).toMatchObject({ kind: 'sold-out' })
    expect(disagreements).toEqual([])
  })

  it('has the sale rebuilt when both know the same catalogue', async () => {
    await tryToProject(stock.stockRedis, await change([{ ...tea, total: 1 }]))
    expect(await place('one')).toMatchObject({ kind: 'accepted' })
    await stock.redis.hset(saleKeys(sale).stock, 'tea', 1)
    expect(await place('two')).toMatchObject({ kind: 'sold-out' })
    expect(disagreements).toEqual([sale])
  })

  it('has the sale rebuilt when a process of an older release took it, which noted no version', async () => {
    const order = crypto.randomUUID()
    await stock.hold({ sale, order, slot: 'one' })
    await stock.redis.hdel(saleKeys(sale).hold(order), 'version')
    await change([{ ...tea, sku: 'cup' }])
    expect(await commit(order, await stock.hold({ sale, order, slot: 'one' }), writing)).toMatchObject({
      kind: 'sold-out',
    })
    expect(disagreements).toEqual([sale])
  })
})
