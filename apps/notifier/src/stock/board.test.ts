import { describe, expect, it } from 'vitest'
import {
  applyChange,
  type Board,
  changeTo,
  createBoard,
  isBehind,
  MESSAGE_ITEMS_MAX,
  messageSince,
  render,
} from './board.ts'
import type { LevelsChange, StoredLevels } from './stock-store.ts'

const at = '2026-01-02T03:04:05.678Z'
const standing = (version: number) => ({ version, at, supply: 'available' as const })
const stored = (version: number, items: StoredLevels['items'], isWhole = true): StoredLevels => ({
  ...standing(version),
  isWhole,
  items,
})
const lamp = (available: number, unsold = available, version = 10) => ({ sku: 'lamp', version, available, unsold })
const change = (version: number, items: LevelsChange['items'], gone: readonly string[] = []) => ({
  ...standing(version),
  after: 0,
  items,
  gone,
})
const lampBoard = (): Board =>
  createBoard('demo', stored(10, [lamp(3), { sku: 'tea', version: 10, available: 0, unsold: 1 }]))

describe('a stock board', () => {
  it('says what can be ordered, and what may still come back', () => {
    const { whole } = render(lampBoard())
    expect(JSON.parse(String(whole.body))).toEqual({
      ...{ sale: 'demo', version: 10, supply: 'available', at },
      items: [
        { sku: 'lamp', available: 3, soldOut: false },
        { sku: 'tea', available: 0, soldOut: false },
      ],
    })
    expect(whole.headers).toMatchObject({ 'cache-control': 'public, max-age=1' })
  })

  it('is rendered once per version', () => {
    const board = lampBoard()
    const before = render(board)
    expect(render(board)).toBe(before)
    applyChange(board, change(11, [lamp(2)]))
    expect(render(board).etag).not.toBe(before.etag)
  })

  it('has what the store has after a change that leads to it', () => {
    const board = lampBoard()
    const newer = stored(20, [lamp(1, 2, 20), { sku: 'rug', version: 20, available: 5, unsold: 5 }])
    const missed = changeTo(board, newer)
    expect(missed).toMatchObject({ after: 10, version: 20, items: newer.items, gone: ['tea'] })
    applyChange(board, missed)
    expect([...board.levels.keys()]).toEqual(['lamp', 'rug'])
    expect(changeTo(board, newer)).toMatchObject({ items: [], gone: [] })
  })

  it('keeps a reading that a store which lost it has an older one of', () => {
    const board = lampBoard()
    applyChange(board, change(20, [lamp(0, 0, 20)]))
    const failedOver = stored(30, [lamp(3), { sku: 'tea', version: 30, available: 1, unsold: 1 }])
    expect(isBehind(failedOver, board)).toBe(true)
    const missed = changeTo(board, failedOver)
    expect(missed.items).toEqual([{ sku: 'tea', version: 30, available: 1, unsold: 1 }])
    applyChange(board, missed)
    expect(board.levels.get('lamp')).toMatchObject({ available: 0 })
    expect(isBehind(stored(40, [lamp(3, 3, 40)]), board)).toBe(false)
  })

  it('takes the version of a change for items without one, as older processes publish them', () => {
    const board = lampBoard()
    applyChange(board, change(20, [{ sku: 'lamp', available: 0, unsold: 0 }]))
    expect(board.levels.get('lamp')).toEqual({ version: 20, available: 0, unsold: 0 })
  })

  it('keeps items that a store which lost some does not know', () => {
    expect(changeTo(lampBoard(), stored(20, [lamp(1)], false))).toMatchObject({ items: [lamp(1)], gone: [] })
  })
})

describe('the message for a client', () => {
  const changed = (): Board => {
    const board = lampBoard()
    applyChange(board, change(20, [lamp(2)]))
    applyChange(board, change(30, [lamp(0, 1)]))
    return board
  }

  it('has what it missed, with the present values, and nothing when it missed nothing', () => {
    const board = changed()
    expect(messageSince(board, 10)).toEqual({
      ...standing(30),
      after: 10,
      items: [{ sku: 'lamp', available: 0, soldOut: false }],
    })
    expect(messageSince(board, 30)).toEqual({ ...standing(30), after: 30, items: [] })
  })

  it('sends a client with a version between two changes the second one, whole', () => {
    expect(messageSince(changed(), 25).items).toHaveLength(1)
  })

  it('shows an item that left the catalogue as sold out', () => {
    const board = lampBoard()
    applyChange(board, change(20, [], ['tea']))
    expect(messageSince(board, 10).items).toEqual([{ sku: 'tea', available: 0, soldOut: true }])
  })

  it.each([
    ['it names no version', undefined],
    ['its version is from before everything that is remembered', 9],
    ['its version is newer than the board', 31],
  ])('sends it to the board when %s', (_, after) => {
    expect(messageSince(changed(), after)).toEqual({ ...standing(30), after: null, items: [] })
  })

  it('sends it to the board when it missed more items than a message may have', () => {
    const board = lampBoard()
    const many = Array.from({ length: MESSAGE_ITEMS_MAX + 1 }, (_, item) => ({
      sku: `s${item}`,
      version: 20,
      available: 1,
      unsold: 1,
    }))
    applyChange(board, change(20, many.slice(1)))
    expect(messageSince(board, 10).items).toHaveLength(MESSAGE_ITEMS_MAX)
    applyChange(board, change(30, many.slice(0, 1)))
    expect(messageSince(board, 10)).toMatchObject({ after: null, items: [] })
    expect(messageSince(board, 20).items).toHaveLength(1)
  })

  it('forgets old changes', () => {
    const board = lampBoard()
    for (let version = 11; version <= 100; version += 1) applyChange(board, change(version, [lamp(version)]))
    expect(messageSince(board, 40).items).toHaveLength(1)
    expect(messageSince(board, 39)).toMatchObject({ after: null })
    expect(board.recent).toHaveLength(60)
  })
})
