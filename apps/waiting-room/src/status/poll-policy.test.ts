import { describe, expect, it } from 'vitest'
import { askedWindow, etaSeconds, frontWindow, pollAfterMs, presentMs, tellAfterMs } from './poll-policy.ts'

const counts = { joined: 0, waiting: 0, away: 0, active: 0, admitted: 0, returned: 0 }
const pace = {
  publicState: 'open' as const,
  admitPerSecond: 10,
  maxActive: 10_000,
  consumedIn10s: 100,
  openedAtMs: 0,
  number: 60_000,
  counts,
}

describe('the front window', () => {
  it('is what 30 s consume', () => {
    expect(frontWindow(pace)).toBe(300)
    expect(frontWindow({ ...pace, consumedIn10s: 400 })).toBe(1_200)
  })
  it('covers no more than all slots coming back at once while the line stands', () => {
    expect(frontWindow({ ...pace, admitPerSecond: 10_000, maxActive: 500, consumedIn10s: 0 })).toBe(500)
  })
})

describe('the head of the line', () => {
  it('is what 5 s consume, part of the front window', () => {
    expect(askedWindow(pace)).toBe(50)
    expect(askedWindow({ ...pace, admitPerSecond: 100 })).toBe(500)
    expect(askedWindow({ ...pace, admitPerSecond: 100, consumedIn10s: 4_000 })).toBe(2_000)
    expect(askedWindow({ ...pace, admitPerSecond: 10_000, maxActive: 500, consumedIn10s: 0 })).toBe(500)
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
  it('is what the rate promises as long as there is room, not what the first second measured', () => {
    expect(etaSeconds({ ...pace, consumedIn10s: 2 }, 99)).toBe(10)
  })
  it('is what was measured when all slots are taken', () => {
    expect(etaSeconds({ ...pace, consumedIn10s: 20, maxActive: 5, counts: { ...counts, active: 5 } }, 99)).toBe(50)
  })
})

describe('when to ask again', () => {
  it('is at most half the time until the front window comes', () => {
    for (const rank of [320, 500, 800]) {
      const untilWindowMs = ((rank - 300) / 10) * 1_000
      expect(pollAfterMs(pace, rank, 0)).toBeLessThanOrEqual(Math.max(500, untilWindowMs / 2))
    }
  })
  it('is half the time until the turn inside of it, between half a second and five', () => {
    expect(pollAfterMs(pace, 39, 0)).toBe(2_000)
    expect(pollAfterMs(pace, 299, 0)).toBe(5_000)
  })
  it('grows with the wait up to 30 s, and is jittered', () => {
    expect(pollAfterMs(pace, 100_000, 0)).toBe(30_000)
    expect(pollAfterMs(pace, 100_000, 0.999)).toBeLessThan(26_000)
    expect(pollAfterMs(pace, 0, 0)).toBe(500)
  })
  it('leaves a buyer present for two polls and 2 s more', () => {
    expect(presentMs(3_000)).toBe(8_000)
  })
})

describe('how often a socket is told its position', () => {
  it('is ten times until its turn, between one second and five', () => {
    expect(tellAfterMs(pace, 9)).toBe(1_000)
    expect(tellAfterMs(pace, 199)).toBe(2_000)
    expect(tellAfterMs(pace, 10_000)).toBe(5_000)
  })
})
