import { describe, expect, test } from 'vitest'
import { eventually } from './eventually.ts'
import { seededRandom } from './seeded-random.ts'
import { virtualClock } from './virtual-clock.ts'

describe('a virtual clock', () => {
  test('moves only on request, and never backwards', () => {
    const clock = virtualClock(1_000)
    expect(clock.now()).toBe(1_000)
    expect(clock.advance(250)).toBe(1_250)
    expect(clock.now()).toBe(1_250)
    expect(() => clock.advance(-1)).toThrow(RangeError)
    expect(() => clock.advance(Number.NaN)).toThrow(RangeError)
  })
})

describe('eventually', () => {
  test('returns the first result that is not an error', async () => {
    let attempts = 0
    const result = await eventually(
      () => {
        attempts += 1
        if (attempts < 3) throw new Error('not yet')
        return attempts
      },
      { intervalMs: 1 },
    )
    expect(result).toBe(3)
  })

  test('gives up with the last failure in its message', async () => {
    const never = eventually(() => expect(1).toBe(2), { timeoutMs: 5, intervalMs: 1 })
    await expect(never).rejects.toThrow(/Not within 5 ms.*expected 1 to be 2/)
  })
})

describe('seeded random numbers', () => {
  test('are the same for the same seed, different for another, and lie in [0, 1)', () => {
    const draw = (seed: number): number[] => Array.from({ length: 1_000 }, seededRandom(seed))
    expect(draw(1)).toEqual(draw(1))
    expect(draw(1)).not.toEqual(draw(2))
    expect(draw(3).every((number) => number >= 0 && number < 1)).toBe(true)
    const mean = draw(4).reduce((sum, number) => sum + number, 0) / 1_000
    expect(mean).toBeGreaterThan(0.45)
    expect(mean).toBeLessThan(0.55)
  })
})
