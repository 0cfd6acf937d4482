import type { Redis } from '@floodgate/redis'
import { describe, expect, it } from 'vitest'
import { BATCH_ITEMS_MAX, BATCH_SALES_MAX, batchesOf, byServer, ITEMS_ASSUMED } from './batches.ts'

const sales = (count: number) => Array.from({ length: count }, (_, index) => `sale-${index}`)
const sizes = (batches: ReturnType<typeof batchesOf>) => batches.map(({ length }) => length)

describe('the batches of a round', () => {
  it('are few for hundreds of small sales, and keep their order', () => {
    const batches = batchesOf(sales(200), () => 5)
    expect(sizes(batches)).toEqual([100, 100])
    expect(batches.flat()).toEqual(sales(200))
  })

  it('are bounded by their items, so that one never occupies Redis for long', () => {
    expect(sizes(batchesOf(sales(5), () => BATCH_ITEMS_MAX / 2))).toEqual([2, 2, 1])
    expect(sizes(batchesOf(sales(BATCH_SALES_MAX + 1), () => 0))).toEqual([BATCH_SALES_MAX, 1])
  })

  it('give a larger sale one of its own', () => {
    const batches = batchesOf(['tea', 'huge', 'lamp', 'rug'], (sale) => (sale === 'huge' ? 10_000 : 1))
    expect(batches).toEqual([['tea'], ['huge'], ['lamp', 'rug']])
  })

  it('assume some items for sales that were never read', () => {
    const [first] = batchesOf(sales(BATCH_SALES_MAX), () => undefined)
    expect(first).toHaveLength(BATCH_ITEMS_MAX / ITEMS_ASSUMED)
  })

  it('are none without sales', () => {
    expect(batchesOf([], () => 1)).toEqual([])
  })
})

it('sales are grouped by the master that has their stock, and those without one are apart', () => {
  const masters = { tea: {}, rug: {} } as unknown as Readonly<Record<string, Redis>>
  const cluster = {
    serverOf(key: string): Redis {
      const master = masters[/o:(\w+)/.exec(key)?.[1]?.slice(0, 3) ?? '']
      if (master === undefined) throw new Error('no master')
      return master
    },
  }
  const sales = ['tea1', 'rug1', 'lost1', 'tea2', 'lost2']
  expect(byServer(cluster as Parameters<typeof byServer>[0], sales)).toEqual([
    ['tea1', 'tea2'],
    ['rug1'],
    ['lost1', 'lost2'],
  ])
})
