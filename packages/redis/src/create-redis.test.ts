import { describe, expect, it } from 'vitest'
import { reconnectDelayMs } from './create-redis.ts'

describe('the delay before a reconnect', () => {
  it('doubles and is never longer than two seconds', () => {
    expect([1, 2, 3, 6, 100].map((attempt) => reconnectDelayMs(attempt, 1))).toEqual([100, 200, 400, 2_000, 2_000])
  })

  it('is random in its upper half', () => {
    expect(reconnectDelayMs(100, 0)).toBe(1_000)
    expect(reconnectDelayMs(100, 0.5)).toBe(1_500)
  })
})
