import { expect, test } from 'vitest'
import { intentOf } from './run-crowd.ts'

test('of a hundred buyers thirty buy, ten leave, five are declined, the rest wait', () => {
  const counts = new Map<string, number>()
  for (let index = 0; index < 100; index += 1) {
    const intent = intentOf(index)
    counts.set(intent, (counts.get(intent) ?? 0) + 1)
  }
  expect(Object.fromEntries(counts)).toEqual({ buy: 30, leave: 10, 'be-declined': 5, wait: 55 })
})
