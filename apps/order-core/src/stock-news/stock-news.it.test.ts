import { setTimeout as delay } from 'node:timers/promises'
import { decodeEvent, type EventOf, encodeEvent } from '@floodgate/contracts'
import { eventually, freeze } from '@floodgate/testkit'
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

const FAILURES = 'floodgate_stock_news_failures_total'

type StockEvent = EventOf<'sale.stock.v1'>

/** Starts a publisher on a bus that keeps what it gets, takes as long as told, and can be down or mute. */
function publish({ acknowledgeMs = 0, publishMsMax = 5_000 } = {}) {
  const bus = { isDown: false, isMute: false, attempts: 0 }
  const events: StockEvent[] = []
  /** When each event was acknowledged. */
  const atMs = new Map<StockEvent, number>()
  const metrics = new Registry()
  const news = createStockNews({
    ...{ pool: stock.pool, redis: stock.redis, log: silentLogger, metrics, publishMsMax },
    bus: {
      publish: async (encoded) => {
        bus.attempts += 1
        if (bus.isDown) throw new Error('no broker')
        if (bus.isMute) return await new Promise(() => undefined)
        await delay(acknowledgeMs)
        for (const each of encoded) {
          const decoded = decodeEvent(each)
          if (decoded.kind !== 'event' || decoded.event.type !== 'sale.stock.v1') continue
          events.push(decoded.event)
          atMs.set(decoded.event, Date.now())
        }
      },
    },
  })
  news.start()
  return {
    ...{ bus, events, atMs, stop: () => news.stop() },
    of: (sale: string) => events.filter(({ data }) => data.sale === sale),
    failures: async () => Number((await metrics.getSingleMetric(FAILURES)?.get())?.values[0]?.value),
  }
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

it('a bus that never responds is given up, and gets the newest stock once it responds again', async () => {
  const sale = await stock.createSale({ total: 2 })
  const news = publish({ publishMsMax: 500 })
  await eventually(() => expect(news.of(sale)).toHaveLength(1))
  news.bus.isMute = true
  const { attempts } = news.bus
  await stock.hold({ sale, order: crypto.randomUUID(), slot: 'first' })
  await eventually(() => expect(news.bus.attempts).toBeGreaterThan(attempts))
  await stock.hold({ sale, order: crypto.randomUUID(), slot: 'second', buyer: 'ben' })
  news.bus.isMute = false
  await eventually(() => expect(teaOf(news.of(sale)).at(-1)).toMatchObject({ available: 0, unsold: 2 }))
  await news.stop()
})

it('a Redis that never responds is given up, and is read once it responds again', async () => {
  const sale = await stock.createSale({ total: 1 })
  const news = publish()
  await eventually(() => expect(news.of(sale)).toHaveLength(1))
  const thaw = await freeze(stock.server.pid)
  try {
    await eventually(async () => expect(await news.failures()).toBeGreaterThan(0))
  } finally {
    thaw()
  }
  await eventually(() => stock.hold({ sale, order: crypto.randomUUID(), slot: 'slot' }))
  await eventually(() => expect(teaOf(news.of(sale)).at(-1)).toMatchObject({ available: 0 }))
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

it('a publisher that died is replaced once its lease has ended, not before', async () => {
  const sale = await stock.createSale()
  const { rows } = await stock.pool.query<{ until: Date }>(
    `insert into orders.rounds (name, holder, leased_until) values ('stock-news', $1, now() + interval '1 s')
     on conflict (name) do update set holder = excluded.holder, leased_until = excluded.leased_until
     returning leased_until as until`,
    [crypto.randomUUID()],
  )
  const news = publish()
  await eventually(() => expect(news.of(sale)).toHaveLength(1))
  expect(Date.parse(news.of(sale)[0]?.data.at ?? '')).toBeGreaterThanOrEqual(rows[0]?.until.getTime() ?? Infinity)
  await news.stop()
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

/** Writes sales of one item, `tea`, as the publisher reads them. */
async function writeSales(count: number, total: number): Promise<readonly string[]> {
  const sales = Array.from({ length: count }, () => `busy-${crypto.randomUUID().slice(0, 8)}`)
  await stock.pool.query(
    `insert into orders.catalogues (sale, currency) select sale, 'EUR' from unnest($1::text[]) as s (sale)`,
    [sales],
  )
  await Promise.all(
    sales
      .map(saleKeys)
      .flatMap(({ meta, items, stock: available }) => [
        stock.redis.hset(meta, 'epoch', '1:run'),
        stock.redis.hset(items, 'tea', `5|5|${total}`),
        stock.redis.hset(available, 'tea', total),
      ]),
  )
  return sales
}

it('hundreds of busy sales are published in time although the bus is slow, each at most twice a second', async () => {
  const sales = await writeSales(200, 1_000_000)
  const news = publish({ acknowledgeMs: 20 })
  await eventually(() => {
    for (const sale of sales) expect(news.of(sale)).not.toEqual([])
  })
  const { attempts } = news.bus
  let available = 1_000_000
  async function change(some: readonly string[]): Promise<void> {
    available -= 1
    await Promise.all(some.map((sale) => stock.redis.hset(saleKeys(sale).stock, 'tea', available)))
  }
  while (sales.some((sale) => news.of(sale).length < 3)) await change(sales)
  const soldOutAtMs = new Map<string, number>()
  // The last unit of each goes at another moment of the rounds, while the others are busy.
  for (const [index, sale] of sales.entries()) {
    await change(sales.slice(index))
    await stock.redis.hset(saleKeys(sale).sold, 'tea', 1_000_000)
    soldOutAtMs.set(sale, Date.now())
  }
  await eventually(() => {
    for (const sale of sales) expect(teaOf(news.of(sale)).at(-1)).toMatchObject({ unsold: 0 })
  })
  await news.stop()

  const lateness = sales
    .map((sale) => {
      const event = news.of(sale).find(({ data }) => data.items.some(({ unsold }) => unsold === 0))
      return event === undefined ? Infinity : (news.atMs.get(event) ?? Infinity) - (soldOutAtMs.get(sale) ?? 0)
    })
    .toSorted((one, other) => one - other)
  expect(lateness[sales.length / 2]).toBeLessThan(2_000)
  const events = sales.flatMap((sale) => news.of(sale)).length - sales.length
  expect(news.bus.attempts - attempts, 'events of many sales share a call').toBeLessThan(events / 10)
  for (const sale of sales) {
    const readAtMs = news.of(sale).map(({ data }) => Date.parse(data.at))
    for (const [index, at] of readAtMs.slice(1).entries())
      expect(at - (readAtMs[index] ?? 0)).toBeGreaterThanOrEqual(450)
  }
})
