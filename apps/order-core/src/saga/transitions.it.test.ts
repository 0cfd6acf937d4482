import { randomUUID } from 'node:crypto'
import { decodeEvent, eventDefinition } from '@floodgate/contracts'
import { seededRandom } from '@floodgate/testkit'
import { silentLogger } from '@floodgate/testkit/fixtures'
import { Registry } from 'prom-client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { OrderFact } from '../order/decide.ts'
import type { HoldEnd } from '../stock/end-holds.ts'
import { createTestLedger, type TestLedger, testSale, testSkus } from '../testing/ledger.ts'
import { createSagaMetrics } from './saga-metrics.ts'
import { rememberSales, salesOfEvents } from './sale-events.ts'
import { createTransitions, type TransitionOptions, type Transitions } from './transitions.ts'

let ledger: TestLedger
let settled: HoldEnd[]
let wakes: number
beforeEach(async () => {
  ledger = await createTestLedger()
  settled = []
  wakes = 0
})
afterEach(() => ledger.remove())

const log = silentLogger

/** As one process has it; Redis is played by a list of what it was told. */
const createProcess = (
  endHolds?: () => Promise<never>,
  registry = new Registry(),
  changes: Partial<TransitionOptions> = {},
): Transitions =>
  createTransitions({
    declinedMax: 3,
    pool: ledger.pool,
    log,
    metrics: createSagaMetrics(registry),
    wakeRelay: () => {
      wakes += 1
    },
    endHolds:
      endHolds ??
      (async (entries) => {
        settled.push(...entries)
        return entries.map(() => 'settled' as const)
      }),
    ...changes,
  })

const eventsOf = async (order: string) => {
  const { rows } = await ledger.pool.query(
    'select type, version, data, event_id from orders.outbox where key = $1 order by id',
    [order],
  )
  return rows as { type: string; version: number; data: string; event_id: string }[]
}

const placeOne = async () => {
  const [order] = await ledger.place([{ buyer: 'ann', skus: ['bread', 'apple'] }])
  return String(order)
}

describe('a batch of facts', () => {
  it('sells what is paid: ledger, event and Redis agree', async () => {
    const order = await placeOne()
    const outcomes = await createProcess().apply([{ order, fact: 'payment-succeeded' }])
    expect(outcomes).toEqual([{ kind: 'moved', from: 'pending', to: 'confirmed' }])
    expect((await ledger.count()).apple).toMatchObject({ held: 0, sold: 1 })
    expect(await ledger.wrongUnits()).toEqual([])
    expect(settled).toEqual([{ order, sale: testSale, outcome: 'sold', releaseSlot: false }])
    expect(wakes).toBe(1)
  })

  it.each([
    ['payment-declined', 'declined', true],
    ['hold-expired', 'expired', false],
    ['cancelled-by-buyer', 'by-buyer', false],
    ['cancelled-by-operator', 'by-operator', false],
  ] as const)('gives everything back after %s', async (fact, reason, releaseSlot) => {
    const order = await placeOne()
    await createProcess().apply([{ order, fact }])
    expect(await ledger.statuses()).toEqual({ [`cancelled(${reason})`]: 1 })
    expect((await ledger.count()).bread).toMatchObject({ held: 0, sold: 0 })
    expect(await ledger.wrongUnits()).toEqual([])
    expect(settled).toEqual([{ order, sale: testSale, outcome: 'released', releaseSlot }])
  })

  it('ends the slot with the last decline it may have, however many processes declined before, and no other slot', async () => {
    const decline = async (slot: string) => {
      const [order] = await ledger.place([{ buyer: 'ann', skus: ['apple'], slot }])
      // A process of its own, with nothing remembered.
      await createProcess().apply([{ order: String(order), fact: 'payment-declined' }])
      return String(order)
    }
    const declined = [await decline('one'), await decline('one'), await decline('other')]
    expect(await ledger.statuses()).toEqual({ 'cancelled(declined)': 3 })
    const last = await decline('one')
    expect(await ledger.statuses()).toEqual({ 'cancelled(declined)': 3, 'cancelled(declined-final)': 1 })
    expect(settled.map(({ order, releaseSlot }) => [order, releaseSlot])).toEqual([
      ...declined.map((order) => [order, true]),
      [last, false],
    ])
    const [, announced] = await eventsOf(last)
    expect(JSON.parse(announced?.data ?? '')).toMatchObject({ slot: 'one', reason: 'declined-final' })
    // Delivered twice it changes nothing.
    await createProcess().apply([{ order: last, fact: 'payment-declined' }])
    expect(await eventsOf(last)).toHaveLength(2)
    expect(await ledger.wrongUnits()).toEqual([])
  })

  it('names the address with the first decline of a slot only, so that declines are mailed once; other ends are mailed', async () => {
    const process = createProcess()
    const end = async (slot: string, fact: OrderFact) => {
      const [order = ''] = await ledger.place([{ buyer: 'ann', skus: ['apple'], slot }])
      await process.apply([{ order, fact }])
      return JSON.parse((await eventsOf(order)).at(-1)?.data ?? '').sealedEmail
    }
    expect([await end('one', 'payment-declined'), await end('one', 'payment-declined')]).toEqual(['sealed', ''])
    expect(await end('one', 'payment-declined'), 'also the last').toBe('')
    expect(await end('two', 'payment-declined')).toBe('sealed')
    expect([await end('two', 'payment-succeeded')]).toEqual(['sealed'])
  })

  it('names it with the last decline where the first one is the last', async () => {
    const order = await placeOne()
    await createProcess(undefined, new Registry(), { declinedMax: 1 }).apply([{ order, fact: 'payment-declined' }])
    const announced = JSON.parse((await eventsOf(order)).at(-1)?.data ?? '')
    expect(announced).toMatchObject({ reason: 'declined-final', sealedEmail: 'sealed' })
  })

  it('confirms what costs nothing by its own sweep, however many processes do, and never what costs something', async () => {
    const paid = await placeOne()
    const free = await Promise.all([placeOne(), placeOne(), placeOne()])
    await ledger.pool.query('update orders.orders set total_minor = 0 where id = any ($1::uuid[])', [free])
    const { apply } = createProcess()
    const order = String(free[0])
    expect(await apply([{ order, fact: 'payment-declined' }])).toMatchObject([{ kind: 'ignored', status: 'pending' }])
    expect(await apply([{ order: paid, fact: 'nothing-to-pay' }])).toMatchObject([{ kind: 'ignored' }])
    const counts = await Promise.all([createProcess().confirmFree(10), createProcess().confirmFree(10)])
    expect(counts.reduce((sum, count) => sum + count)).toBe(3)
    expect(await createProcess().confirmFree(10)).toBe(0)
    expect(await ledger.statuses()).toEqual({ confirmed: 3, pending: 1 })
    expect((await ledger.count()).apple).toMatchObject({ held: 1, sold: 3 })
    expect(await ledger.wrongUnits()).toEqual([])
    // A payment of nothing, made by an older worker, moves none.
    await apply(free.map((each) => ({ order: each, fact: 'payment-succeeded' })))
    expect((await eventsOf(order)).map(({ type }) => type)).toEqual(['order.placed.v2', 'order.confirmed.v1'])
  })

  it('asks no refund for a cancelled order that cost nothing, nor for one that the ledger does not have', async () => {
    const order = await placeOne()
    await ledger.pool.query('update orders.orders set total_minor = 0')
    const { apply } = createProcess()
    await apply([{ order, fact: 'cancelled-by-buyer' }])
    const payment = { sale: testSale, amountMinor: 0, currency: 'EUR' }
    const unknown = randomUUID()
    const outcomes = await apply([order, unknown].map((each) => ({ order: each, fact: 'payment-succeeded', payment })))
    expect(outcomes).toMatchObject([{ kind: 'ignored', status: 'cancelled' }, { kind: 'unknown' }])
    expect(await ledger.statuses()).toEqual({ 'cancelled(by-buyer)': 1 })
  })

  it('changes nothing when it comes again, alone, doubled or late', async () => {
    const order = await placeOne()
    const { apply } = createProcess()
    await apply([
      { order, fact: 'payment-succeeded' },
      { order, fact: 'payment-succeeded' },
    ])
    const before = await eventsOf(order)
    await apply([{ order, fact: 'payment-succeeded' }])
    await apply([
      { order, fact: 'payment-declined' },
      { order, fact: 'hold-expired' },
      { order, fact: 'cancelled-by-buyer' },
    ])
    expect(await eventsOf(order)).toEqual(before)
    expect(before.map(({ type, version }) => [type, version])).toEqual([
      ['order.placed.v2', 1],
      ['order.confirmed.v1', 2],
    ])
    expect(settled).toHaveLength(1)
    expect(wakes).toBe(1)
  })

  it('takes an order all the way through a late payment, in one batch or in many', async () => {
    const way: OrderFact[] = [
      'cancelled-by-buyer',
      'payment-succeeded',
      'payment-refund-refused',
      'refund-repeated',
      'payment-refunded',
    ]
    const [one, other] = await ledger.place([
      { buyer: 'ann', skus: ['apple'] },
      { buyer: 'bob', skus: ['apple'] },
    ])
    const { apply } = createProcess()
    await apply(way.map((fact) => ({ order: String(one), fact })))
    for (const fact of way) await apply([{ order: String(other), fact }])
    expect(await ledger.statuses()).toEqual({ 'refunded(by-buyer)': 2 })
    for (const order of [one, other]) {
      expect((await eventsOf(String(order))).map(({ type, version }) => `${version} ${type}`)).toEqual([
        '1 order.placed.v2',
        '2 order.cancelled.v1',
        '3 order.refund-requested.v1',
        '4 order.refund-parked.v1',
        '5 order.refund-requested.v1',
        '6 order.refunded.v1',
      ])
    }
    expect((await ledger.count()).apple).toMatchObject({ held: 0, sold: 0 })
    expect(settled).toHaveLength(2)
  })

  it('writes events that the bus can read back', async () => {
    const order = await placeOne()
    await createProcess().apply([
      { order, fact: 'cancelled-by-buyer' },
      { order, fact: 'payment-succeeded' },
    ])
    for (const { type, version, data, event_id } of await eventsOf(order)) {
      expect(eventDefinition(type)?.topic).toBe('floodgate.orders')
      const headers = { ce_type: type, ce_id: event_id, ce_source: '/test', ce_time: '2026-01-01T00:00:00.000Z' }
      const decoded = decodeEvent({ headers: { ...headers, ce_aggregateversion: String(version) }, value: data })
      expect(decoded).toMatchObject({ kind: 'event' })
    }
  })

  it('names the sale and the items in the event, as they are called then', async () => {
    const order = await placeOne()
    const at = new Date().toISOString()
    const data = { sale: testSale, name: 'Frühling & Söhne', state: 'open' as const, opensAt: null, closesAt: null, at }
    const renamed = {
      type: 'sale.configured.v1' as const,
      id: '1',
      source: '/test',
      time: at,
      aggregateVersion: 2,
      data,
    }
    await rememberSales(ledger.pool, salesOfEvents([renamed]))
    await ledger.pool.query(`update orders.stock set name = 'Parkett <Reihe 1>' where sku = 'apple'`)
    await createProcess().apply([{ order, fact: 'payment-succeeded' }])
    const [, confirmed] = await eventsOf(order)
    expect(JSON.parse(confirmed?.data ?? '')).toMatchObject({
      saleName: 'Frühling & Söhne',
      items: [
        { sku: 'apple', name: 'Parkett <Reihe 1>' },
        { sku: 'bread', name: 'bread' },
      ],
    })
  })

  it('says in the event which language its buyer reads: that of the sale, else that of the order, else none', async () => {
    const at = new Date().toISOString()
    const data = { sale: testSale, name: 'Spring', state: 'open' as const, opensAt: null, closesAt: null, at }
    const sale = { type: 'sale.configured.v1' as const, source: '/test', time: at }
    const remember = (language: string | null, version: number) =>
      rememberSales(
        ledger.pool,
        salesOfEvents([
          { ...sale, id: String(version), aggregateVersion: version, data: { ...data, ...(language && { language }) } },
        ]),
      )
    const languageOf = async (language: string | null, changes = {}) => {
      const order = await placeOne()
      await ledger.pool.query('update orders.orders set language = $2 where id = $1', [order, language])
      await createProcess(undefined, new Registry(), changes).apply([{ order, fact: 'payment-succeeded' }])
      return JSON.parse((await eventsOf(order)).at(-1)?.data ?? '').language
    }
    expect([await languageOf(null), await languageOf('ko')], 'before the sale is known').toEqual([undefined, 'ko'])
    await remember(null, 2)
    expect([await languageOf(null), await languageOf('ko')]).toEqual([undefined, 'ko'])
    await remember('en', 3)
    expect([await languageOf(null), await languageOf('ko')]).toEqual(['en', 'en'])
    await remember('tlh', 4)
    expect([await languageOf(null), await languageOf('ko')], 'no texts in it, as for pages').toEqual([undefined, 'ko'])
    await remember('en', 5)
    expect(await languageOf('ko', { namesInEvents: false }), 'other apps may not know it').toBeUndefined()
  })

  it('leaves names out of the event that are not known, or that other apps do not know', async () => {
    const [unnamed, old] = [await placeOne(), await placeOne()]
    await ledger.pool.query(`delete from orders.stock where sku = 'cheese'`)
    await ledger.pool.query(`update orders.order_lines set sku = 'cheese' where order_id = $1 and sku = 'apple'`, [
      unnamed,
    ])
    await createProcess(undefined, new Registry()).apply([{ order: unnamed, fact: 'cancelled-by-operator' }])
    await createProcess(undefined, new Registry(), { namesInEvents: false }).apply([
      { order: old, fact: 'payment-succeeded' },
    ])
    const lastOf = async (order: string) => JSON.parse((await eventsOf(order)).at(-1)?.data ?? '')
    const { saleName, items } = await lastOf(unnamed)
    expect(saleName).toBeUndefined()
    expect(items).toEqual([
      { sku: 'cheese', quantity: 1, priceMinor: 100 },
      { sku: 'bread', quantity: 1, priceMinor: 100, name: 'bread' },
    ])
    expect((await lastOf(old)).items).toEqual(['apple', 'bread'].map((sku) => ({ sku, quantity: 1, priceMinor: 100 })))
  })

  it('knows nothing of an order that is not there, and still does the rest', async () => {
    const order = await placeOne()
    const outcomes = await createProcess().apply([
      { order: randomUUID(), fact: 'payment-succeeded' },
      { order, fact: 'payment-succeeded' },
    ])
    expect(outcomes.map(({ kind }) => kind)).toEqual(['unknown', 'moved'])
  })

  it('gives the money of an order that the ledger does not have back, once, and never takes the order up', async () => {
    const order = randomUUID()
    const payment = { sale: testSale, amountMinor: 4_200, currency: 'EUR' }
    const paid = { order, fact: 'payment-succeeded' as const, payment }
    const [{ apply }, other] = [createProcess(), createProcess()]
    // Delivered twice in one batch, and to two processes at once.
    await Promise.all([apply([paid, paid]), other.apply([paid])])
    await apply([paid])
    expect(await ledger.statuses()).toEqual({ 'refund_pending(abandoned)': 1 })
    const events = await eventsOf(order)
    expect(events.map(({ type }) => type)).toEqual(['order.refund-requested.v1'])
    const data = eventDefinition('order.refund-requested.v1')?.data.parse(JSON.parse(events[0]?.data ?? ''))
    expect(data).toMatchObject({ order, totalMinor: 4_200, currency: 'EUR', items: [], sealedEmail: '' })
    await apply([{ order, fact: 'payment-refunded' }])
    expect(await ledger.statuses()).toEqual({ 'refunded(abandoned)': 1 })
    expect(settled, 'nothing of it is in stock').toEqual([])
  })

  it('counts what it took in of orders that the ledger does not have', async () => {
    const registry = new Registry()
    const payment = { sale: testSale, amountMinor: 1, currency: 'EUR' }
    const orders = [randomUUID(), randomUUID(), await placeOne()]
    await createProcess(undefined, registry).apply(
      orders.map((order) => ({ order, fact: 'payment-succeeded' as const, payment })),
    )
    expect(await ledger.statuses()).toEqual({ confirmed: 1, 'refund_pending(abandoned)': 2 })
    expect(await registry.getSingleMetricAsString('floodgate_unknown_orders_paid_total')).toMatch(/ 2$/m)
  })

  it('stands although Redis could not be told', async () => {
    const order = await placeOne()
    await createProcess(() => Promise.reject(new Error('Connection is closed.'))).apply([
      { order, fact: 'payment-succeeded' },
    ])
    expect(await ledger.statuses()).toEqual({ confirmed: 1 })
  })
})

describe('expiry', () => {
  it('ends what is overdue and nothing else, 500 at a time', async () => {
    const cart = { buyer: 'ann', skus: ['apple'] }
    await ledger.place(
      Array.from({ length: 620 }, () => cart),
      { holdMs: 0 },
    )
    await ledger.place([cart])
    const { expire } = createProcess()
    expect([await expire(500), await expire(500), await expire(500)]).toEqual([500, 120, 0])
    expect(await ledger.statuses()).toEqual({ 'cancelled(expired)': 620, pending: 1 })
    expect((await ledger.count()).apple).toEqual({ held: 1, sold: 0, heldByOrders: 1, soldByOrders: 0 })
    expect(await ledger.wrongUnits()).toEqual([])
  })

  it('of 500 orders while their payments arrive twice and in any order, in two processes: exact, no deadlock', async () => {
    const random = seededRandom(7)
    const carts = Array.from({ length: 500 }, (_, n) => ({
      buyer: `buyer-${n % 40}`,
      skus: testSkus.filter((_, at) => at === n % 3 || random() < 0.5),
    }))
    const orders = await ledger.place(carts, { holdMs: 0 })
    const facts = orders.flatMap((order) => {
      const fact: OrderFact = random() < 0.7 ? 'payment-succeeded' : 'payment-declined'
      return [0, 1].map(() => ({ order, fact, at: random() }))
    })
    facts.sort((a, b) => a.at - b.at)
    const [one, two] = [createProcess(), createProcess()]
    const batches = Array.from({ length: 20 }, (_, n) => facts.slice(n * 50, n * 50 + 50))
    const feed = async (process: Transitions, mine: typeof batches) => {
      for (const batch of mine) await process.apply(batch)
    }
    const expireAll = async (process: Transitions) => {
      for (let done = 0; done < 10; done += 1) await process.expire(100)
    }
    await Promise.all([feed(one, batches.slice(0, 10)), feed(two, batches.slice(10)), expireAll(one), expireAll(two)])
    await expireAll(one)

    const statuses = await ledger.statuses()
    expect(Object.values(statuses).reduce((sum, n) => sum + n, 0)).toBe(500)
    expect(statuses.pending).toBeUndefined()
    for (const { held, sold, heldByOrders, soldByOrders } of Object.values(await ledger.count()))
      expect([held, sold]).toEqual([heldByOrders, soldByOrders])
    expect(await ledger.wrongUnits()).toEqual([])
    expect(new Set(settled.map(({ order }) => order)).size).toBe(500)
    expect(settled).toHaveLength(500)
    const { rows } = await ledger.pool.query(
      `select (select deadlocks from pg_stat_database where datname = current_database())::int as deadlocks,
         (select count(*) from orders.orders o where o.version <> (select max(version) from orders.outbox where key = o.id::text))::int as unannounced`,
    )
    expect(rows).toEqual([{ deadlocks: 0, unannounced: 0 }])
  })
})
