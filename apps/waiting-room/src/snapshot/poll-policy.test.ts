import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  etaSeconds,
  POLL_MS_MAX,
  pollAfterMs,
  presentMs,
  pushAfterMs,
  redisLookupWindow,
  windowPlaces,
} from './poll-policy.ts'

const counts = { joined: 0, waiting: 0, away: 0, active: 0, admitted: 0, returned: 0 }
const pace = {
  publicState: 'open' as const,
  admitPerSecond: 10,
  maxActive: 10_000,
  consumedIn10s: 100,
  presentShare: 1,
  window: 900,
  openedAtMs: 0,
  number: 60_000,
  counts,
}

/** Reads constants of the presence scripts. */
const script = readFileSync(new URL('../redis/window.inc.lua', import.meta.url), 'utf8')
const numberOf = (name: string) => Number(new RegExp(`\\b${name} = (\\d+)`).exec(script)?.[1])

describe('the window', () => {
  it('has the same size in the scripts', () => {
    expect(windowPlaces(1_000)).toBe(1_000 * numberOf('SECONDS'))
    expect(windowPlaces(0)).toBe(numberOf('PLACES_MIN'))
  })

  it('has no place that matures before its buyer has to poll', () => {
    expect(numberOf('MATURE')).toBeGreaterThan(POLL_MS_MAX)
    expect(numberOf('MATURE_NEAR')).toBeGreaterThan(pollAfterMs(pace, 299, 0))
  })

  it('holds the buyers that 90 s admit, at least 50', () => {
    expect(windowPlaces(10)).toBe(900)
    expect(windowPlaces(0.1)).toBe(50)
  })
})

describe('the head of the line', () => {
  it('is the places that 5 s consume, at least 50', () => {
    expect(redisLookupWindow(pace)).toBe(50)
    expect(redisLookupWindow({ ...pace, admitPerSecond: 100 })).toBe(500)
    expect(redisLookupWindow({ ...pace, admitPerSecond: 100, consumedIn10s: 4_000 })).toBe(2_000)
  })
})

describe('the estimate', () => {
  it('is never 0, and unknown while nothing moves or the sale is paused', () => {
    expect(etaSeconds(pace, 0)).toBe(1)
    expect(etaSeconds(pace, 99)).toBe(10)
    expect(etaSeconds({ ...pace, publicState: 'paused' }, 0)).toBeNull()
    expect(etaSeconds({ ...pace, publicState: 'recovering' }, 0)).toBeNull()
    expect(etaSeconds({ ...pace, consumedIn10s: 0, maxActive: 5, counts: { ...counts, active: 5 } }, 0)).toBeNull()
  })
})

describe('the estimate of a line that has just begun to move', () => {
  it('follows from the rate while slots are free, not from the measurement of the first second', () => {
    expect(etaSeconds({ ...pace, consumedIn10s: 2 }, 99)).toBe(10)
  })
  it('follows from the measurement when all slots are taken', () => {
    expect(etaSeconds({ ...pace, consumedIn10s: 20, maxActive: 5, counts: { ...counts, active: 5 } }, 99)).toBe(50)
  })
})

describe('the interval until the next poll', () => {
  it('is never longer than 15 s, wherever the buyer stands and however slow the line is', () => {
    for (const rate of [0.1, 1, 10, 500])
      for (const rank of [0, 10, 100, 899, 901, 5_000, 100_000, 5_000_000])
        for (const window of [0, 50, 900, 20_000])
          for (const presentShare of [0, 0.05, 1]) {
            const interval = pollAfterMs({ ...pace, admitPerSecond: rate, window, presentShare }, rank, 0)
            expect(interval).toBeGreaterThanOrEqual(500)
            expect(interval).toBeLessThanOrEqual(POLL_MS_MAX)
          }
  })
  it('behind the window is half the time until its edge could come, at least 2 s', () => {
    expect(pollAfterMs(pace, 1_000, 0)).toBe(5_000)
    expect(pollAfterMs(pace, 901, 0)).toBe(2_000)
    expect(pollAfterMs(pace, 100_000, 0)).toBe(15_000)
  })
  it('inside is a sixth of the time until the turn, and half of it in the last half minute, at least 5 s', () => {
    expect(pollAfterMs(pace, 599, 0)).toBe(10_000)
    expect(pollAfterMs(pace, 299, 0)).toBe(5_000)
    expect(pollAfterMs(pace, 39, 0)).toBe(2_000)
    expect(pollAfterMs(pace, 0, 0)).toBe(500)
  })
  it('accounts for absent buyers, over whom the line moves faster', () => {
    expect(pollAfterMs({ ...pace, presentShare: 0.5 }, 599, 0)).toBe(5_000)
  })
  it('is jittered', () => {
    expect(pollAfterMs(pace, 100_000, 0.999)).toBeLessThan(13_000)
  })
  it('leaves a buyer present for two polls and 2 s more', () => {
    expect(presentMs(3_000)).toBe(8_000)
  })
})

describe('how often a socket gets its position', () => {
  it('is ten times until its turn, between one second and five', () => {
    expect(pushAfterMs(pace, 9)).toBe(1_000)
    expect(pushAfterMs(pace, 199)).toBe(2_000)
    expect(pushAfterMs(pace, 10_000)).toBe(5_000)
  })
})
