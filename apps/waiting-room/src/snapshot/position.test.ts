import { expect, it } from 'vitest'
import { nextPosition, rankOf } from './position.ts'

const line = {
  marks: [
    [0, 10],
    [1, 12],
    [100, 212],
    [999, 2_010],
  ] as const,
}

it('a marked place has exactly its rank', () => {
  for (const [rank, place] of line.marks) expect(rankOf(line, place)).toBe(rank)
})
it('a place between two marks is interpolated, and never better than the lower one', () => {
  expect(rankOf(line, 112)).toBe(50)
  expect(rankOf(line, 13)).toBe(1)
})
it('ranks rise with places', () => {
  let before = -1
  for (let place = 1; place < 2_100; place += 1) {
    const rank = rankOf(line, place)
    expect(rank).toBeGreaterThanOrEqual(before)
    before = rank
  }
})
it('a place before the head has the rank of the head, one behind the snapshot the last', () => {
  expect(rankOf(line, 3)).toBe(0)
  expect(rankOf(line, 2_013)).toBe(1_002)
})
it('in an empty line no buyer is ahead', () => {
  expect(rankOf({ marks: [] }, 5)).toBe(0)
})

it.each([
  ['the first one, unchanged', undefined, { position: 200, returners: 7 }, 200],
  ['a better one, unchanged', { position: 200, returners: 0 }, { position: 150, returners: 0 }, 150],
  ['no worse one by an older snapshot', { position: 200, returners: 5 }, { position: 204, returners: 4 }, 200],
  ['one worse by the number of returners', { position: 200, returners: 0 }, { position: 300, returners: 500 }, 300],
  ['no worse than that', { position: 200, returners: 10 }, { position: 300, returners: 40 }, 230],
  ['unchanged in a recovery', { position: 5, returners: 0 }, { position: 300, returners: 0, isTakenAsRead: true }, 300],
])('the position to show is %s', (_, shown, read, expected) => {
  expect(nextPosition(shown, read)).toBe(expected)
})
