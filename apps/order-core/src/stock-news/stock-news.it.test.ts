import { decodeEvent, type EventOf, encodeEvent } from '@floodgate/contracts'
import { eventually } from '@floodgate/testkit'
import { silentLogger } from '@floodgate/testkit/fixtures'
import { Registry } from 'prom-client'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createEndHolds } from '../stock/end-holds.ts'
import { saleKeys } from '../stock/keys.ts'
import { createTestStock, type TestStock } from '../testing/stock.ts'
import { createStockNews } from './stock-news.ts'

let stock: TestStock
beforeAll(async () => {
  stock = await createTestStock()
})
afterAll(() => stock.remove())

type StockEvent = EventOf<'sale.stock.v1'>

/** Starts a publisher on a bus that keeps what it gets, and that can be down. */
function publish() {
  const bus = { isDown: false, attempts: 0 }
  const events: StockEvent[] = []
  const news = createStockNews({
    ...{ pool: stock.pool, redis: stock.redis, log: silentLogger, metrics: new Registry() },
    bus: {
      publish: async (encoded) => {
        bus.attempts += 1
        if (bus.isDown) throw new Error('no broker')
        for (const each of encoded) {
          const decoded = decodeEvent(each)
          if (decoded.kind === 'event' && decoded.event.type === 'sale.stock.v1') events.push(decoded.event)
        }
      },
    },
  })
  news.start()
  return { bus, events, stop: () => news.stop(), of: (sale: string) => events.filter(({ data }) => data.sale === sale) }
}

const teaOf = (events: readonly StockEvent[]) =>
  events.flatMap(({ data }) => data.items.map(({ available, unsold }) => ({ available, unsold, supply: data.supply })))

it('every change of the stock becomes an event: held, back, and the version rises', async () => {
  const sale = await stock.createSale({ total: 1 })
  const news = publish()
  await eventually(() => expect(teaOf(news.of(sale))).toEqual([{ available: 1, unsold: 1, supply: 'available' }]))
  const order = { sale, order: crypto.randomUUID(), slot: 'slot' }
  await stock.hold(order)
  await eventually(() => expect(teaOf(news.of(sale)).at(-1)).toEqual({ available: 0, unsold: 1, supply: 'held' }))
  await createEndHolds(stock.stockRedis)([{ sale, order: order.order, outcome: 'released' }])
  await eventually(() => expect(teaOf(news.of(sale)).at(-1)).toEqual({ available: 1, unsold: 1, supply: 'available' }))
  const versions = news.of(sale).map(({ aggregateVersion }) => aggregateVersion)
  expect(versions).toEqual([...new Set(versions)].toSorted((a, b) => a - b))
  for (const event of news.events) expect(encodeEvent(event).topic).toBe('floodgate.stock')
  await news.stop()
})

it('a bus that is down gets the newest stock when it is back', async () => {
  const sale = await stock.createSale({ total: 2 })
  const news = publish()
  await eventually(() => expect(news.of(sale)).toHaveLength(1))
  news.bus.isDown = true
  const { attempts } = news.bus
  await stock.hold({ sale, order: crypto.randomUUID(), slot: 'first' })
  await eventually(() => expect(news.bus.attempts).toBeGreaterThan(attempts + 1))
  await stock.hold({ sale, order: crypto.randomUUID(), slot: 'second', buyer: 'ben' })
  news.bus.isDown = false
  await eventually(() => expect(teaOf(news.of(sale)).at(-1)).toMatchObject({ available: 0, unsold: 2 }))
  await news.stop()
})

it('one process publishes, and another takes over with all items once it stops', async () => {
  const sale = await stock.createSale()
  const first = publish()
  await eventually(() => expect(first.of(sale)).toHaveLength(1))
  const second = publish()
  await stock.hold({ sale, order: crypto.randomUUID(), slot: 'slot' })
  await eventually(() => expect(first.of(sale)).toHaveLength(2))
  expect(second.events).toEqual([])
  await first.stop()
  await eventually(() => expect(second.of(sale)[0]?.data).toMatchObject({ items: [{ available: 9 }], skus: 1 }))
  expect(second.of(sale)[0]?.data.completeSince).toBe(second.of(sale)[0]?.aggregateVersion)
  await second.stop()
})

it('a stock that Redis lost is not published as sold out', async () => {
  const lost = await stock.createSale()
  const other = await stock.createSale()
  const keys = saleKeys(lost)
  await stock.redis.unlink(keys.meta, keys.stock, keys.items)
  const news = publish()
  await eventually(() => expect(news.of(other)).toHaveLength(1))
  expect(news.of(lost)).toEqual([])
  await news.stop()
})

it('versions rise over a change of the publisher although the clock of Redis went back', async () => {
  const sale = await stock.createSale()
  const hourAheadMs = Date.now() + 3_600_000
  // As if the publisher before had read another clock.
  await stock.pool.query(
    `insert into orders.rounds (name, leased_until, mark) values ('stock-news', now(), $1)
     on conflict (name) do update set leased_until = excluded.leased_until, mark = excluded.mark`,
    [hourAheadMs],
  )
  const first = publish()
  await eventually(() => expect(first.of(sale)).toHaveLength(1))
  await first.stop()
  const [{ aggregateVersion: firstVersion } = { aggregateVersion: 0 }] = first.of(sale)
  expect(firstVersion).toBeGreaterThan(hourAheadMs)
  const second = publish()
  await eventually(() => expect(second.of(sale)).toHaveLength(1))
  expect(second.of(sale)[0]?.aggregateVersion).toBeGreaterThan(firstVersion)
  await second.stop()
})
