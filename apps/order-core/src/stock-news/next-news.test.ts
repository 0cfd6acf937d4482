import { describe, expect, it } from 'vitest'
import { NOTHING_PUBLISHED, nextNews, type Published, WHOLE_EVERY_MS } from './next-news.ts'
import type { Level, Reading } from './read-levels.ts'

const sale = { sale: 'demo', itemsMax: 3 }
const reading = (atMs: number, levels: Readonly<Record<string, readonly [number, number]>>): Reading => ({
  atMs,
  levels: new Map(Object.entries(levels).map(([sku, [available, unsold]]) => [sku, { available, unsold }])),
})
const named = (news: ReturnType<typeof nextNews>) => news?.data.items.map(({ sku }) => sku)

/** Publishes one reading after the other; returns what is published at the end. */
const publishAll = (...readings: readonly Reading[]): Published =>
  readings.reduce((before, each) => nextNews(sale, before, each)?.published ?? before, NOTHING_PUBLISHED)

describe('the stock news of a sale', () => {
  it('begin with all items, and end that whole reading with its first version', () => {
    const news = nextNews(sale, NOTHING_PUBLISHED, reading(1_000, { lamp: [2, 3], tea: [0, 0] }))
    expect(news?.version).toBe(1_000)
    expect(news?.data).toEqual({
      sale: 'demo',
      supply: 'available',
      items: [
        { sku: 'lamp', available: 2, unsold: 3 },
        { sku: 'tea', available: 0, unsold: 0 },
      ],
      skus: 2,
      completeSince: 1_000,
      at: '1970-01-01T00:00:01.000Z',
    })
  })

  it('are none while nothing changes, and name only what changed', () => {
    const before = publishAll(reading(1_000, { lamp: [2, 3], tea: [1, 1] }))
    expect(nextNews(sale, before, reading(1_500, { lamp: [2, 3], tea: [1, 1] }))).toBeUndefined()
    const news = nextNews(sale, before, reading(2_000, { lamp: [1, 3], tea: [1, 1] }))
    expect(news?.data).toMatchObject({ items: [{ sku: 'lamp', available: 1, unsold: 3 }], skus: 2 })
    expect(news?.data).not.toHaveProperty('completeSince')
  })

  it('are none for a sale without items', () => {
    expect(nextNews(sale, NOTHING_PUBLISHED, reading(1_000, {}))).toBeUndefined()
  })

  it('name what ran out or came back before other changes, within the bound of an event', () => {
    const many = { a: [5, 5], b: [5, 5], c: [5, 5], d: [0, 5], e: [1, 1] } as const
    const before = publishAll(reading(1_000, many), reading(1_500, many))
    expect(before.whole).toBeUndefined()
    const after = { a: [4, 5], b: [4, 5], c: [4, 5], d: [1, 5], e: [0, 1] } as const
    const first = nextNews(sale, before, reading(2_000, after))
    expect(named(first)).toEqual(['d', 'e', 'a'])
    expect(named(nextNews(sale, first?.published ?? before, reading(2_500, after)))).toEqual(['b', 'c'])
  })

  it('publish a whole reading in parts, beside what changes meanwhile', () => {
    const levels = { a: [1, 1], b: [1, 1], c: [1, 1], d: [1, 1] } as const
    const due = 1_000 + WHOLE_EVERY_MS
    const before = publishAll(reading(1_000, levels), reading(1_500, levels))
    expect(nextNews(sale, before, reading(due - 1, levels))).toBeUndefined()
    const first = nextNews(sale, before, reading(due, levels))
    expect([named(first), first?.data.completeSince]).toEqual([['a', 'b', 'c'], undefined])
    const second = nextNews(sale, first?.published ?? before, reading(due + 500, { ...levels, a: [0, 1] }))
    expect([named(second), second?.data.completeSince]).toEqual([['a', 'd'], due])
    expect(nextNews(sale, second?.published ?? before, reading(due + 501, { ...levels, a: [0, 1] }))).toBeUndefined()
  })

  it('begin a whole reading at once when an item left the catalogue', () => {
    const before = publishAll(reading(1_000, { lamp: [2, 3], tea: [1, 1] }))
    const news = nextNews(sale, before, reading(1_500, { lamp: [2, 3] }))
    expect(news?.data).toMatchObject({ items: [{ sku: 'lamp' }], skus: 1, completeSince: 1_500 })
    expect(nextNews(sale, news?.published ?? before, reading(2_000, { lamp: [2, 3] }))).toBeUndefined()
  })

  it('rise in version although the clock of Redis was set back, and are whole again', () => {
    const before = publishAll(reading(90_000, { tea: [1, 1] }))
    const news = nextNews(sale, before, reading(1_000, { tea: [0, 1] }))
    expect([news?.version, news?.data.completeSince]).toEqual([90_001, 90_001])
  })

  it('repeat what was not published', () => {
    const before = publishAll(reading(1_000, { tea: [2, 2] }))
    expect(named(nextNews(sale, before, reading(1_500, { tea: [1, 2] })))).toEqual(['tea'])
    expect(named(nextNews(sale, before, reading(2_000, { tea: [1, 2] })))).toEqual(['tea'])
  })

  it.each<[string, Readonly<Record<string, readonly [number, number]>>, string]>([
    ['available while one item can be ordered', { a: [0, 0], b: [1, 1] }, 'available'],
    ['held while what is left is in other orders', { a: [0, 0], b: [0, 1] }, 'held'],
    ['sold out once all is sold', { a: [0, 0], b: [0, 0] }, 'sold-out'],
  ])('say that the sale is %s', (_, levels, supply) => {
    expect(nextNews(sale, NOTHING_PUBLISHED, reading(1, levels))?.data.supply).toBe(supply)
  })

  it('of 10,000 items are less than 120 kB each, and whole after ten of them', () => {
    const levels = new Map<string, Level>()
    for (let item = 0; item < 10_000; item += 1)
      levels.set(`${item}`.padStart(64, 'x'), { available: 1_000_000_000, unsold: 1_000_000_000 })
    let published = NOTHING_PUBLISHED
    for (let part = 1; part <= 10; part += 1) {
      const news = nextNews({ sale: 'demo' }, published, { atMs: 1_000 + part, levels })
      expect(JSON.stringify(news?.data).length).toBeLessThan(120_000)
      expect(news?.data.completeSince).toBe(part === 10 ? 1_001 : undefined)
      published = news?.published ?? published
    }
    expect(published.levels.size).toBe(10_000)
  })
})
