import { describe, expect, it } from 'vitest'
import { pauseMs } from './backoff.ts'
import { readProblem, retryAfterMs } from './problem.ts'
import { aboutSeconds, clock, dateAndTime, spoken } from './words.ts'

describe('words', () => {
  it.each([
    [4, 'a few seconds'],
    [40, 'less than a minute'],
    [62, 'about a minute'],
    [150, 'about 3 minutes'],
    [3_600, 'about an hour'],
    [5_400, 'about 1½ hours'],
    [7_300, 'about 2 hours'],
  ])('say %i seconds as %s', (seconds, words) => expect(aboutSeconds(seconds)).toBe(words))

  it('count down in figures and in words', () => {
    expect(clock(42)).toBe('0:42')
    expect(clock(3_725)).toBe('1:02:05')
    expect(clock(90_061)).toBe('1 day 1:01:01')
    expect(spoken(61)).toBe('1 minute and 1 second')
  })

  it.each([
    ['Asia/Tokyo', '29 December 2026 at 07:26 GMT+9'],
    ['Europe/Berlin', '28 December 2026 at 23:26 CET'],
    ['UTC', '28 December 2026 at 22:26 UTC'],
  ])('tell a time with its zone: %s', (zone, words) => {
    expect(dateAndTime('2026-12-28T22:26:00.000Z', 'en-GB', zone)).toBe(words)
  })
})

describe('what a server wishes', () => {
  it('is read from Retry-After as seconds or as a date', () => {
    expect(retryAfterMs('3', 0)).toBe(3_000)
    expect(retryAfterMs('Thu, 01 Jan 1970 00:00:05 GMT', 1_000)).toBe(4_000)
    expect(retryAfterMs('soon', 0)).toBeUndefined()
  })

  it('survives a proxy whose error page is not ours', () => {
    const problem = readProblem({ status: 502, body: undefined, retryAfter: null, location: null, nowMs: 0 })
    expect(problem).toMatchObject({ code: 'unavailable', status: 502 })
  })

  it('is replaced by growing, jittered pauses when there is none', () => {
    expect([1, 2, 3, 9].map((failures) => pauseMs(failures, 0))).toEqual([500, 1_000, 2_000, 7_500])
    expect(pauseMs(9, 0.999)).toBeLessThanOrEqual(15_000)
  })
})
