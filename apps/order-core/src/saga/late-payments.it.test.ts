import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { auditStock } from '../reconcile/audit.ts'
import { cursorFrom, followChanges } from '../reconcile/follow-changes.ts'
import { createCorrectStock } from '../stock/correct-stock.ts'
import { createEndHolds } from '../stock/end-holds.ts'
import { saleKeys } from '../stock/keys.ts'
import { createTestStock, type TestStock } from '../testing/stock.ts'
import { createTestTransitions } from '../testing/transitions.ts'
import type { Transitions } from './transitions.ts'

let test: TestStock
let saga: Transitions
beforeAll(async () => {
  test = await createTestStock()
  saga = createTestTransitions(test.pool, {
    endHolds: createEndHolds(test.stockRedis),
    correctStock: createCorrectStock(test.stockRedis),
  })
})
afterAll(() => test.remove())

interface Placed {
  readonly sale: string
  readonly order: string
  readonly slot: string
  readonly buyer: string
}

async function place(sale: string, buyer = 'ann'): Promise<Placed> {
  const asked = { sale, order: crypto.randomUUID(), slot: crypto.randomUUID(), buyer }
  await test.commit(asked, await test.hold(asked))
  return asked
}

async function placeExpired(sale: string, buyer?: string): Promise<Placed> {
  const placed = await place(sale, buyer)
  await saga.apply([{ order: placed.order, fact: 'hold-expired' }])
  return placed
}

const pay = (...orders: readonly Placed[]) =>
  saga.apply(orders.map(({ order }) => ({ order, fact: 'payment-succeeded' as const })))

const rowOf = async ({ order }: Placed) => {
  const { rows } = await test.pool.query(
    'select status, cancel_reason as reason, revived_at is not null as revived from orders.orders where id = $1',
    [order],
  )
  return rows[0]
}
const eventsOf = async ({ order }: Placed) => {
  const { rows } = await test.pool.query<{ type: string; data: string }>(
    'select type, data from orders.outbox where key = $1 order by id',
    [order],
  )
  return rows.map(({ type, data }) => ({ type, revived: JSON.parse(data).revived }))
}
const audit = (sale: string) => auditStock(test, sale)
const unitsOf = (sale: string, buyer = 'ann') => test.redis.hget(saleKeys(sale).units, `tea|${buyer}`)

describe('a payment for an expired order', () => {
  it('confirms it while its units are there: ledger, event, Redis and the limit of its buyer agree', async () => {
    const sale = await test.createSale({ perBuyerLimit: 1 })
    const late = await placeExpired(sale)
    expect(await pay(late, late)).toMatchObject([{ kind: 'moved', to: 'confirmed' }, { kind: 'ignored' }])
    expect(await pay(late)).toMatchObject([{ kind: 'ignored', status: 'confirmed' }])
    expect(await rowOf(late)).toEqual({ status: 'confirmed', reason: 'expired', revived: true })
    expect(await eventsOf(late)).toMatchObject([
      {},
      { type: 'order.cancelled.v1' },
      { type: 'order.confirmed.v1', revived: true },
    ])
    expect(await audit(sale)).toMatchObject({ agree: true, skus: [{ postgres: { available: 9, held: 0, sold: 1 } }] })
    expect(await unitsOf(sale)).toBe('1')
    expect((await test.tryHold({ ...late, order: crypto.randomUUID(), slot: 'another' })).kind).toBe('over-limit')
  })

  it('is refunded when its units are sold or held by others: as many orders are confirmed as there are units', async () => {
    const sale = await test.createSale({ total: 3 })
    const late: Placed[] = []
    for (const buyer of ['a', 'b', 'c']) late.push(await placeExpired(sale, buyer))
    await place(sale, 'd')
    expect(await pay(...late)).toMatchObject([{ to: 'confirmed' }, { to: 'confirmed' }, { to: 'refund_pending' }])
    expect(await audit(sale)).toMatchObject({ agree: true, skus: [{ postgres: { available: 0, held: 1, sold: 2 } }] })
  })

  it('is refunded when its buyer has bought up to the limit meanwhile', async () => {
    const sale = await test.createSale({ perBuyerLimit: 1 })
    const late = await placeExpired(sale)
    await pay(await place(sale))
    expect(await pay(late)).toMatchObject([{ to: 'refund_pending' }])
    expect(await audit(sale)).toMatchObject({ agree: true, skus: [{ postgres: { sold: 1 } }] })
  })

  it.each(['payment-declined', 'cancelled-by-buyer', 'cancelled-by-operator'] as const)(
    'is for expired orders only: after %s it is refunded',
    async (fact) => {
      const order = await place(await test.createSale())
      await saga.apply([{ order: order.order, fact }])
      expect(await pay(order)).toMatchObject([{ to: 'refund_pending' }])
    },
  )

  it('is refunded once the sale is retired or the buyer erased, and when it had a voucher', async () => {
    const sale = await test.createSale()
    const other = await test.createSale()
    const [retired, erased, cheaper] = [await placeExpired(sale), await placeExpired(other), await placeExpired(other)]
    await test.pool.query('update orders.catalogues set retired_at = now() where sale = $1', [sale])
    await test.pool.query("update orders.orders set sealed_email = '' where id = $1", [erased.order])
    await test.pool.query("update orders.orders set voucher = 'ten-percent' where id = $1", [cheaper.order])
    const refunds = [retired, erased, cheaper].map(() => ({ to: 'refund_pending' }))
    expect(await pay(retired, erased, cheaper)).toMatchObject(refunds)
  })

  it('takes the last unit from a hold that Postgres has not accepted: its order is rejected, nothing is oversold', async () => {
    const sale = await test.createSale({ total: 1 })
    const late = await placeExpired(sale)
    const other = { sale, order: crypto.randomUUID(), slot: 'other', buyer: 'bob' }
    const held = await test.hold(other)
    expect(await pay(late)).toMatchObject([{ to: 'confirmed' }])
    expect((await test.tryHold({ ...other, order: crypto.randomUUID(), slot: 'third' })).kind).toBe('sold-out')
    expect((await test.commit(other, held))?.kind).not.toBe('written')
    expect((await test.pool.query('select from orders.orders where id = $1', [other.order])).rowCount).toBe(0)
  })
})

describe('Redis learns of a late payment', () => {
  const mute = () => createTestTransitions(test.pool, { endHolds: createEndHolds(test.stockRedis) })

  it('from the reconciler, once, when the process died after its commit', async () => {
    const sale = await test.createSale()
    const { order } = await placeExpired(sale)
    await mute().apply([{ order, fact: 'payment-succeeded' }])
    expect(await audit(sale)).toMatchObject({ agree: false })
    const horizon = new Date(Date.now() + 60_000)
    const follow = () => followChanges(test, { sale, cursor: cursorFrom(new Date(0)), horizon })
    expect((await follow()).mended).toBe(1)
    expect((await follow()).mended).toBe(0)
    expect(await audit(sale)).toMatchObject({ agree: true })
  })

  it('by a rebuild, which counts it once, whenever its own call arrives', async () => {
    const sale = await test.createSale({ perBuyerLimit: 1 })
    const { order, ...late } = await placeExpired(sale)
    await mute().apply([{ order, fact: 'payment-succeeded' }])
    await test.stockRedis.rebuild(sale, { force: true })
    expect(await audit(sale)).toMatchObject({ agree: true })
    const correction = { id: order, sale, buyer: 'ann', lines: [{ sku: 'tea', quantity: 1 }] }
    expect(await createCorrectStock(test.stockRedis)([correction])).toEqual(['unchanged'])
    expect(await audit(sale)).toMatchObject({ agree: true })
    expect((await test.tryHold({ ...late, order: crypto.randomUUID(), slot: 'another' })).kind).toBe('over-limit')
  })

  it('before or after its buyer is loaded into a rebuilt stock', async () => {
    const sale = await test.createSale({ perBuyerLimit: 2 })
    const [first, second] = [await placeExpired(sale), await placeExpired(sale, 'bob')]
    await test.stockRedis.rebuild(sale, { force: true })
    const correct = createCorrectStock(test.stockRedis)
    const sold = ({ order, buyer }: Placed) => ({ id: order, sale, buyer, lines: [{ sku: 'tea', quantity: 1 }] })
    await mute().apply([
      { order: first.order, fact: 'payment-succeeded' },
      { order: second.order, fact: 'payment-succeeded' },
    ])
    await correct([sold(first)])
    for (const { buyer } of [first, second])
      expect((await test.tryHold({ sale, order: crypto.randomUUID(), slot: `next-${buyer}`, buyer })).kind).toBe('held')
    await correct([sold(second)])
    expect([await unitsOf(sale, 'ann'), await unitsOf(sale, 'bob')]).toEqual(['2', '2'])
  })
})
