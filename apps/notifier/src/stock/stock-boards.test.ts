import { eventually } from '@floodgate/testkit'
import { describe, expect, it } from 'vitest'
import type { Board } from './board.ts'
import { createStockBoards } from './stock-boards.ts'
import type { LevelsChange, StoredLevels } from './stock-store.ts'

const at = '2026-01-02T03:04:05.678Z'
const stored = (version: number, available: number, isWhole = true, read = version): StoredLevels => ({
  ...{ version, at, supply: 'available', isWhole },
  items: [{ sku: 'lamp', version: read, available, unsold: available }],
})
const ITEMS_MAX = 12
const BOARDS_MAX = 30
const large = (count: number): StoredLevels => ({
  ...stored(10, 3),
  items: Array.from({ length: count }, (_, item) => ({ sku: `s${item}`, version: 10, available: 1, unsold: 1 })),
})
const change = (after: number, version: number, available: number, sale = 'demo'): LevelsChange => ({
  ...{ sale, after, version, at, supply: 'available' },
  items: [{ sku: 'lamp', available, unsold: available }],
  gone: [],
})

/** Creates the boards over a store that responds when told to. */
function createBoards({ watched = '' } = {}) {
  const watching = new Set([watched])
  const store = new Map<string, StoredLevels>()
  const reads: string[] = []
  const pushed: [version: number, after: number][] = []
  const clock = { ms: 0 }
  let gate: Promise<unknown> = Promise.resolve()
  const failed: unknown[] = []
  const boards = createStockBoards({
    read: async (sale) => {
      reads.push(sale)
      const now = store.get(sale)
      await gate
      return now
    },
    onChanged: ({ version }, after) => void pushed.push([version, after]),
    isWatched: (sale) => watching.has(sale),
    onReadFailed: (error) => void failed.push(error),
    now: () => clock.ms,
    ...{ itemsMax: ITEMS_MAX, boardsMax: BOARDS_MAX },
  })
  return {
    ...{ boards, store, reads, pushed, clock, failed },
    watch: (sale: string) => void watching.add(sale),
    holdReads: () => {
      const { promise, resolve } = Promise.withResolvers<void>()
      gate = promise
      return resolve
    },
  }
}

const lampsOf = async (board: Board | Promise<Board>) => (await board).levels.get('lamp')?.available

describe('the boards of a process', () => {
  it('are read when first requested, once for all who wait, and kept up to date by changes', async () => {
    const { boards, store, reads, pushed } = createBoards()
    store.set('demo', stored(10, 3))
    expect(await Promise.all([boards.get('demo'), boards.get('demo')].map(lampsOf))).toEqual([3, 3])
    boards.onChange(change(10, 11, 2))
    expect(await lampsOf(boards.get('demo'))).toBe(2)
    expect(reads).toEqual(['demo'])
    expect(pushed).toEqual([[11, 10]])
  })

  it('ignore changes that come twice or late', async () => {
    const { boards, store, pushed } = createBoards()
    store.set('demo', stored(10, 3))
    await boards.get('demo')
    boards.onChange(change(10, 12, 1))
    boards.onChange(change(10, 12, 1))
    boards.onChange(change(10, 11, 2))
    expect(await lampsOf(boards.get('demo'))).toBe(1)
    expect(pushed).toEqual([[12, 10]])
  })

  it('read the store after a gap, and push what was missed as one change', async () => {
    const { boards, store, pushed } = createBoards()
    store.set('demo', stored(10, 3))
    await boards.get('demo')
    store.set('demo', stored(13, 0))
    boards.onChange(change(12, 13, 0))
    await eventually(() => expect(pushed).toEqual([[13, 10]]))
    expect(await lampsOf(boards.get('demo'))).toBe(0)
  })

  it('show no older reading after a failover of the store, and the next one even where it equals the older', async () => {
    const { boards, store, pushed } = createBoards()
    store.set('demo', stored(10, 0))
    await boards.get('demo')
    store.set('demo', stored(11, 3, true, 5))
    boards.onChange({ ...change(5, 11, 0), items: [] })
    await eventually(() => expect(pushed).toHaveLength(1))
    expect(await lampsOf(boards.get('demo'))).toBe(0)
    store.set('demo', stored(12, 3))
    boards.onChange({ ...change(11, 12, 0), items: [] })
    await eventually(async () => expect(await lampsOf(boards.get('demo'))).toBe(3))
  })

  it('read once more when a change comes while the board is being read', async () => {
    const { boards, store, holdReads } = createBoards()
    store.set('demo', stored(10, 3))
    const release = holdReads()
    const first = boards.get('demo')
    store.set('demo', stored(11, 2))
    boards.onChange(change(10, 11, 2))
    release()
    await first
    await eventually(async () => expect(await lampsOf(boards.get('demo'))).toBe(2))
  })

  it('are all read again after a reconnect', async () => {
    const { boards, store, reads } = createBoards()
    store.set('demo', stored(10, 3))
    await boards.get('demo')
    store.set('demo', stored(11, 2))
    boards.readAgain()
    await eventually(async () => expect(await lampsOf(boards.get('demo'))).toBe(2))
    expect(reads).toEqual(['demo', 'demo'])
  })

  it('reject an unknown sale from memory for a second, then look again', async () => {
    const { boards, store, reads, clock } = createBoards()
    await expect(boards.get('demo')).rejects.toMatchObject({ code: 'not-found' })
    expect(() => boards.get('demo')).toThrow(expect.objectContaining({ code: 'not-found' }))
    expect(reads).toHaveLength(1)
    store.set('demo', stored(10, 3))
    clock.ms = 1_000
    expect(await lampsOf(boards.get('demo'))).toBe(3)
  })

  it('reject more sales than may be read at once', async () => {
    const { boards, holdReads } = createBoards()
    const release = holdReads()
    const reading = Array.from({ length: 8 }, (_, index) => boards.get(`sale-${index}`))
    await expect(boards.get('one-more')).rejects.toMatchObject({ code: 'busy' })
    release()
    expect((await Promise.allSettled(reading)).map(({ status }) => status)).toEqual(Array(8).fill('rejected'))
    await expect(boards.get('one-more')).rejects.toMatchObject({ code: 'not-found' })
  })

  it('are unavailable while the store lacks items of the sale', async () => {
    const { boards, store } = createBoards()
    store.set('demo', stored(10, 3, false))
    await expect(boards.get('demo')).rejects.toMatchObject({ code: 'unavailable' })
    store.set('demo', stored(11, 3))
    expect(await lampsOf(boards.get('demo'))).toBe(3)
  })

  it('are bounded by their items: those least recently read leave first, and those with sockets stay', async () => {
    const { boards, store, reads } = createBoards({ watched: 'watched' })
    const quarter = large(ITEMS_MAX / 4)
    for (const sale of ['watched', 'busy', 'idle', 'other', 'next']) store.set(sale, quarter)
    for (const sale of ['watched', 'busy', 'idle', 'other', 'busy', 'next']) await boards.get(sale)
    reads.length = 0
    for (const sale of ['watched', 'busy', 'other', 'next']) expect(boards.get(sale)).not.toBeInstanceOf(Promise)
    store.set('idle', stored(20, 1))
    expect(await lampsOf(boards.get('idle'))).toBe(1)
    expect(reads).toEqual(['idle'])
  })

  it('are bounded in number', async () => {
    const { boards, store, reads } = createBoards()
    for (let index = 0; index <= BOARDS_MAX; index += 1) {
      store.set(`sale-${index}`, large(0))
      await boards.get(`sale-${index}`)
    }
    reads.length = 0
    await Promise.all(['sale-1', `sale-${BOARDS_MAX}`, 'sale-0'].map((sale) => boards.get(sale)))
    expect(reads).toEqual(['sale-0'])
  })

  it('that were dropped come back as the store has them, and follow changes again', async () => {
    const { boards, store } = createBoards()
    store.set('demo', stored(10, 3))
    await boards.get('demo')
    store.set('huge', large(ITEMS_MAX))
    await boards.get('huge')
    store.set('demo', stored(12, 1))
    boards.onChange(change(10, 12, 1))
    expect(await lampsOf(boards.get('demo'))).toBe(1)
    boards.onChange(change(12, 13, 0))
    expect(await lampsOf(boards.get('demo'))).toBe(0)
  })

  it('that were dropped while a socket opened are kept up to date for it', async () => {
    const { boards, store, pushed, watch } = createBoards()
    store.set('demo', stored(10, 3))
    const board = await boards.get('demo')
    store.set('huge', large(ITEMS_MAX))
    await boards.get('huge')
    store.set('demo', stored(11, 2))
    boards.onChange(change(10, 11, 2))
    watch('demo')
    expect(boards.current(board)).toBe(board)
    await eventually(() => expect(pushed).toEqual([[11, 10]]))
    boards.onChange(change(11, 12, 1))
    expect(await lampsOf(boards.get('demo'))).toBe(1)
    expect(boards.current(board)).toBe(board)
  })

  it('are read again some at a time', async () => {
    const { boards, store, reads, holdReads } = createBoards()
    for (let index = 0; index < ITEMS_MAX; index += 1) {
      store.set(`sale-${index}`, stored(10, 3))
      await boards.get(`sale-${index}`)
    }
    reads.length = 0
    const release = holdReads()
    boards.readAgain()
    expect(reads).toHaveLength(8)
    release()
    await eventually(() => expect(new Set(reads).size).toBe(ITEMS_MAX))
  })
})
