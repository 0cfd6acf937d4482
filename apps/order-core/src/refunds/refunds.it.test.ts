import type { FloodgateEvent } from '@floodgate/contracts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { auditStock } from '../reconcile/audit.ts'
import { cursorFrom, followChanges } from '../reconcile/follow-changes.ts'
import { createCorrectStock } from '../stock/correct-stock.ts'
import { createEndHolds } from '../stock/end-holds.ts'
import { createTestRefundDeps } from '../testing/refunds.ts'
import { createTestStock, type TestStock } from '../testing/stock.ts'
import { createTestTransitions } from '../testing/transitions.ts'
import { createRefundChanges, type RefundChanges } from './change-refunds.ts'
import { readRefunds } from './refund-rows.ts'
import { createRequestRefund, type RefundRequest, type RequestRefund } from './request-refund.ts'

let test: TestStock
let requestRefund: RequestRefund
let changes: RefundChanges
beforeAll(async () => {
  test = await createTestStock()
  const deps = createTestRefundDeps(test.pool, { correctStock: createCorrectStock(test.stockRedis) })
  requestRefund = createRequestRefund(deps)
  changes = createRefundChanges(deps)
})
afterAll(() => test.remove())

/** Places and pays an order of some units. */
async function buy(sale: string, { quantity = 3, buyer = 'ann' } = {}): Promise<string> {
  const asked = {
    sale,
    order: crypto.randomUUID(),
    slot: crypto.randomUUID(),
    buyer,
    lines: [{ sku: 'tea', quantity }],
  }
  await test.commit(asked, await test.hold(asked))
  const { apply } = createTestTransitions(test.pool, { endHolds: createEndHolds(test.stockRedis) })
  await apply([{ order: asked.order, fact: 'payment-succeeded' }])
  return asked.order
}

const newRequest = (order: string): RefundRequest => ({
  ...{ id: crypto.randomUUID(), order, requestHash: 'hash', restock: true, reason: 'test', by: 'operator' },
})
const refund = (order: string, more: Partial<RefundRequest> = {}) => {
  const request = { ...newRequest(order), ...more }
  return { id: request.id, request, done: requestRefund(request) }
}
const units = (quantity: number) => [{ sku: 'tea', quantity }]
const audit = async (sale: string) => await auditStock(test, sale)
const rowOf = async (order: string) => {
  const { rows } = await test.pool.query(
    'select status, refunds_minor as "refundsMinor", refund_scope as scope, version from orders.orders where id = $1',
    [order],
  )
  return rows[0]
}
const eventsOf = async (order: string) => {
  const { rows } = await test.pool.query<{ type: string; version: number; data: string }>(
    `select type, version, data from orders.outbox where key = $1 and type like '%refund%' order by id`,
    [order],
  )
  return rows.map(({ type, version, data }) => {
    const { amountMinor, orderStatus } = JSON.parse(data).refund
    return `${version} ${type.slice('order.'.length, -'.v1'.length)} ${amountMinor} ${orderStatus}`
  })
}
const told = (type: 'payment.refunded.v1' | 'payment.refund-refused.v1', order: string, id: string): FloodgateEvent =>
  ({
    ...{ type, id: crypto.randomUUID(), source: '/test', time: new Date().toISOString(), aggregateVersion: 9 },
    data: { order, sale: 'any', amountMinor: 5, currency: 'EUR', refund: id, charge: 'c', reason: 'no' },
  }) as FloodgateEvent

describe('a refund of a paid order', () => {
  it('by line leaves the order confirmed, and with its last unit the order is refunded', async () => {
    const sale = await test.createSale()
    const order = await buy(sale)
    const first = refund(order, { items: units(1) })
    expect(await first.done).toEqual({ kind: 'requested' })
    expect(await rowOf(order)).toMatchObject({ status: 'confirmed', refundsMinor: 5, scope: 'part' })
    const rest = refund(order)
    expect(await rest.done).toEqual({ kind: 'requested' })
    expect(await rowOf(order)).toMatchObject({ status: 'confirmed', refundsMinor: 15, scope: 'whole' })
    await changes.settle([told('payment.refunded.v1', order, rest.id)])
    expect(await rowOf(order)).toMatchObject({ status: 'confirmed' })
    const last = told('payment.refunded.v1', order, first.id)
    await changes.settle([last, last])
    await changes.settle([last])
    expect(await rowOf(order)).toMatchObject({ status: 'refunded', version: 6 })
    expect(await eventsOf(order)).toEqual([
      '3 refund-requested 5 confirmed',
      '4 refund-requested 10 refund_pending',
      '5 refunded 10 refund_pending',
      '6 refunded 5 refunded',
    ])
    expect(await refund(order).done).toEqual({ kind: 'not-refundable', state: 'refunded' })
  })

  it('puts its units back into stock and into the limit of its buyer, or leaves both as they are', async () => {
    const sale = await test.createSale({ total: 5, perBuyerLimit: 3 })
    const order = await buy(sale)
    await refund(order, { items: units(1), restock: true }).done
    await refund(order, { items: units(1), restock: false }).done
    expect(await audit(sale)).toMatchObject({ agree: true, skus: [{ postgres: { available: 3, held: 0, sold: 2 } }] })
    const another = (quantity: number) =>
      test.tryHold({ sale, order: crypto.randomUUID(), slot: crypto.randomUUID(), lines: units(quantity) })
    expect([(await another(2)).kind, (await another(1)).kind]).toEqual(['over-limit', 'held'])
  })

  it('never gives back more than was paid, however many are requested at once', async () => {
    const order = await buy(await test.createSale())
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => refund(order, { items: units(1) }).done))
    expect(outcomes.filter(({ kind }) => kind === 'requested')).toHaveLength(3)
    expect(outcomes).toContainEqual({ kind: 'too-many', skus: ['tea'] })
    expect(await rowOf(order)).toMatchObject({ refundsMinor: 15, scope: 'whole' })
    const more = test.pool.query('update orders.orders set refunds_minor = refunds_minor + 1 where id = $1', [order])
    await expect(more).rejects.toMatchObject({ constraint: 'orders_refunds_within_total' })
  })

  it('is requested once for its id, and not with another request', async () => {
    const sale = await test.createSale()
    const order = await buy(sale)
    const { request, done } = refund(order, { items: units(2) })
    await done
    expect(await requestRefund(request)).toEqual({ kind: 'repeated' })
    expect(await requestRefund({ ...request, requestHash: 'other' })).toEqual({ kind: 'key-reused' })
    expect(await eventsOf(order)).toHaveLength(1)
    expect(await audit(sale)).toMatchObject({ agree: true, skus: [{ postgres: { sold: 1 } }] })
  })

  it('gives back what was paid with a voucher, also where events have neither names nor the discount', async () => {
    const order = await buy(await test.createSale())
    await test.pool.query(
      `update orders.orders set voucher = 'spring', discount_minor = 6, total_minor = 9
      where id = $1`,
      [order],
    )
    const nameless = createRequestRefund(createTestRefundDeps(test.pool, { namesInEvents: false }))
    const requests = [{ ...newRequest(order), items: units(1) }, newRequest(order)]
    for (const request of requests) expect(await nameless(request)).toEqual({ kind: 'requested' })
    expect(await rowOf(order)).toMatchObject({ refundsMinor: 9, scope: 'whole' })
    expect(await eventsOf(order)).toEqual(['3 refund-requested 3 confirmed', '4 refund-requested 6 refund_pending'])
    const { rows } = await test.pool.query(`select data from orders.outbox where key = $1 and type like '%refund%'`, [
      order,
    ])
    for (const { data } of rows) expect(data).not.toMatch(/"(discountMinor|name)"/)
  })

  it('needs a paid order', async () => {
    const sale = await test.createSale()
    const asked = { sale, order: crypto.randomUUID(), slot: 'slot' }
    await test.commit(asked, await test.hold(asked))
    expect(await refund(asked.order).done).toEqual({ kind: 'not-refundable', state: 'pending' })
    expect(await refund(crypto.randomUUID()).done).toEqual({ kind: 'unknown' })
  })

  it('of an order that cost nothing is made at once, and asks nobody for money', async () => {
    const sale = await test.createSale()
    const order = await buy(sale)
    await test.pool.query('update orders.orders set total_minor = 0 where id = $1', [order])
    await test.pool.query('update orders.order_lines set price_minor = 0 where order_id = $1', [order])
    await refund(order).done
    expect(await rowOf(order)).toMatchObject({ status: 'refunded', refundsMinor: 0, scope: 'whole' })
    expect(await eventsOf(order)).toEqual(['3 refunded 0 refunded'])
    expect(await audit(sale)).toMatchObject({ agree: true, skus: [{ postgres: { sold: 0 } }] })
  })
})

describe("a buyer's cancellation of a paid order", () => {
  const cancel = (order: string) => refund(order, { by: 'buyer' }).done
  const allow = (sale: string, seconds: number) =>
    test.pool.query('update orders.catalogues set cancel_within_seconds = $2 where sale = $1', [sale, seconds])

  it('is allowed as long as the sale says, counted from the confirmation by the clock of Postgres', async () => {
    const sale = await test.createSale({ perBuyerLimit: 9 })
    const [never, late, inTime] = [await buy(sale), await buy(sale), await buy(sale)]
    expect(await cancel(never)).toEqual({ kind: 'too-late' })
    await allow(sale, 60)
    await test.pool.query("update orders.orders set ended_at = now() - interval '61 seconds' where id = $1", [late])
    expect(await cancel(late)).toEqual({ kind: 'too-late' })
    expect(await cancel(inTime)).toEqual({ kind: 'requested' })
    await test.pool.query('update orders.orders set revived_at = now() where id = $1', [late])
    expect(await cancel(late)).toEqual({ kind: 'requested' })
    expect(await audit(sale)).toMatchObject({ skus: [{ postgres: { sold: 3 } }] })
  })
})

describe('a refund that the provider rejects', () => {
  it('is parked alone, and made when the operator requests it again', async () => {
    const order = await buy(await test.createSale())
    const [bad, good] = [refund(order, { items: units(1) }), refund(order, { items: units(2) })]
    await Promise.all([bad.done, good.done])
    await changes.settle([
      told('payment.refund-refused.v1', order, bad.id),
      told('payment.refunded.v1', order, good.id),
    ])
    const statuses = async () =>
      Object.fromEntries((await readRefunds(test.pool, [order])).map(({ id, status }) => [id, status]))
    expect(await statuses()).toEqual({ [bad.id]: 'parked', [good.id]: 'refunded' })
    expect(await changes.repeat(order)).toBe(1)
    expect(await statuses()).toEqual({ [bad.id]: 'requested', [good.id]: 'refunded' })
    await changes.settle([told('payment.refunded.v1', order, bad.id), told('payment.refund-refused.v1', order, bad.id)])
    expect(await statuses()).toEqual({ [bad.id]: 'refunded', [good.id]: 'refunded' })
    expect(await rowOf(order)).toMatchObject({ status: 'refunded' })
    expect(await changes.repeat(order)).toBe(0)
  })

  it('changes nothing for a refund or an order that is unknown', async () => {
    const order = await buy(await test.createSale())
    await changes.settle([
      told('payment.refunded.v1', order, crypto.randomUUID()),
      told('payment.refunded.v1', crypto.randomUUID(), crypto.randomUUID()),
    ])
    expect(await rowOf(order)).toMatchObject({ status: 'confirmed', version: 2 })
  })
})

it('a refund in progress for too long is requested again, and no other', async () => {
  const [stale, fresh] = [await buy(await test.createSale()), await buy(await test.createSale())]
  for (const order of [stale, fresh]) await refund(order).done
  await test.pool.query("update orders.refunds set updated_at = now() - interval '6 minutes' where order_id = $1", [
    stale,
  ])
  const limits = { olderThanMs: 300_000, max: 10 }
  expect(await changes.repeatStale(limits)).toBe(1)
  expect(await changes.repeatStale(limits)).toBe(0)
  expect([await eventsOf(stale), await eventsOf(fresh)].map(({ length }) => length)).toEqual([2, 1])
})

it('a parked refund waits for the operator, although another one of its order is requested again', async () => {
  const order = await buy(await test.createSale())
  const [parked, stale] = [refund(order, { items: units(1) }), refund(order, { items: units(1) })]
  await Promise.all([parked.done, stale.done])
  await changes.settle([told('payment.refund-refused.v1', order, parked.id)])
  await test.pool.query("update orders.refunds set updated_at = now() - interval '6 minutes' where order_id = $1", [
    order,
  ])
  expect(await changes.repeatStale({ olderThanMs: 300_000, max: 10 })).toBe(1)
  const statuses = (await readRefunds(test.pool, [order])).map(({ id, status }) => [id, status])
  expect(Object.fromEntries(statuses)).toEqual({ [parked.id]: 'parked', [stale.id]: 'requested' })
})

it('one refund that cannot be requested again stops no other', async () => {
  const [bad, good] = [await buy(await test.createSale()), await buy(await test.createSale())]
  for (const order of [bad, good]) await refund(order).done
  await test.pool.query(
    "update orders.refunds set updated_at = now() - interval '6 minutes' where order_id = any ($1::uuid[])",
    [[bad, good]],
  )
  await test.pool.query(`create function public.refuse() returns trigger language plpgsql as $$
    begin raise exception 'not this one' using errcode = '23514'; end $$`)
  await test.pool.query(`create trigger refuse before update on orders.orders for each row
    when (old.id = '${bad}') execute function public.refuse()`)
  expect(await changes.repeatStale({ olderThanMs: 300_000, max: 10 })).toBe(1)
  await test.pool.query('drop trigger refuse on orders.orders')
  expect([await eventsOf(bad), await eventsOf(good)].map(({ length }) => length)).toEqual([1, 2])
})

it('what came back into stock reaches Redis also by the reconciler and by a rebuild, once', async () => {
  const sale = await test.createSale({ perBuyerLimit: 3 })
  const order = await buy(sale)
  const mute = createRequestRefund(createTestRefundDeps(test.pool))
  const request = { ...newRequest(order), items: units(1) }
  await mute(request)
  expect(await audit(sale)).toMatchObject({ agree: false })
  const horizon = new Date(Date.now() + 60_000)
  const follow = () => followChanges(test, { sale, cursor: cursorFrom(new Date(0)), horizon })
  expect([(await follow()).mended, (await follow()).mended]).toEqual([1, 0])
  expect(await audit(sale)).toMatchObject({ agree: true })
  await mute({ ...request, id: crypto.randomUUID() })
  await test.stockRedis.rebuild(sale, { force: true })
  expect([(await follow()).mended, await audit(sale)]).toMatchObject([0, { agree: true }])
  const another = { sale, order: crypto.randomUUID(), slot: 'another', lines: units(3) }
  expect((await test.tryHold(another)).kind).toBe('over-limit')
  expect((await test.tryHold({ ...another, lines: units(2) })).kind).toBe('held')
})
