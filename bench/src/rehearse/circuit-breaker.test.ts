import { expect, it } from 'vitest'
import { isTripped } from './circuit-breaker.ts'

const second = (responses: number, failures: number) => ({ responses, failures })

it('trips when more than one response in twenty fails', () => {
  expect(isTripped([second(100, 5), second(100, 5)])).toBe(false)
  expect(isTripped([second(100, 5), second(100, 6)])).toBe(true)
})

it('forgets failures older than ten seconds', () => {
  const calm = Array.from({ length: 10 }, () => second(100, 0))
  expect(isTripped([second(100, 90), ...calm])).toBe(false)
})

it('stays closed on few requests', () => {
  expect(isTripped([second(3, 2)])).toBe(false)
})
