import { describe, expect, test } from 'vitest'
import { intentOf, isAmong, parseMix } from './mix.ts'

const countsOf = (intentAt: (index: number) => string) => {
  const counts = new Map<string, number>()
  for (let index = 0; index < 100; index += 1) {
    const intent = intentAt(index)
    counts.set(intent, (counts.get(intent) ?? 0) + 1)
  }
  return Object.fromEntries(counts)
}

describe('a mix of intents', () => {
  test('lets thirty of a hundred buyers buy, ten leave, five be declined, and the rest wait', () => {
    expect(countsOf((index) => intentOf(index))).toEqual({ buy: 30, leave: 10, 'be-declined': 5, wait: 55 })
  })

  test('has the same shares with another seed, in another order', () => {
    const mix = parseMix('buy=60,leave=15')
    expect(countsOf((index) => intentOf(index, mix, 7))).toEqual({ buy: 60, leave: 15, wait: 25 })
    expect(intentOf(0, mix, 60)).not.toBe(intentOf(0, mix, 0))
  })

  test('is rejected with an unknown intent, a share that is not a number, or more than a hundred', () => {
    for (const text of ['steal=10', 'buy=many', 'buy=60,leave=50']) expect(() => parseMix(text)).toThrow(RangeError)
  })
})

test('twenty of a hundred buyers wait by socket, whatever their intent', () => {
  const chosen = Array.from({ length: 100 }, (_, index) => index).filter((index) => isAmong(20, index))
  expect(chosen).toHaveLength(20)
  expect(new Set(chosen.map((index) => intentOf(index))).size).toBeGreaterThan(2)
})
