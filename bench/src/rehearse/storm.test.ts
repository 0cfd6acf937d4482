import { expect, it } from 'vitest'
import { isStorm } from './storm.ts'

const second = (answers: number, failures: number) => ({ answers, failures })

it('is a storm when more than one answer of twenty fails', () => {
  expect(isStorm([second(100, 5), second(100, 5)])).toBe(false)
  expect(isStorm([second(100, 5), second(100, 6)])).toBe(true)
})

it('forgets what was more than ten seconds ago', () => {
  const calm = Array.from({ length: 10 }, () => second(100, 0))
  expect(isStorm([second(100, 90), ...calm])).toBe(false)
})

it('is none when few have asked', () => {
  expect(isStorm([second(3, 2)])).toBe(false)
})
